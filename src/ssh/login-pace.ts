/**
 * Logins that compute at the same time. Each takes our one thread for some milliseconds, in a few bursts; a click that comes meanwhile waits
 * for as many bursts as answers can arrive together.
 */
const AT_ONCE = 8;
/** A place is given to the next after so long, and whoever had it goes on: far and silent hosts must not hold up the others. */
const PLACE_MS = 100;

/** A place among the logins that compute. */
interface Place {
  /** Resolves when it is one's turn; at once where nobody has to wait. */
  readonly turn: Promise<void>;
  /** Harmless more than once, and before the turn has come. */
  leave(): void;
}

export interface LoginPace {
  enter(): Place;
}

/** A few logins at a time, in the order they came. Costs no timer while nobody waits. */
export function createLoginPace(): LoginPace {
  const inside = new Set<() => void>();
  const waiting = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;

  function admit(): void {
    for (const begin of waiting) {
      if (inside.size >= AT_ONCE) break;
      waiting.delete(begin);
      inside.add(begin);
      begin();
    }
    if (waiting.size === 0) {
      clearTimeout(timer);
      timer = undefined;
      return;
    }
    if (timer !== undefined) return;
    const seated = [...inside];
    timer = setTimeout(() => {
      timer = undefined;
      for (const begin of seated) inside.delete(begin);
      admit();
    }, PLACE_MS);
  }

  return {
    enter() {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      admit();
      return {
        turn: promise,
        leave() {
          waiting.delete(resolve);
          inside.delete(resolve);
          admit();
        },
      };
    },
  };
}
