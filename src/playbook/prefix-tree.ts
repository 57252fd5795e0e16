/**
 * Entries by what their keys begin with: walking down costs one comparison per fork, however many there are.
 * A node's label continues its parent's; its entries' keys end exactly here.
 */
export interface PrefixTree<Entry> {
  readonly label: string;
  readonly entries: readonly Entry[];
  /** By the char code their label begins with. */
  readonly children: ReadonlyMap<number, PrefixTree<Entry>>;
}

/** Keys are not empty; entries of one key keep their order. */
export function makePrefixTree<Entry extends { readonly key: string }>(
  entries: readonly Entry[],
): PrefixTree<Entry> {
  return makeNode("", 0, entries);
}

function makeNode<Entry extends { readonly key: string }>(
  label: string,
  depth: number,
  entries: readonly Entry[],
): PrefixTree<Entry> {
  const longer = Map.groupBy(
    entries.filter(({ key }) => key.length > depth),
    ({ key }) => key.charCodeAt(depth),
  );
  const children = [...longer].map(([code, group]): [number, PrefixTree<Entry>] => {
    const shared = sharedStart(group.map(({ key }) => key));
    return [code, makeNode(shared.slice(depth), shared.length, group)];
  });
  return { label, entries: entries.filter(({ key }) => key.length === depth), children: new Map(children) };
}

/** What all texts begin with. */
function sharedStart(texts: readonly string[]): string {
  let [shared = ""] = texts;
  for (const text of texts) {
    while (!text.startsWith(shared)) shared = shared.slice(0, -1);
  }
  return shared;
}
