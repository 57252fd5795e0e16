import type { ParserInput } from "../../parser.ts";
import { configFiles } from "./config-files.ts";
import { shellWords } from "./shell-words.ts";

/**
 * What `Environment=` lines of unit files and their drop-ins set, by service: drop-ins win over the file they change.
 * Source: systemd.exec(5).
 */
export function unitEnvironments(input: ParserInput): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const environments = new Map<string, Map<string, string>>();
  const isDropIn = (path: string) => path.includes(".service.d/");
  const files = configFiles(input).toSorted((a, b) => Number(isDropIn(a.path)) - Number(isDropIn(b.path)));
  for (const { path, text } of files) {
    const unit = unitOfFile(path);
    if (unit === undefined) continue;
    const variables = environments.get(unit) ?? new Map<string, string>();
    environments.set(unit, variables);
    for (const [name, value] of assignmentsOf(text)) variables.set(name, value);
  }
  return environments;
}

/** `…/app.service`, `…/app.service.d/port.conf`. */
function unitOfFile(path: string): string | undefined {
  const part = path.split("/").find((name) => name.endsWith(".service") || name.endsWith(".service.d"));
  return part?.replace(/\.d$/, "");
}

/** `Environment="PORT=3000" HOST=127.0.0.1`. */
function assignmentsOf(text: string): [string, string][] {
  return text.split("\n").flatMap((raw) => {
    const line = raw.trim();
    if (!line.startsWith("Environment=")) return [];
    return shellWords(line.slice("Environment=".length)).flatMap((word): [string, string][] => {
      const equals = word.indexOf("=");
      return equals > 0 ? [[word.slice(0, equals), word.slice(equals + 1)]] : [];
    });
  });
}
