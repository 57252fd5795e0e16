/** What the text of a field must begin with; anchored by `^`, without unbounded repetition. */
export type FieldShape = RegExp;

export interface ReadFields {
  readonly values: Readonly<Record<string, string>>;
  /** What follows the last literal of the format. */
  readonly rest: string;
}

interface Part {
  readonly name: string;
  /** The literal text that ends the field; empty for the last one. */
  readonly until: string;
}

/**
 * Reads lines written by a format of literals and variables. A field ends at the next occurrence of the literal behind
 * it, or, when the field after has a shape, at the first occurrence behind which that shape and its own literal fit:
 * a user name that imitates a time stamp does not shift the fields. Each field is scanned once.
 */
export function createFieldReader(
  format: string,
  { variable, shapes }: { readonly variable: RegExp; readonly shapes: ReadonlyMap<string, FieldShape> },
): (line: string) => ReadFields | undefined {
  const { head, parts } = splitFormat(format, variable);

  function endOf(line: string, { name, until }: Part, next: Part | undefined, from: number): number {
    if (until === "") return next === undefined ? endOfLast(line, name, from) : -1;
    const own = shapes.get(name);
    if (own) {
      const length = own.exec(line.slice(from, from + 64))?.[0].length;
      if (length !== undefined && line.startsWith(until, from + length)) return from + length;
    }
    for (let at = line.indexOf(until, from); at >= 0; at = line.indexOf(until, at + 1)) {
      if (isEscaped(line, at)) continue;
      if (next === undefined || fits(line, next, at + until.length)) return at;
    }
    return -1;
  }

  function fits(line: string, { name, until }: Part, from: number): boolean {
    const shape = shapes.get(name);
    if (shape === undefined) return true;
    // `-` stands for any value nginx does not have
    const length = line.startsWith("-", from) ? 1 : shape.exec(line.slice(from, from + 64))?.[0].length;
    return length !== undefined && (until === "" || line.startsWith(until, from + length));
  }

  function endOfLast(line: string, name: string, from: number): number {
    const length = shapes.get(name)?.exec(line.slice(from, from + 64))?.[0].length;
    return length === undefined ? line.length : from + length;
  }

  return (line) => {
    if (!line.startsWith(head)) return undefined;
    // without a prototype: names come from a host's configuration
    const values: Record<string, string> = Object.create(null);
    let at = head.length;
    for (const [index, part] of parts.entries()) {
      const end = endOf(line, part, parts[index + 1], at);
      if (end < 0) return undefined;
      values[part.name] ??= line.slice(at, end);
      at = end + part.until.length;
    }
    return { values, rest: line.slice(at) };
  };
}

/** A quote behind an odd number of backslashes is part of the value, in every way of escaping there is. */
function isEscaped(line: string, at: number): boolean {
  if (line.charAt(at) !== '"') return false;
  let first = at;
  while (first > 0 && line.charAt(first - 1) === "\\") first -= 1;
  return (at - first) % 2 === 1;
}

function splitFormat(
  format: string,
  variable: RegExp,
): { readonly head: string; readonly parts: readonly Part[] } {
  const found = [...format.matchAll(variable)];
  const literalAfter = (index: number) => {
    const match = found[index];
    const start = match === undefined ? 0 : match.index + match[0].length;
    return format.slice(start, found[index + 1]?.index ?? format.length);
  };
  return {
    head: format.slice(0, found[0]?.index ?? format.length),
    parts: found.map((match, index) => ({
      name: match[1] ?? match[2] ?? match[0],
      until: literalAfter(index),
    })),
  };
}
