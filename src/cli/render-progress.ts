import { styleText } from "node:util";
import type { ProgressEvent } from "../collect/progress.ts";
import type { HostProgress, ProgressState } from "../report/progress-state.ts";
import { escapeForTerminal, type TerminalStyle } from "../report/terminal-text.ts";
import { displayWidth, shortenText } from "../report/wrap-text.ts";

/** A look that has not answered for this long is named: it is what everybody waits for. */
const SLOW_MS = 700;

/** One line a host and one for the public URL, none wider than the terminal. */
export function renderProgress(state: ProgressState, style: TerminalStyle, nowMs: number): string {
  const clean = (text: string) => escapeForTerminal(text.replace(/[\n\t]+/g, " "), style);
  const named = [
    ...state.hosts.map((host) => ({
      name: clean(host.host),
      says: clean(sayHost(host, nowMs)),
      isBad: hasEnded(host),
    })),
    ...(state.samples
      ? [{ name: "public URL", says: saySamples(state.samples.statuses), isBad: false }]
      : []),
  ];
  const nameWidth = Math.min(
    Math.floor(style.width / 3),
    Math.max(0, ...named.map(({ name }) => displayWidth(name))),
  );
  // The last column stays free: some terminals wrap when it is written.
  const room = style.width - 1;
  return named
    .map(({ name, says, isBad }) => {
      const shown = shortenText(name, nameWidth, style);
      const lead = `  ${shown}${" ".repeat(nameWidth - displayWidth(shown))}  `;
      const rest = shortenText(says, room - displayWidth(lead), style);
      return (
        lead + (style.colours ? styleText(isBad ? "yellow" : "dim", rest, { validateStream: false }) : rest)
      );
    })
    .join("\n");
}

/** One event as a plain line, for logs and `--verbose`. */
export function sayEvent(event: ProgressEvent): string {
  switch (event.kind) {
    case "connecting":
      return `${event.host}: connecting`;
    case "connected":
      return `${event.host}: connected in ${Math.round(event.ms)} ms`;
    case "unreachable":
      return `${event.host}: not reached: ${event.failure.reason} ${event.failure.hint}`;
    case "looking":
      return `${event.host}: round ${event.round}, ${event.looks.length} looks`;
    case "looked":
      return `${event.host}: ${event.look} ${event.ok ? "done" : "gave no answer"}`;
    case "lost":
      return `${event.host}: connection lost: ${event.reason}`;
    case "sampled":
      return `${event.url}: ${sayStatus(event.status)}`;
    case "classifying":
      return "weighing what was seen";
  }
}

function sayHost({ state, why = "", done, total, pending }: HostProgress, nowMs: number): string {
  switch (state) {
    case "connecting":
      return "connecting";
    case "unreachable":
      return `not reached: ${why}`;
    case "lost":
      return `lost at ${done}/${total}: ${why}`;
    case "looking": {
      const slow = pending
        .filter(({ sinceMs }) => nowMs - sinceMs >= SLOW_MS)
        .map(({ look }) => nameOf(look));
      return `looked ${done}/${total}${slow.length > 0 ? `, waits for ${slow.join(", ")}` : ""}`;
    }
  }
}

function saySamples(statuses: readonly (number | null)[]): string {
  const counts = Map.groupBy(statuses, sayStatus);
  return [...counts]
    .map(([status, { length }]) => (length > 1 ? `${status} (${length} times)` : status))
    .join(", ");
}

function sayStatus(status: number | null): string {
  return status === null ? "no answer" : `answered ${status}`;
}

/** `<playbook>.<probe>`: the probe says what is waited for. */
function nameOf(look: string): string {
  return look.slice(look.indexOf(".") + 1);
}

function hasEnded({ state }: HostProgress): boolean {
  return state === "unreachable" || state === "lost";
}
