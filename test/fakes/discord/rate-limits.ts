import type { Refusal } from "./body-rules.ts";

/** Buckets of routes, as Discord counts them, and refusals on demand. The client library waits in real time, so these count in it too. */
export interface RateLimits {
  /** What is said to wait when everything is refused; seconds. */
  outageS: number;
  /** From now on this many requests a window for each route and channel; off until called. */
  limit(requests: number, windowMs: number): void;
  /** The next requests whose `METHOD /path` holds `part` are refused. */
  refuseNext(part: string, options: { readonly retryAfterMs: number; readonly times?: number }): void;
  take(request: string): {
    readonly headers: Readonly<Record<string, string>>;
    readonly refusal?: Refusal & { readonly body: object };
  };
}

export function createRateLimits(): RateLimits {
  const buckets = new Map<string, { left: number; resetAt: number }>();
  const planned: { part: string; retryAfterMs: number; times: number }[] = [];
  let rule: { requests: number; windowMs: number } | undefined;

  return {
    outageS: 1,
    limit(requests, windowMs) {
      rule = { requests, windowMs };
    },
    refuseNext(part, { retryAfterMs, times = 1 }) {
      planned.push({ part, retryAfterMs, times });
    },
    take(request) {
      const plan = planned.find(({ part, times }) => times > 0 && request.includes(part));
      if (plan !== undefined) {
        plan.times--;
        return { headers: headersOf(5, 0, plan.retryAfterMs, request), refusal: refuse(plan.retryAfterMs) };
      }
      if (rule === undefined) return { headers: {} };
      const key = request.replace(/\/messages\/\d+/, "/messages/:id");
      const now = Date.now();
      let bucket = buckets.get(key);
      if (bucket === undefined || bucket.resetAt <= now) {
        bucket = { left: rule.requests, resetAt: now + rule.windowMs };
        buckets.set(key, bucket);
      }
      const waitMs = bucket.resetAt - now;
      if (bucket.left === 0)
        return { headers: headersOf(rule.requests, 0, waitMs, key), refusal: refuse(waitMs) };
      bucket.left--;
      return { headers: headersOf(rule.requests, bucket.left, waitMs, key) };
    },
  };
}

function headersOf(
  limit: number,
  left: number,
  resetMs: number,
  key: string,
): Readonly<Record<string, string>> {
  const seconds = (resetMs / 1000).toFixed(3);
  const bucket = Buffer.from(key).toString("hex").slice(0, 32);
  return {
    "X-RateLimit-Limit": String(limit),
    "X-RateLimit-Remaining": String(left),
    "X-RateLimit-Reset-After": seconds,
    "X-RateLimit-Bucket": bucket,
    ...(left === 0 ? { "Retry-After": seconds, "X-RateLimit-Scope": "user" } : {}),
  };
}

function refuse(retryMs: number): Refusal & { readonly body: object } {
  const message = "You are being rate limited.";
  return { status: 429, code: 0, message, body: { message, retry_after: retryMs / 1000, global: false } };
}
