import type { Look, Plan } from "../plan/plan.ts";
import type { ProbeOutcome, ProbeResult } from "../playbook/probe-result.ts";
import { FACTS, makeFrameScript } from "./frame-script.ts";
import { createFrameParser, type Frame } from "./frames.ts";
import { groupTwins } from "./group-twins.ts";
import { type HostFacts, parseHostFacts } from "./host-facts.ts";
import type { OnProgress } from "./progress.ts";
import { type ReadFrame, readFrame } from "./read-frame.ts";
import type { Redact } from "./redact.ts";
import type { ScriptEnd, ShellConnection } from "./shell.ts";

/** Output of one host and round, all looks together; what comes after it is not read. */
const MAX_HOST_BYTES = 512 * 1024;
/** Marks, headers and states. */
const FRAMING_BYTES = 64 * 1024;
const MAX_ROUND_MS = 20_000;

/** What one round on one host brought. */
export interface PlanRun {
  readonly results: readonly ProbeResult[];
  /** Why there will be no more from this connection; undefined when it is still good. */
  readonly lost?: string;
  /** Their clock minus ours. */
  readonly clockSkewMs?: number;
  readonly utcOffsetMinutes?: number;
}

function whyNoFrame(end: ScriptEnd): string {
  switch (end.kind) {
    case "closed":
      return "the script ended without this look's frame";
    case "deadline":
      return "the deadline struck first";
    case "too-much-output":
      return `the host printed more than ${MAX_HOST_BYTES / 1024} KiB`;
    case "lost":
      return end.reason;
    case "aborted":
      return "the diagnosis was stopped";
  }
}

/**
 * Runs the looks of one plan as one script over one connection. Never throws for a broken host; every look gets a
 * result, in the plan's order, after the facts.
 */
export async function runPlan(
  connection: ShellConnection,
  plan: Plan,
  options: {
    /** Epoch ms. */
    readonly now: () => number;
    readonly random: (bytes: number) => Buffer;
    readonly onProgress: OnProgress;
    /** For what takes longer than a look may. */
    readonly maxRoundMs?: number;
    readonly redact?: Redact;
    readonly signal?: AbortSignal;
  },
): Promise<PlanRun> {
  const { host, round, looks } = plan;
  const { now, onProgress, redact, signal, maxRoundMs = MAX_ROUND_MS } = options;
  const longestMs = looks.reduce((longest, look) => Math.max(longest, look.timeoutMs), 1000);
  const deadlineMs = Math.min(maxRoundMs, longestMs + 1000 + 2 * connection.rttMs + 500);
  const mark = options.random(16).toString("hex");
  const groups = groupTwins(looks);
  const asked = groups.map(([look]) => look);
  const script = makeFrameScript(asked, { mark, limitSeconds: deadlineMs / 1000 + 1 });

  onProgress({ kind: "looking", host, round, looks: looks.map(({ id }) => id) });
  const parser = createFrameParser(mark, { maxBodyBytes: MAX_HOST_BYTES });
  const frames = new Map<string, Frame>();
  const reads = new Map<string, ReadFrame>();
  let told: ReturnType<typeof readFacts> | undefined;
  let factsAt = now();
  const read = (look: Look, frame: Frame, facts: HostFacts) =>
    readFrame(look, frame.body, {
      facts,
      nowMs: facts.epochMs ?? now(),
      ...(redact === undefined ? {} : { redact }),
    });
  const end = await connection.runScript(script, {
    deadlineMs,
    maxBytes: MAX_HOST_BYTES + FRAMING_BYTES,
    ...(signal === undefined ? {} : { signal }),
    onBytes(chunk) {
      for (const frame of parser.push(chunk)) {
        if (frames.has(frame.id)) continue;
        frames.set(frame.id, frame);
        if (frame.id === FACTS) {
          factsAt = now();
          told = readFacts(frame);
          continue;
        }
        const twins = groups[Number(frame.id)];
        if (twins === undefined) continue;
        for (const { id } of twins) onProgress({ kind: "looked", host, round, look: id, ok: true });
        // while the host still works on the others
        if (told !== undefined) reads.set(frame.id, read(twins[0], frame, told.facts));
      }
      return parser.ended;
    },
  });

  const { facts, text: factsText } = told ?? { facts: UNKNOWN, text: "" };
  const none: ProbeOutcome = { kind: "no-answer", reason: whyNoFrame(end) };
  const frameIds = new Map(groups.flatMap((twins, index) => twins.map((look) => [look, String(index)])));
  const results = looks.map((look): ProbeResult => {
    const frame = frames.get(frameIds.get(look) ?? "");
    if (frame === undefined) onProgress({ kind: "looked", host, round, look: look.id, ok: false });
    const { probe, id, params } = look;
    const answer =
      frame === undefined
        ? { outcome: none, output: "", truncated: false }
        : (reads.get(frame.id) ?? read(look, frame, facts));
    return { probe, id, host, round, params, ...answer };
  });
  const factsResult: ProbeResult = {
    probe: "host.facts",
    id: "host.facts",
    host,
    round,
    params: {},
    outcome: told === undefined ? none : { kind: "exited", exitCode: 0 },
    output: factsText,
    truncated: false,
  };

  const lost = end.kind === "lost" || end.kind === "too-much-output" ? whyNoFrame(end) : undefined;
  return {
    results: [factsResult, ...results],
    ...(lost === undefined ? {} : { lost }),
    ...(told === undefined ? {} : { utcOffsetMinutes: facts.utcOffsetMinutes }),
    ...(facts.epochMs === undefined
      ? {}
      : { clockSkewMs: Math.round(facts.epochMs - (factsAt - connection.rttMs / 2)) }),
  };
}

/** The look that the facts frame is read as: it has no words to be wrong about. */
const FACTS_LOOK = {
  id: "host.facts",
  probe: "host.facts",
  params: {},
  action: { kind: "run", argv: [] },
  as: "self",
  timeoutMs: 1000,
  maxBytes: 16_384,
} as const;

const UNKNOWN: HostFacts = { utcOffsetMinutes: 0, isRoot: false };

function readFacts(frame: Frame): { readonly facts: HostFacts; readonly text: string } {
  const { output } = readFrame(FACTS_LOOK, frame.body, { facts: UNKNOWN, nowMs: 0 });
  return { facts: parseHostFacts(output), text: output };
}
