import type { ProgressEvent } from "../collect/progress.ts";

/** How far the visit to one host is. */
export interface HostProgress {
  readonly host: string;
  readonly state: "connecting" | "looking" | "unreachable" | "lost";
  /** Why it ended, for `unreachable` and `lost`. */
  readonly why?: string;
  readonly done: number;
  readonly total: number;
  /** Looks that have not answered yet, and when they began (epoch ms), oldest first. */
  readonly pending: readonly { readonly look: string; readonly sinceMs: number }[];
}

export interface ProgressState {
  readonly hosts: readonly HostProgress[];
  /** Answers of the public URL so far; null where none came. */
  readonly samples: { readonly url: string; readonly statuses: readonly (number | null)[] } | null;
}

export const NO_PROGRESS: ProgressState = { hosts: [], samples: null };

/** The state after one more event. */
export function addProgress(state: ProgressState, event: ProgressEvent, nowMs: number): ProgressState {
  switch (event.kind) {
    case "connecting":
    case "connected":
      return withHost(state, event.host, (host) => host);
    case "unreachable":
      return withHost(state, event.host, (host) => ended(host, "unreachable", event.failure.reason));
    case "lost":
      return withHost(state, event.host, (host) => ended(host, "lost", event.reason));
    case "looking":
      return withHost(state, event.host, (host) => ({
        ...host,
        state: "looking",
        total: host.total + event.looks.length,
        pending: [...host.pending, ...event.looks.map((look) => ({ look, sinceMs: nowMs }))],
      }));
    case "looked":
      return withHost(state, event.host, (host) => ({
        ...host,
        done: host.done + 1,
        pending: host.pending.filter(({ look }) => look !== event.look),
      }));
    case "sampled": {
      const statuses = [...(state.samples?.statuses ?? []), event.status];
      return { ...state, samples: { url: event.url, statuses } };
    }
    case "classifying":
      return state;
  }
}

function withHost(
  state: ProgressState,
  host: string,
  change: (host: HostProgress) => HostProgress,
): ProgressState {
  const isKnown = state.hosts.some((known) => known.host === host);
  const fresh: HostProgress = { host, state: "connecting", done: 0, total: 0, pending: [] };
  const hosts = isKnown ? state.hosts : [...state.hosts, fresh];
  return { ...state, hosts: hosts.map((known) => (known.host === host ? change(known) : known)) };
}

function ended(host: HostProgress, state: "unreachable" | "lost", why: string): HostProgress {
  return { ...host, state, why, pending: [] };
}
