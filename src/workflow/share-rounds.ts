/**
 * A round that begins now, unless one is under way: whoever asks meanwhile gets the one after it, all of them the same. Nobody gets a round that
 * began before they asked.
 */
export function shareRounds(round: () => Promise<unknown>): () => Promise<void> {
  let current: Promise<unknown> | undefined;
  let next: Promise<void> | undefined;

  async function begin(): Promise<void> {
    next = undefined;
    const begun = round();
    current = begun;
    try {
      await begun;
    } finally {
      if (current === begun) current = undefined;
    }
  }

  return () => {
    if (current === undefined && next === undefined) return begin();
    next ??= Promise.resolve(current)
      .catch(() => undefined)
      .then(begin);
    return next;
  };
}
