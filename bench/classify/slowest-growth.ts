import { compileSignatures } from "../../src/playbook/match-signatures.ts";
import type { Playbook } from "../../src/playbook/playbook.ts";
import { parseTemplate } from "../../src/playbook/template.ts";

const WHOLE_LINE = { messageStart: (_text: string, start: number) => start };

/** Per playbook: how much longer the slowest of its signatures' worst lines takes when it is four times as long. */
export function slowestGrowth(
  playbooks: readonly Playbook[],
): readonly { readonly id: string; readonly growth: number; readonly ms: number }[] {
  return playbooks
    .filter(({ signatures }) => signatures.length > 0)
    .map(({ id, signatures }) => {
      const matcher = compileSignatures(signatures);
      const worst = signatures
        .map(({ message }) => {
          const time = (length: number) =>
            fastestOf(() => matcher.scan(hostileLine(message, length), WHOLE_LINE));
          const ms = time(64 * 1024);
          return { ms, growth: ms / time(16 * 1024) };
        })
        .reduce((a, b) => (b.ms > a.ms ? b : a));
      return { id, ...worst };
    });
}

/** Begins as the message does, then repeats what comes next but for its last character, so that nothing is ever found. */
function hostileLine(message: string, length: number): string {
  const [first = "", second = first] = parseTemplate(message).literals;
  const almost = second.slice(0, -1) || "x";
  return (first + almost.repeat(Math.ceil(length / almost.length))).slice(0, length);
}

function fastestOf(run: () => unknown): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    run();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}
