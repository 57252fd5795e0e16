import type { Look } from "../plan/plan.ts";
import type { ProbeOutcome } from "../playbook/probe-result.ts";
import { programOf } from "../playbook/program-of.ts";
import { cleanText, withoutCutWord } from "./clean-text.ts";
import type { HostFacts } from "./host-facts.ts";
import { windowOfLog } from "./log-window.ts";
import { missingRight } from "./missing-right.ts";
import { type Redact, redact } from "./redact.ts";

const NEWLINE = 10;
/** Lines of a log; longer ones are attacks or dumps. */
const MAX_LOG_LINE = 4096;
/** Lines of everything else: one JSON document may be one line. */
const MAX_OTHER_LINE = 262_144;

/** Exit statuses of a look that was stopped: by timeout, by KILL, and by TERM where timeout is BusyBox's. */
const KILLED = new Set([124, 137, 143]);

/** What a look's frame says, ready to be kept. */
export interface ReadFrame {
  readonly outcome: ProbeOutcome;
  readonly output: string;
  readonly truncated: boolean;
}

function whatIsMissing({ action }: Look): string {
  switch (action.kind) {
    case "run":
      return programOf(action.argv);
    case "files":
      return action.globs.join(" ");
    case "log":
      return action.path;
  }
}

/** Programs that found out themselves that they may not. */
function saysDenied(output: string): boolean {
  const tail = output.slice(-400);
  return (
    tail.includes("Permission denied") ||
    tail.includes("Operation not permitted") ||
    tail.includes("insufficient permissions")
  );
}

/** Files that sudo printed come whole: only the wanted lines of them are kept. */
function onlyWanted(output: string, only: readonly string[]): string {
  const isWanted = (line: string) =>
    line.startsWith("# file ") || line.startsWith("# denied ") || only.some((text) => line.includes(text));
  return output
    .split("\n")
    .filter(isWanted)
    .map((line) => `${line}\n`)
    .join("");
}

function outcomeOf(look: Look, state: string, output: string, facts: HostFacts): ProbeOutcome {
  if (state.startsWith("denied ")) return { kind: "denied", need: missingRight(look, state, facts.user) };
  if (state === "missing") return { kind: "missing", what: whatIsMissing(look) };
  if (state === "irregular") {
    return {
      kind: "missing",
      what: `${whatIsMissing(look)} is not a regular file, or leads where a log must not`,
    };
  }
  if (!/^[0-9]{1,3}$/.test(state)) return { kind: "no-answer", reason: "its frame has no exit status" };
  const exitCode = Number(state);
  if (KILLED.has(exitCode)) return { kind: "timed-out", timeoutMs: look.timeoutMs };
  if (exitCode === 127) return { kind: "missing", what: whatIsMissing(look) };
  if (exitCode !== 0 && look.as !== "self" && !facts.isRoot && saysDenied(output)) {
    return { kind: "denied", need: missingRight(look, "denied -", facts.user) };
  }
  return { kind: "exited", exitCode };
}

/** The output with the line that was cut off at an end removed. */
function withoutCutLine(look: Look, output: string): string {
  if (look.action.kind === "log") return output.slice(output.indexOf("\n") + 1);
  const end = output.lastIndexOf("\n");
  // a document of one line is worth more cut than gone
  return end < 0 ? withoutCutWord(output) : output.slice(0, end + 1);
}

/**
 * One frame's body → outcome and output: cut line dropped, cleaned, cut to the log's window, redacted, in this order.
 * `nowMs`: the host's own clock. `redact`: the usual one unless told.
 */
export function readFrame(
  look: Look,
  body: Buffer,
  options: { readonly facts: HostFacts; readonly nowMs: number; readonly redact?: Redact },
): ReadFrame {
  const { facts, nowMs } = options;
  const lastLine = body.lastIndexOf(NEWLINE);
  const state = body.toString("latin1", lastLine + 1);
  let bytes = lastLine < 0 ? Buffer.alloc(0) : body.subarray(0, lastLine);
  // the shell strips newlines from the end of what it captures, so a full look may be a little shorter
  const truncated = bytes.length >= look.maxBytes - 1;
  if (bytes.length > look.maxBytes) bytes = bytes.subarray(0, look.maxBytes);

  const isLog = look.action.kind === "log";
  let output = cleanText(bytes, { maxLineLength: isLog ? MAX_LOG_LINE : MAX_OTHER_LINE });
  if (truncated) output = withoutCutLine(look, output);
  // some shells say so themselves when a child of theirs is killed
  if (KILLED.has(Number(state))) output = output.replace(/(?:Killed|Terminated)\n$/, "");
  if (look.action.kind === "files" && look.action.only !== undefined && look.action.only.length > 0) {
    output = onlyWanted(output, look.action.only);
  }
  if (look.action.kind === "log") {
    const { timestamps, windowSeconds } = look.action;
    const { utcOffsetMinutes } = facts;
    output = windowOfLog(output, {
      timestamps,
      fromMs: nowMs - windowSeconds * 1000,
      nowMs,
      utcOffsetMinutes,
    });
  }
  return {
    outcome: outcomeOf(look, state, output, facts),
    output: (options.redact ?? redact)(output),
    truncated,
  };
}
