import { makePrefixTree, type PrefixTree } from "./prefix-tree.ts";
import { matchStart, parseTemplate, type Template } from "./template.ts";

/** Where the message of a line begins; -1 for a line without one. Called for every line. */
interface MessageGrammar {
  messageStart(text: string, start: number, end: number): number;
}

/** One line that a signature recognised. */
interface SignatureHit {
  readonly line: string;
  /** Where the line begins in the log's text: gives hits of different signatures their order. */
  readonly offset: number;
  /** What stood in the template's holes; `<any>` is not kept. */
  readonly holes: Readonly<Record<string, string>>;
}

/** All lines of one signature: every one is counted, the first and the last ones are kept. */
interface SignatureHits<Signature> {
  readonly signature: Signature;
  readonly count: number;
  readonly hits: readonly SignatureHit[];
}

export interface SignatureMatcher<Signature> {
  /** Each line counts for one signature at most: the one with the most literal text. Time grows with the text, never faster. */
  scan(
    text: string,
    grammar: MessageGrammar,
    options?: { readonly keepLast?: number },
  ): readonly SignatureHits<Signature>[];
}

/** A compiled signature. `rank` 0 is the most specific. */
interface Entry<Signature> {
  readonly signature: Signature;
  readonly rank: number;
  readonly template: Template;
  /** The literal it is found by, and where that must stand: at the message's begin, at its first space, or anywhere. */
  readonly key: string;
  readonly place: "begin" | "first-space" | "anywhere";
  /** What must follow the key (or, for `anywhere`, the message's begin), each behind a hole. */
  readonly rest: readonly { readonly literal: string; readonly isWord: boolean }[];
}

/** A line in the text, and the message in it. */
interface Line {
  readonly start: number;
  readonly at: number;
  readonly end: number;
}

interface Tally {
  count: number;
  readonly first: Line;
  readonly last: Line[];
}

/**
 * @param signatures in the order that decides between templates with equally much literal text.
 * @throws {TypeError} for a template that is not one.
 */
export function compileSignatures<Signature extends { readonly message: string }>(
  signatures: readonly Signature[],
): SignatureMatcher<Signature> {
  const entries = signatures
    .map((signature) => ({ signature, template: parseTemplate(signature.message) }))
    .sort((a, b) => literalLength(b.template) - literalLength(a.template))
    .map(({ signature, template }, rank) => makeEntry(signature, template, rank));
  const atBegin = makePrefixTree(entries.filter(({ place }) => place === "begin"));
  const atFirstSpace = makePrefixTree(entries.filter(({ place }) => place === "first-space"));
  const anywhere = entries.filter(({ place }) => place === "anywhere");

  return {
    scan(text, grammar, { keepLast = 100 } = {}) {
      const search = createSearch(text, anywhere);
      const tallies = new Map<Entry<Signature>, Tally>();
      // Remembered from line to line, so that a text without spaces is not searched to its end for each.
      let space = -1;
      for (let start = 0, end = 0; start < text.length; start = end + 1) {
        end = indexOrEnd(text, "\n", start);
        const at = grammar.messageStart(text, start, end);
        if (at < 0) continue;
        let entry = findByPrefix(atBegin, text, at, end);
        if (space < at) space = indexOrEnd(text, " ", at);
        if (space < end) entry = better(entry, findByPrefix(atFirstSpace, text, space, end));
        entry = search.findBetter(entry, at, end);
        if (!entry) continue;
        const tally = tallies.get(entry);
        if (tally) addLine(tally, keepLast, { start, at, end });
        else tallies.set(entry, { count: 1, first: { start, at, end }, last: [] });
      }
      return [...tallies].map(([entry, { count, first, last }]) => ({
        signature: entry.signature,
        count,
        hits: [first, ...(keepLast > 0 ? last.slice(-keepLast) : [])].map(({ start, at, end }) => ({
          line: text.slice(start, end),
          offset: start,
          holes: captureHoles(entry.template, text.slice(at, end)),
        })),
      }));
    },
  };
}

