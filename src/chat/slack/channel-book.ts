const REMEMBERED_MS = 5 * 60_000;
const MAX_REMEMBERED = 500;

/** What matters about a channel before something is said in it. */
export interface ChannelFacts {
  readonly isMember: boolean;
  readonly isArchived: boolean;
  /** People of another company read along. */
  readonly isShared: boolean;
}

/** What Slack says of a channel; undefined where the app may not ask, which is no reason to be silent. */
export function createChannelBook(deps: {
  readonly fetchChannel: (channel: string) => Promise<ChannelFacts>;
  /** Epoch ms. */
  readonly now: () => number;
}): (channel: string, options?: { readonly isFresh?: boolean }) => Promise<ChannelFacts | undefined> {
  const known = new Map<string, { readonly facts: ChannelFacts | undefined; readonly at: number }>();

  return async (channel, { isFresh = false } = {}) => {
    const remembered = known.get(channel);
    if (remembered !== undefined && !isFresh && deps.now() - remembered.at <= REMEMBERED_MS)
      return remembered.facts;
    const facts = await deps.fetchChannel(channel).catch(() => undefined);
    known.delete(channel);
    known.set(channel, { facts, at: deps.now() });
    const [oldest] = known.keys();
    if (known.size > MAX_REMEMBERED && oldest !== undefined) known.delete(oldest);
    return facts;
  };
}
