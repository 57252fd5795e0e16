/** More than this is no drift: somebody set the wall clock, or the machine slept. */
const SET_MS = 30_000;

/** The two clocks of a process, ms. */
export interface Clocks {
  /** What rows are stamped with. It may be set at any time, and differ from that of another machine. */
  readonly now: () => number;
  /** It only goes on, and says nothing to another process. */
  readonly steady: () => number;
}

/** Begins to watch. Called later, it gives by how much the wall clock has been set since, ms; 0 when it was not. */
export function watchClock({ now, steady }: Clocks): () => number {
  const before = now() - steady();
  return () => {
    const setMs = now() - steady() - before;
    return Math.abs(setMs) > SET_MS ? setMs : 0;
  };
}

/** Whether this moment is one that the wall clock has not come to: it was set back since, or another machine's is ahead. */
export function isAhead(at: string, nowMs: number): boolean {
  return Date.parse(at) - nowMs > SET_MS;
}
