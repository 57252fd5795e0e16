/** Who was taken out of a group counts no longer than this. */
const REMEMBERED_MS = 30_000;
const MAX_REMEMBERED = 200;

/** Who is in which user group right now. @throws when Slack cannot be asked. */
export function createGroupBook(deps: {
  readonly fetchMembers: (group: string) => Promise<readonly string[]>;
  /** Epoch ms. */
  readonly now: () => number;
}): (group: string, person: string) => Promise<boolean> {
  const known = new Map<string, { readonly members: Promise<readonly string[]>; readonly at: number }>();

  return async (group, person) => {
    const remembered = known.get(group);
    if (remembered !== undefined && deps.now() - remembered.at <= REMEMBERED_MS) {
      return (await remembered.members).includes(person);
    }
    const members = deps.fetchMembers(group);
    const entry = { members, at: deps.now() };
    known.delete(group);
    known.set(group, entry);
    const [oldest] = known.keys();
    if (known.size > MAX_REMEMBERED && oldest !== undefined) known.delete(oldest);
    try {
      return (await members).includes(person);
    } catch (error) {
      // a failure is asked again, not remembered
      if (known.get(group) === entry) known.delete(group);
      throw error;
    }
  };
}
