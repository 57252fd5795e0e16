/** Calls a minute by method; what is not listed is unlimited here. Source: Slack, "Rate limits". */
const PER_MINUTE: Readonly<Record<string, number>> = {
  "apps.connections.open": 60,
  "usergroups.users.list": 20,
  "chat.update": 50,
  "conversations.info": 50,
  "chat.postEphemeral": 100,
  "views.open": 100,
  "views.publish": 100,
  "files.getUploadURLExternal": 100,
  "files.completeUploadExternal": 100,
};
/** `chat.postMessage` has a limit of its own: one a second and channel, with a short burst. */
const BURST = 3;

/** Slack's limits, off until a test switches them on. */
export interface RateLimits {
  isOn: boolean;
  /** What is said to wait when everything is refused; seconds. */
  outageS: number;
  /** The next call of this method is refused, whatever the rest says. */
  refuseNext(method: string, retryAfterS: number): void;
  /** Seconds to wait, or undefined when the call may pass. */
  take(method: string, channel: string): number | undefined;
}

export function createRateLimits(now: () => number): RateLimits {
  const taken = new Map<string, number[]>();
  const refusals = new Map<string, number>();

  function takeOf(key: string, windowMs: number, max: number): number | undefined {
    const since = now() - windowMs;
    const recent = (taken.get(key) ?? []).filter((at) => at > since);
    taken.set(key, recent);
    const [oldest] = recent;
    if (recent.length >= max && oldest !== undefined) return Math.max(1, Math.ceil((oldest - since) / 1000));
    recent.push(now());
    return undefined;
  }

  return {
    isOn: false,
    outageS: 1,
    refuseNext(method, retryAfterS) {
      refusals.set(method, retryAfterS);
    },
    take(method, channel) {
      const refusal = refusals.get(method);
      refusals.delete(method);
      if (refusal !== undefined) return refusal;
      if (!this.isOn) return undefined;
      if (method === "chat.postMessage") return takeOf(`${method} ${channel}`, BURST * 1000, BURST);
      const max = PER_MINUTE[method];
      return max === undefined ? undefined : takeOf(method, 60_000, max);
    },
  };
}
