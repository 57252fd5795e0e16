import type { ProgressEvent } from "../collect/progress.ts";
import { addProgress, NO_PROGRESS, type ProgressState } from "../report/progress-state.ts";

/** How far the looks of each incident are, in this process. It is not stored: after a crash the looks start over. */
export interface ProgressBoard {
  begin(incident: number): void;
  add(incident: number, event: ProgressEvent): void;
  /** So many looks have their verdict; of the last one nothing but the offer is still to come. */
  answer(incident: number, looks: number): void;
  end(incident: number): void;
  /** Undefined while nothing runs here, and once there is a verdict. */
  of(incident: number): ProgressState | undefined;
  /** How many looks are known here to have their verdict. */
  answered(incident: number): number;
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
  const answered = new Map<number, number>();
  return {
    begin(incident) {
      states.set(incident, NO_PROGRESS);
      answered.delete(incident);
    },
    add(incident, event) {
      const state = states.get(incident);
      if (state === undefined) return;
      states.set(incident, addProgress(state, event, now()));
      onChange(incident);
    },
    answer(incident, looks) {
      states.delete(incident);
      answered.set(incident, looks);
    },
    end(incident) {
      states.delete(incident);
    },
    of: (incident) => states.get(incident),
    answered: (incident) => answered.get(incident) ?? 0,
  };
}
