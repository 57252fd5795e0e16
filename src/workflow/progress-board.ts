import type { ProgressEvent } from "../collect/progress.ts";
import { addProgress, NO_PROGRESS, type ProgressState } from "../report/progress-state.ts";

/** How far the looks of each incident are, in this process. It is not stored: after a crash the looks start over. */
export interface ProgressBoard {
  begin(incident: number): void;
  add(incident: number, event: ProgressEvent): void;
  end(incident: number): void;
  /** Undefined while nothing runs here. */
  of(incident: number): ProgressState | undefined;
}

/** `onChange` is told after each event. */
export function createProgressBoard({
  now,
  onChange,
}: {
  readonly now: () => number;
  readonly onChange: (incident: number) => void;
}): ProgressBoard {
  const states = new Map<number, ProgressState>();
  return {
    begin(incident) {
      states.set(incident, NO_PROGRESS);
    },
    add(incident, event) {
      const state = states.get(incident);
      if (state === undefined) return;
      states.set(incident, addProgress(state, event, now()));
      onChange(incident);
    },
    end(incident) {
      states.delete(incident);
    },
    of: (incident) => states.get(incident),
  };
}
