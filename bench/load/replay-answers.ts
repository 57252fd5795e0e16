import type { Evidence } from "../../src/collect/evidence.ts";
import type { Playbook } from "../../src/playbook/playbook.ts";
import { type AnswerScript, createAnswerScript } from "../../test/replay-server/answer-script.ts";

/** What differs each time a script is sent. */
const MARK = /^M=([0-9a-f]{32}) LIMIT=\d+$/m;

/**
 * A recorded host that is looked at again and again, and by many at once: what it says to a script is worked out once. `AnswerScript` itself
 * answers one diagnosis.
 */
export function createReplayAnswers(
  evidence: Evidence,
  given: { readonly host: string; readonly playbooks: readonly Playbook[] },
): AnswerScript {
  const known = new Map<string, string>();
  let first: string | undefined;

  return (script) => {
    const mark = MARK.exec(script)?.[1];
    // not a look: this host knows nothing of it
    if (mark === undefined) return "";
    const bare = script.replace(MARK, "");
    let said = known.get(bare);
    if (said === undefined) {
      const answer = createAnswerScript(evidence, given);
      // each diagnosis begins with the same script
      if (first === undefined) first = script;
      else answer(first);
      said = answer(script).replaceAll(mark, "@mark@");
      known.set(bare, said);
    }
    return said.replaceAll("@mark@", mark);
  };
}

/** The same site at another address: `listen` of its proxy included. */
export function moveTo(port: number, evidence: Evidence): Evidence {
  const move = (text: string) =>
    text.replaceAll("shop.test", "localhost").replaceAll(/(listen |:)80(?=[;\s])/g, `$1${port}`);
  const { request, results } = evidence;
  return {
    ...evidence,
    request: { ...request, site: "localhost", url: `http://localhost:${port}/` },
    results: results.map((result) => ({ ...result, output: move(result.output) })),
  };
}
