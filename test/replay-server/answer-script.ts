import type { Evidence } from "../../src/collect/evidence.ts";
import { FACTS, makeFrameScript } from "../../src/collect/frame-script.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { Look } from "../../src/plan/plan.ts";
import type { Playbook } from "../../src/playbook/playbook.ts";
import type { ProbeResult } from "../../src/playbook/probe-result.ts";
import { makeTarget } from "../../src/topology/make-target.ts";

const FACTS_ID = "host.facts";

/** What one recorded host says to the script of round 1, then to that of round 2: the frames a real shell prints. */
export type AnswerScript = (script: string) => string;

/**
 * A look is known by the shell words it becomes, so the recording answers whatever order and numbers a plan has;
 * what was never recorded is not on this host.
 */
export function createAnswerScript(
  evidence: Evidence,
  { host, playbooks }: { readonly host: string; readonly playbooks: readonly Playbook[] },
): AnswerScript {
  const recorded = new Map(
    evidence.results
      .filter((result) => result.host === host)
      .map((result) => [`${result.round} ${result.id}`, result]),
  );
  // several products may ask the same of a host: the first answer is that of all
  const answers = new Map<string, ProbeResult | undefined>();
  for (const { round, look } of plannedLooks(evidence, { host, playbooks })) {
    const [call] = callsOf(makeFrameScript([look], { mark: "0".repeat(32), limitSeconds: 1 }));
    const key = `${round} ${call}`;
    if (!answers.has(key)) answers.set(key, recorded.get(`${round} ${look.id}`));
  }

  let round = 0;
  return (script) => {
    round++;
    const mark = /^M=([0-9a-f]{32}) /m.exec(script)?.[1];
    if (mark === undefined) throw new Error("the script has no mark");
    const bodies = callsOf(script).map(
      (call, n) => [String(n), bodyOf(answers.get(`${round} ${call}`))] as const,
    );
    const facts = recorded.get(`${round} ${FACTS_ID}`) ?? recorded.get(`1 ${FACTS_ID}`);
    const frames = [[FACTS, bodyOf(facts)] as const, ...bodies].flatMap(([id, body]) =>
      body === undefined ? [] : `${mark} ${id} ${Buffer.byteLength(body)}\n${body}\n`,
    );
    return `${frames.join("")}${mark} end\n`;
  };
}

function plannedLooks(
  evidence: Evidence,
  { host, playbooks }: { readonly host: string; readonly playbooks: readonly Playbook[] },
): { readonly round: 1 | 2; readonly look: Look }[] {
  const { request, visits } = evidence;
  const results = evidence.results.filter(({ round }) => round === 1);
  const target = makeTarget({ request, results, visits, playbooks });
  const plans = [
    ...makePlan({ playbooks, request, round: 1 }).plans,
    ...makePlan({ playbooks, request, round: 2, target }).plans,
  ];
  return plans
    .filter((plan) => plan.host === host)
    .flatMap(({ round, looks }) => looks.map((look) => ({ round, look })));
}

/** The calls of a script in order, without their numbers. */
function callsOf(script: string): string[] {
  const start = `\n${FACTS} |\n`;
  const from = script.indexOf(start);
  const to = script.lastIndexOf("\n:\n}\n");
  if (from < 0 || to < from) throw new Error("the script has no list of looks");
  return script
    .slice(from + start.length, to + 1)
    .split(" |\n")
    .slice(0, -1)
    .map((call) => call.replace(/^(\{ running) \d+ /, "$1 # "))
    .map((call) =>
      call.replace(
        /^((?:\{ running # (?:-e \S+ )+&& )?(?:INPUT=[\s\S]* )?(?:run_\w+|files|log)) \d+ /,
        "$1 # ",
      ),
    );
}

/** Output and state as the script's own functions put them together; undefined: no frame. */
function bodyOf(result: ProbeResult | undefined): string | undefined {
  if (result === undefined) return "\nmissing";
  const { outcome, output } = result;
  switch (outcome.kind) {
    case "exited":
      return `${output}\n${outcome.exitCode}`;
    case "timed-out":
      return `${output}\n124`;
    case "missing":
      return `${output}\nmissing`;
    case "denied":
      return `${output}\ndenied -`;
    case "no-answer":
      return undefined;
  }
}
