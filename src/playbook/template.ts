/**
 * A message as its product prints it, with `<holes>` for what varies: `connect() to unix:<path> failed (2: `.
 *
 * A hole is `<name>` in lower case; it stands for any text, also none, up to the first occurrence of the literal
 * that follows. `<name:word>` stands for text without a space. `\<` is a literal `<`; `<NOSRV>` and `</h1>` are
 * literals as they are, since hole names begin with a lower-case letter. Matching is linear: each literal is
 * searched once, from where the one before ended, and nothing is ever tried again.
 */
export interface Template {
  /** One more than `holes`; literal, hole, literal, hole … literal. Only the first and the last may be empty. */
  readonly literals: readonly string[];
  readonly holes: readonly Hole[];
}

interface Hole {
  readonly name: string;
  /** The text holds no space. */
  readonly isWord: boolean;
}

/** @throws {TypeError} saying what is wrong with the template. */
export function parseTemplate(text: string): Template {
  if (/[\n\r]/.test(text)) throw new TypeError("a message is one line");
  const literals: string[] = [];
  const holes: Hole[] = [];
  let literal = "";
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "\\" && text.charAt(at + 1) === "<") {
      literal += "<";
      at++;
      continue;
    }
    const hole = char === "<" ? /^<([a-z][a-z0-9-]*)(:word)?>/.exec(text.slice(at, at + 64)) : null;
    if (!hole?.[1]) {
      literal += char;
      continue;
    }
    if (literal === "" && holes.length > 0) throw new TypeError(`no text between two holes at <${hole[1]}>`);
    literals.push(literal);
    holes.push({ name: hole[1], isWord: hole[2] !== undefined });
    literal = "";
    at += hole[0].length - 1;
  }
  literals.push(literal);
  if (!literals.some((part) => part.trim() !== "")) throw new TypeError("no literal text to recognise");
  return { literals, holes };
}

/**
 * Where the holes lie when `text` begins with the template: begin and end of each, in turn; undefined when it does
 * not match. Text after the template's end is free; a hole at the very end takes all of it.
 */
export function matchStart(template: Template, text: string): readonly number[] | undefined {
  const { literals, holes } = template;
  const first = literals[0] ?? "";
  if (!text.startsWith(first)) return undefined;
  const spans: number[] = [];
  let at = first.length;
  for (const [index, hole] of holes.entries()) {
    const literal = literals[index + 1] ?? "";
    const end = literal === "" ? endOfLastHole(hole, text, at) : text.indexOf(literal, at);
    if (end < 0 || (hole.isWord && hasSpace(text, at, end))) return undefined;
    spans.push(at, end);
    at = end + literal.length;
  }
  return spans;
}

/** Whether the whole of `text` is the template: its last literal must stand at the end. */
export function matchesWhole(template: Template, text: string): boolean {
  const { literals, holes } = template;
  const last = literals.at(-1) ?? "";
  if (holes.length === 0) return text === last;
  if (!text.endsWith(last)) return false;
  // Cut off the end, the last hole is at the end and takes all that is left; a word must not end before that.
  const rest = text.slice(0, text.length - last.length);
  const spans = matchStart({ literals: [...literals.slice(0, -1), ""], holes }, rest);
  return spans !== undefined && spans.at(-1) === rest.length;
}

/** Whether the template occurs anywhere in `text`. */
export function occursIn(template: Template, text: string): boolean {
  const at = text.indexOf(template.literals[0] ?? "");
  return at >= 0 && matchStart(template, text.slice(at)) !== undefined;
}

function endOfLastHole(hole: Hole, text: string, at: number): number {
  const space = hole.isWord ? text.indexOf(" ", at) : -1;
  return space < 0 ? text.length : space;
}

function hasSpace(text: string, start: number, end: number): boolean {
  const space = text.indexOf(" ", start);
  return space >= 0 && space < end;
}
