/** Takes one of the tokens of `name`, when there is one. */
export type RateLimit = (name: string) => boolean;

/** A token bucket for each name, refilled with time. */
export function createRateLimit(options: {
  readonly perSecond: number;
  readonly burst: number;
  readonly now: () => number;
}): RateLimit {
  const { perSecond, burst, now } = options;
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (name) => {
    const at = now();
    const bucket = buckets.get(name) ?? { tokens: burst, at };
    // a clock that was set back gives nothing and takes nothing
    const passedMs = Math.max(0, at - bucket.at);
    const tokens = Math.min(burst, bucket.tokens + (passedMs / 1000) * perSecond);
    const isFree = tokens >= 1;
    buckets.set(name, { tokens: isFree ? tokens - 1 : tokens, at });
    return isFree;
  };
}
