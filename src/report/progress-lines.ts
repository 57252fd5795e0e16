import type { ProgressLine } from "./card.ts";
import type { HostProgress, ProgressState } from "./progress-state.ts";

/** How far the looks are, a line a host, for whoever watches a channel. */
export function makeProgressLines({ hosts, samples }: ProgressState): readonly ProgressLine[] {
  return [...(samples === null ? [] : [sampleLine(samples.statuses)]), ...hosts.map(hostLine)];
}

function hostLine({ host, state, why = "", done, total }: HostProgress): ProgressLine {
  switch (state) {
    case "connecting":
      return { host, state, text: "connecting" };
    case "unreachable":
      return { host, state: "failed", text: `not reached: ${why}` };
    case "lost":
      return { host, state: "failed", text: `lost after ${done} of ${total} looks: ${why}` };
    case "looking":
      return { host, state: done < total ? "looking" : "done", text: `${done} of ${total} looks` };
  }
}

function sampleLine(statuses: readonly (number | null)[]): ProgressLine {
  const counts = Map.groupBy(statuses, (status) => (status === null ? "no answer" : `HTTP ${status}`));
  const text = [...counts].map(([status, { length }]) => (length > 1 ? `${status} × ${length}` : status));
  return { host: "public URL", state: "done", text: text.join(", ") };
}
