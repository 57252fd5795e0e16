import { writeSync } from "node:fs";
import type { RestartLine } from "../../src/workflow/advance-intent.ts";

/** Lines of the restart's path that the runtime itself names. */
const RUNTIME_LINES = [
  "rechecked",
  "claimed",
  "answered",
  "settled",
  "asked",
  "proving",
  "proven",
  "closed",
] as const satisfies readonly RestartLine[];

/** Lines between the runtime and its edges, in the order in which a restart passes them. */
const EDGE_LINES = [
  /** Stored, and not in anybody's run yet. */
  "proposed",
  /** Somebody approved, and it is not stored. */
  "deciding",
  /** It is stored, and the run is not woken. */
  "decided",
  /** Checked, and about to be taken for sending. */
  "claiming",
  /** Logged in on the host, and no word of the command is out. */
  "connected",
  /** The command is in the kernel's buffer of the SSH connection. */
  "written",
  /** The first bytes of the host's answer are here: it works on it. */
  "begun",
  /** Somebody died after sending; the host is about to be asked. */
  "asking",
  /** Half of the proof is stored. */
  "verifying",
  /** The host was told to forget the key. */
  "forgotten",
] as const;

export const LINES = [...RUNTIME_LINES, ...EDGE_LINES];
export type Line = (typeof LINES)[number];

/** Where a process is to die: at this line; when so much time has passed without, at whatever line comes next. */
export interface DeathSentence {
  readonly line: Line;
  readonly graceMs: number;
}

/** Called at each line. It says so and kills its own process where it was told to: no handler and no buffer survives that. */
export function createDeath(sentence: DeathSentence | undefined): (line: Line) => void {
  if (sentence === undefined) return () => undefined;
  // a process starts for long on a busy machine: its time begins at the first line
  let anywhereAt: number | undefined;
  return (line) => {
    anywhereAt ??= performance.now() + sentence.graceMs;
    if (line !== sentence.line && performance.now() < anywhereAt) return;
    writeSync(1, `${JSON.stringify({ kind: "dying", line })}\n`);
    process.kill(process.pid, "SIGKILL");
  };
}
