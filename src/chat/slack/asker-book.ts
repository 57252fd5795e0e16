import type { Origin } from "./parse-payload.ts";

/** By then its card stands there, or something else is wrong. */
const REMEMBERED_MS = 60_000;

/** Who asked for a site a moment ago, by channel: to be told when its card cannot be shown there. */
export interface AskerBook {
  asked(origin: Origin): void;
  /** Whoever asked last, once. */
  take(channel: string): Origin | undefined;
}

export function createAskerBook({
  now,
}: {
  /** Epoch ms. */
  readonly now: () => number;
}): AskerBook {
  const askers = new Map<string, { readonly origin: Origin; readonly at: number }>();
  const isOver = ({ at }: { readonly at: number }) => now() - at > REMEMBERED_MS;

  return {
    asked(origin) {
      for (const [channel, asker] of askers) if (isOver(asker)) askers.delete(channel);
      askers.set(origin.place.channel, { origin, at: now() });
    },
    take(channel) {
      const asker = askers.get(channel);
      askers.delete(channel);
      return asker === undefined || isOver(asker) ? undefined : asker.origin;
    },
  };
}
