import { everyLook, scriptOf, VALUES } from "./test-wrapper.ts";

/** Stands for a value; no word of ours holds it. */
const HOLE = "\u0001";
const HOLES = Object.fromEntries(Object.keys(VALUES).map((name) => [name, HOLE]));
const LOG_DIRECTORIES = ["/var/", "/srv/", "/opt/", "/home/", "/usr/local/", "/data/", "/app/", "/run/"];
const FACTS = "facts |\n";

/** The lines of all looks, as a shell reads them: by turns what stands outside single quotes, and what stands within. */
const KNOWN: readonly (readonly string[])[] = everyLook(HOLES, { unit: HOLE, key: HOLE }).map((look) => {
  const script = scriptOf([look]);
  const [line = ""] = script.slice(script.lastIndexOf(FACTS) + FACTS.length).split("\n");
  return readWords(line);
});

/**
 * Whether a shell would read this line as a look of the bot's: the same words in the same places, other values where values belong,
 * and those lead nowhere else. Said apart from the wrapper, which matches the text of the line.
 */
export function isLookLine(line: string): boolean {
  const words = readWords(line);
  const [verb = "", first = ""] = words;
  return (
    (!verb.startsWith("log ") || isLogPath(first)) &&
    KNOWN.some((known) => known.length === words.length && known.every((one, n) => fits(one, words[n] ?? "")))
  );
}

function readWords(line: string): readonly string[] {
  // the place of a look in its script is its number
  return line
    .split("'")
    .map((part, n) =>
      n % 2 === 0
        ? part.replaceAll(/\b(run_self|run_root|run_prefer_root|files|log|running) \d+ /g, "$1 0 ")
        : part,
    );
}

function fits(known: string, word: string): boolean {
  const pieces = known.split(HOLE);
  if (pieces.length === 1) return known === word;
  const last = pieces.at(-1) ?? "";
  let at = 0;
  for (const [n, piece] of pieces.slice(0, -1).entries()) {
    const found = word.indexOf(piece, at);
    if (found < 0 || (n === 0 && found > 0)) return false;
    at = found + piece.length;
  }
  return word.length >= at + last.length && word.endsWith(last) && !word.includes("..");
}

/** Whether the value of a look at a log leads to one. */
function isLogPath(path: string): boolean {
  return LOG_DIRECTORIES.some((directory) => path.startsWith(directory)) && !path.includes("/.");
}
