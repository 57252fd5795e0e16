import { join } from "node:path";
import { resolvePath } from "./resolve-path.ts";

/**
 * Where the bot keeps its records: `DIAGNOSE502_STATE`, else what systemd's `StateDirectory=` made, else the user's own. Absolute.
 * Source: systemd.exec(5), `STATE_DIRECTORY` (several are joined by colons).
 */
export function stateDirectoryOf(surroundings: {
  readonly home: string;
  readonly workingDirectory: string;
  variable(name: string): string | undefined;
}): string {
  const { home, workingDirectory, variable } = surroundings;
  const named = variable("DIAGNOSE502_STATE");
  if (named !== undefined) return resolvePath(named, { home, directory: workingDirectory });
  const [given] = variable("STATE_DIRECTORY")?.split(":") ?? [];
  return given || join(home, ".local/state/diagnose502");
}
