import { makeFrameScript } from "../../collect/frame-script.ts";
import { quoteWord } from "../../collect/quote-word.ts";
import { makeLook } from "../../plan/make-look.ts";
import type { Look } from "../../plan/plan.ts";
import { DOMAINS, type Playbook } from "../../playbook/playbook.ts";
import { lookOf } from "../manager.ts";
import { identityWords } from "../read-identity.ts";
import { ASK_BOUNDS, HELPER_PATH, RESTART_BOUNDS } from "../restart-words.ts";
import { makeUnitLooks } from "../systemd/read-systemd.ts";

/** Stands for a value that is known only when the look is made. No word of ours holds it. */
const HOLE = "\u0001";

/** One line of a script: what a shell's `case` matches it by, and how many quotes it must hold, so that no hole holds one. */
export interface LinePattern {
  readonly pattern: string;
  readonly quotes: number;
}

/** The lines around those of the looks, which never change but for mark and limit. */
export interface ScriptFrame {
  readonly beforeMark: readonly string[];
  readonly beforeLooks: readonly string[];
  readonly afterLooks: readonly string[];
}

/** What every script consists of, by the very function that writes them. */
export function makeScriptFrame(): ScriptFrame {
  const { beforeMark, beforeLooks, afterLooks } = partScript([]);
  return { beforeMark, beforeLooks, afterLooks };
}

/** Every look that diagnosing and restarting may send, as patterns of its line. `windowSeconds` as plans have it. */
export function listLookPatterns(
  playbooks: readonly Playbook[],
  { windowSeconds }: { readonly windowSeconds: number },
): readonly LinePattern[] {
  const ofPlaybooks = playbooks.flatMap(({ probes }) =>
    Object.entries(probes).map(([id, probe]): Look => {
      const params = Object.fromEntries(DOMAINS[probe.each].map((param) => [param, HOLE]));
      return { ...makeLook(id, probe, { params, windowSeconds }), id };
    }),
  );
  const helper = [["sudo", "-n", HELPER_PATH], [HELPER_PATH]];
  const ofRestarts = helper.flatMap((words) => [
    sent([...words, HOLE, HOLE, HOLE], RESTART_BOUNDS),
    sent([...words, HOLE, HOLE, HOLE, "reset-budget"], RESTART_BOUNDS),
    sent([...words, "status", HOLE, HOLE], ASK_BOUNDS),
    sent([...words, "forget", HOLE, HOLE]),
  ]);
  const looks = [...ofPlaybooks, ...makeUnitLooks(HOLE), sent(identityWords(HOLE)), ...ofRestarts];
  const patterns = looks.flatMap((look) => partScript([look]).ofLooks.map(patternOf));
  const distinct = [...new Map(patterns.map((one) => [one.pattern, one])).values()];
  // a line never matches a pattern of more quotes; the first that matches is then the one that was meant
  return distinct.toSorted((a, b) => b.quotes - a.quotes);
}

/** What a look is called is not sent. */
function sent(argv: readonly string[], bounds?: Parameters<typeof lookOf>[2]): Look {
  return lookOf("sent", argv, bounds);
}

/** The lines of a script, parted where scripts differ: at the mark, and where the looks stand, a line each. */
function partScript(looks: readonly Look[]): ScriptFrame & { readonly ofLooks: readonly string[] } {
  const lines = makeFrameScript(looks, { mark: "", limitSeconds: 1 }).trimEnd().split("\n");
  const mark = lines.findIndex((line) => line.startsWith("M="));
  const from = lines.indexOf("facts |") + 1;
  const to = from + looks.length;
  return {
    beforeMark: lines.slice(0, mark),
    beforeLooks: lines.slice(mark + 1, from),
    ofLooks: lines.slice(from, to),
    afterLooks: lines.slice(to),
  };
}

/** The index of a look stands for its place in the script; a hole takes anything that holds no quote. */
function patternOf(line: string): LinePattern {
  const segments = line.split(HOLE).map((segment) =>
    segment
      .split(/(?<=\b(?:run_self|run_root|run_prefer_root|files|log|running)) 0 /)
      .map(quoteWord)
      .join('" $i "'),
  );
  return { pattern: segments.join("*"), quotes: line.split("'").length - 1 };
}
