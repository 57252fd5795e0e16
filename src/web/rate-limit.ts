/** Beyond this many keys the one that was used longest ago is forgotten: strangers choose some of them. */
const MAX_KEYS = 2000;

/** Token buckets, one a key. */
export interface RateLimit {
  /** False when the key has used up what it may. */
  take(key: string): boolean;
}

/** `now`: milliseconds, monotonic. */
export function createRateLimit({
  perSecond,
  burst,
  now,
}: {
  readonly perSecond: number;
  readonly burst: number;
  readonly now: () => number;
}): RateLimit {
  const buckets = new Map<string, { readonly tokens: number; readonly atMs: number }>();

  return {
    take(key) {
      const atMs = now();
      const before = buckets.get(key) ?? { tokens: burst, atMs };
      const tokens = Math.min(burst, before.tokens + ((atMs - before.atMs) / 1000) * perSecond);
      const isAllowed = tokens >= 1;
      // a Map keeps the order of insertion: put back last, the first is the one unused for longest
      buckets.delete(key);
      buckets.set(key, { tokens: isAllowed ? tokens - 1 : tokens, atMs });
      const [oldest] = buckets.keys();
      if (buckets.size > MAX_KEYS && oldest !== undefined) buckets.delete(oldest);
      return isAllowed;
    },
  };
}
