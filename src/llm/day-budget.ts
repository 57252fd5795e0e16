const DAY_MS = 86_400_000;

/** Counts requests of a day (UTC). Kept in memory: a new start begins anew. */
export interface DayBudget {
  /** False when the day's are used up. */
  take(): boolean;
}

export function createDayBudget({
  perDay,
  now,
}: {
  readonly perDay: number;
  readonly now: () => number;
}): DayBudget {
  let day = Number.NaN;
  let used = 0;
  return {
    take() {
      const today = Math.floor(now() / DAY_MS);
      if (today !== day) {
        day = today;
        used = 0;
      }
      if (used >= perDay) return false;
      used++;
      return true;
    },
  };
}
