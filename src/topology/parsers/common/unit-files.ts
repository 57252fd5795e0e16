import { createDetector } from "../../detect.ts";
import type { ParserInput } from "../../parser.ts";
import type { UnitState } from "../../target.ts";
import { type ConfigFile, splitFiles } from "./config-file.ts";

/** The services among a host's units that belong to the parser's playbook. */
export function ownServices({ playbook, units }: ParserInput): UnitState[] {
  const detector = createDetector([playbook]);
  return units.filter((unit) => unit.unit.endsWith(".service") && detector.unit(unit) !== undefined);
}

/** All files the looks of the playbook printed. */
export function configFiles({ results }: ParserInput): ConfigFile[] {
  return results
    .filter(({ outcome }) => outcome.kind === "exited")
    .flatMap(({ output }) => splitFiles(output));
}

/** The service a unit file or a drop-in is about: `…/app.service`, `…/app.service.d/port.conf`. */
export function unitOfFile(path: string): string | undefined {
  return path
    .split("/")
    .find((part) => part.endsWith(".service") || part.endsWith(".service.d"))
    ?.replace(/\.d$/, "");
}

/** `Environment="PORT=3000" HOST=127.0.0.1` lines → variables; later lines win. Source: systemd.exec(5). */
export function environmentOf(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (!line.startsWith("Environment=")) continue;
    for (const word of shellWords(line.slice("Environment=".length))) {
      const equals = word.indexOf("=");
      if (equals > 0) variables.set(word.slice(0, equals), word.slice(equals + 1));
    }
  }
  return variables;
}

/** Words parted by blanks; quotes keep blanks and vanish. */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  for (const char of text) {
    if (quote !== "") {
      if (char === quote) quote = "";
      else word += char;
    } else if (char === '"' || char === "'") quote = char;
    else if (char === " " || char === "\t" || char === "\n") {
      if (word !== "") words.push(word);
      word = "";
    } else word += char;
  }
  return word === "" ? words : [...words, word];
}
