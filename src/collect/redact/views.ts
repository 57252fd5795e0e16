import type { Searched } from "./secret.ts";

/** A text as somebody who decodes it would read it; each position of it has one in the text it was made of. */
export interface View extends Searched {
  /** Where in the original the character at this index begins; the original's end for the index behind the last. */
  readonly originOf: (index: number) => number;
}

/** URLs within URLs, JSON within JSON: deeper than that nobody nests what a log shows. */
const MOST_LAYERS = 2;
/** Percent signs, the escapes of JSON and of access logs, and character references. All of bounded length. */
const ESCAPES =
  /%[0-9A-Fa-f]{2}|\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|["'/\\nrt])|&(?:#[0-9]{1,3}|#x[0-9A-Fa-f]{1,2}|quot|apos|amp|lt|gt);/g;
const HAS_ESCAPE = new RegExp(ESCAPES.source);
const NAMED = new Map([
  ["&quot;", '"'],
  ["&apos;", "'"],
  ["&amp;", "&"],
  ["&lt;", "<"],
  ["&gt;", ">"],
]);

/** The text itself, and what it says when its escapes are undone, layer by layer. */
export function viewsOf(text: string): readonly View[] {
  const views: View[] = [{ ...bothCases(text), originOf: (index) => index }];
  for (let layer = 0; layer < MOST_LAYERS; layer++) {
    const last = views.at(-1);
    if (last === undefined || !HAS_ESCAPE.test(last.text)) break;
    views.push(decode(last));
  }
  return views;
}

function decode(view: View): View {
  const { text } = view;
  const origins = new Uint32Array(text.length);
  let decoded = "";
  let from = 0;
  const copy = (until: number) => {
    for (let index = from; index < until; index++)
      origins[decoded.length + index - from] = view.originOf(index);
    decoded += text.slice(from, until);
  };
  for (const { index, 0: written } of text.matchAll(ESCAPES)) {
    copy(index);
    origins[decoded.length] = view.originOf(index);
    decoded += characterOf(written);
    from = index + written.length;
  }
  copy(text.length);
  const places = origins.subarray(0, decoded.length);
  const end = view.originOf(text.length);
  return { ...bothCases(decoded), originOf: (index) => places[index] ?? end };
}

/** One character. Controls are blanks: an escaped newline ends no line of the log that it stands in. */
function characterOf(written: string): string {
  const named = NAMED.get(written);
  if (named !== undefined) return named;
  const letter = written.charAt(1);
  if (written.startsWith("\\") && letter !== "x" && letter !== "u")
    return /[nrt]/.test(letter) ? " " : letter;
  const isDecimal = letter === "#" && written[2] !== "x";
  const digits = written.replace(/^(?:%|\\x|\\u|&#x?)/, "");
  const code = Number.parseInt(digits, isDecimal ? 10 : 16);
  return code < 0x20 ? " " : String.fromCharCode(code);
}

function bothCases(text: string): Searched {
  return { text, lower: toLower(text) };
}

/** Lower case of the same length: one Turkish letter would become two. */
function toLower(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
