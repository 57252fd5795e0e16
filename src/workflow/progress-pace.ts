import type { Surface } from "./surface.ts";

/** All messages of a surface together take one such edit in so many times the pace of one message. */
const SHARE = 1.5;
/** So many are drawn at once after a quiet time. */
const AT_ONCE = 5;
const MAX_PUT_OFF_MS = 60_000;

type Paced = Pick<Surface, "editEveryMs">;

/** When edits may be made that only show how far looks are. All messages of a surface share them, so that enough is left for news. */
export interface ProgressPace {
  /** The time of the next one, ms; nobody else gets it. */
  reserve(surface: Paced): number;
  /** Nothing is drawn at that time after all: somebody else may. */
  giveBack(surface: Paced, at: number): void;
  /** The platform took none, and said for how long. */
  putOff(surface: Paced, ms: number): void;
}

export function createProgressPace({ now }: { readonly now: () => number }): ProgressPace {
  const nextAt = new Map<Paced, number>();
  const free = new Map<Paced, readonly number[]>();
  return {
    reserve(surface) {
      const [first, ...others] = (free.get(surface) ?? []).filter((at) => at > now()).sort((a, b) => a - b);
      free.set(surface, others);
      if (first !== undefined) return first;
      const everyMs = SHARE * surface.editEveryMs;
      const at = Math.max(nextAt.get(surface) ?? 0, now() - (AT_ONCE - 1) * everyMs);
      nextAt.set(surface, at + everyMs);
      return at;
    },
    giveBack(surface, at) {
      if (at > now()) free.set(surface, [...(free.get(surface) ?? []), at]);
    },
    putOff(surface, ms) {
      free.delete(surface);
      nextAt.set(surface, Math.max(nextAt.get(surface) ?? 0, now() + Math.min(ms, MAX_PUT_OFF_MS)));
    },
  };
}