function makeEntry<Signature>(signature: Signature, template: Template, rank: number): Entry<Signature> {
  const [first = "", second = ""] = template.literals;
  const rest = template.holes.map(({ isWord }, hole) => ({
    literal: template.literals[hole + 1] ?? "",
    isWord,
  }));
  if (first !== "") return { signature, template, rank, rest, key: first, place: "begin" };
  if (template.holes[0]?.isWord && second.startsWith(" ")) {
    return { signature, template, rank, rest: rest.slice(1), key: second, place: "first-space" };
  }
  return { signature, template, rank, rest, key: longest(template.literals), place: "anywhere" };
}

/** The best of the signatures whose key stands at `at`. */
function findByPrefix<Signature>(
  tree: PrefixTree<Entry<Signature>>,
  text: string,
  at: number,
  end: number,
): Entry<Signature> | undefined {
  let best: Entry<Signature> | undefined;
  let position = at;
  let node = tree.children.get(text.charCodeAt(at));
  while (node && text.startsWith(node.label, position)) {
    position += node.label.length;
    if (node.entries.length > 0) best = better(best, findByRest(node.entries, text, position, end));
    node = node.children.get(text.charCodeAt(position));
  }
  return best;
}

/** The best of the signatures, best first, that go on from `position` as the text does. */
function findByRest<Signature>(
  entries: readonly Entry<Signature>[],
  text: string,
  position: number,
  end: number,
): Entry<Signature> | undefined {
  let tail: string | undefined;
  for (const entry of entries) {
    if (entry.rest.length === 0) return entry;
    tail ??= text.slice(position, end);
    if (matchesRest(entry, tail)) return entry;
  }
  return undefined;
}

/**
 * The search for signatures whose key may stand anywhere, along one text: each key is looked for once, from where it
 * was found last.
 */
function createSearch<Signature>(text: string, entries: readonly Entry<Signature>[]) {
  const nextAt = entries.map(() => -1);
  let nearest = -1;
  return {
    /** The signature of this line when it is more specific than the one known. Lines come in their order. */
    findBetter(known: Entry<Signature> | undefined, at: number, end: number): Entry<Signature> | undefined {
      if (nearest >= end) return known;
      let best = known;
      nearest = text.length;
      for (const [index, entry] of entries.entries()) {
        let next = nextAt[index] ?? -1;
        if (next < at) {
          next = indexOrEnd(text, entry.key, at);
          nextAt[index] = next;
        }
        if (next < nearest) nearest = next;
        if (next < end && isBetter(entry, best) && matchesRest(entry, text.slice(at, end))) best = entry;
      }
      return best;
    },
  };
}

/** Whether a text goes on as the template does: as `matchStart`, without its spans. */
function matchesRest<Signature>({ rest }: Entry<Signature>, tail: string): boolean {
  let position = 0;
  for (const { literal, isWord } of rest) {
    if (literal === "") return true;
    const next = tail.indexOf(literal, position);
    if (next < 0) return false;
    if (isWord) {
      const space = tail.indexOf(" ", position);
      if (space >= 0 && space < next) return false;
    }
    position = next + literal.length;
  }
  return true;
}

/** Where `part` stands next, or the text's length. */
function indexOrEnd(text: string, part: string, from: number): number {
  const index = text.indexOf(part, from);
  return index < 0 ? text.length : index;
}

function better<Signature>(
  one: Entry<Signature> | undefined,
  other: Entry<Signature> | undefined,
): Entry<Signature> | undefined {
  return other && isBetter(other, one) ? other : one;
}

function isBetter<Signature>(entry: Entry<Signature>, than: Entry<Signature> | undefined): boolean {
  return than === undefined || entry.rank < than.rank;
}

function addLine(tally: Tally, keepLast: number, line: Line): void {
  tally.count++;
  tally.last.push(line);
  // Twice the room, so that moving the rest down stays rare.
  if (tally.last.length > 2 * keepLast) tally.last.splice(0, tally.last.length - keepLast);
}

function captureHoles(template: Template, message: string): Readonly<Record<string, string>> {
  const spans = matchStart(template, message) ?? [];
  const named = template.holes.map(({ name }, hole) => [
    name,
    message.slice(spans[2 * hole], spans[2 * hole + 1]),
  ]);
  return Object.fromEntries(named.filter(([name]) => name !== "any"));
}

function literalLength({ literals }: Template): number {
  return literals.reduce((sum, literal) => sum + literal.length, 0);
}

function longest(texts: readonly string[]): string {
  return texts.reduce((best, text) => (text.length > best.length ? text : best), "");
}
