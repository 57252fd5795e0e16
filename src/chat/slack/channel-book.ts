const REMEMBERED_MS = 5 * 60_000;
const MAX_REMEMBERED = 500;

/** What matters about a channel before something is said in it. */
export interface ChannelFacts {
  readonly isMember: boolean;
  readonly isArchived: boolean;
  /** People of another company read along. */
  readonly isShared: boolean;
}

/** What Slack says of channels. */
export interface ChannelBook {
  /** Undefined where Slack does not say, which is no reason to be silent. */
  factsOf(channel: string, options?: { readonly isFresh?: boolean }): Promise<ChannelFacts | undefined>;
  /** Whether another company reads along; yes where it was never learned. No where the app may not ask: it was set up that way. */
  isShared(channel: string): Promise<boolean>;
}

export function createChannelBook(deps: {
  /** Undefined where the app may not ask. @throws when Slack does not answer. */
  readonly fetchChannel: (channel: string) => Promise<ChannelFacts | undefined>;
  /** Epoch ms. */
  readonly now: () => number;
}): ChannelBook {
  const known = new Map<string, { readonly facts: ChannelFacts | undefined; readonly at: number }>();

  function remember(channel: string, facts: ChannelFacts | undefined): void {
    known.delete(channel);
    known.set(channel, { facts, at: deps.now() });
    const [oldest] = known.keys();
    if (known.size > MAX_REMEMBERED && oldest !== undefined) known.delete(oldest);
  }

  async function factsOf(channel: string, { isFresh = false } = {}): Promise<ChannelFacts | undefined> {
    const remembered = known.get(channel);
    if (remembered !== undefined && !isFresh && deps.now() - remembered.at <= REMEMBERED_MS)
      return remembered.facts;
    try {
      remember(channel, await deps.fetchChannel(channel));
    } catch {
      // what was learned before still holds, as far as anybody knows; it is asked again next time
    }
    return known.get(channel)?.facts;
  }

  return {
    factsOf,
    async isShared(channel) {
      const facts = await factsOf(channel);
      return facts?.isShared ?? !known.has(channel);
    },
  };
}
