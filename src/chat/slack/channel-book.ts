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
      const facts = await deps.fetchChannel(channel);
      remember(channel, facts);
      return facts;
    } catch {
      // asked again next time; until then only what would do harm still holds
      return remembered?.facts?.isShared ? remembered.facts : undefined;
    }
  }

  return {
    factsOf,
    async isShared(channel) {
      await factsOf(channel);
      const remembered = known.get(channel);
      return remembered === undefined || remembered.facts?.isShared === true;
    },
  };
}
