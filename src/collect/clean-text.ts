/** What replaces a part that was cut out of a line. */
export const CUT = "[…]";

/** So much of a word is left out with the rest of a line that was cut: half a secret would not be known for one. */
const MAX_CUT_WORD = 1024;

const ESCAPE = "\u001b";
const BELL = "\u0007";
const STRING_END = "\u009c";

/** Characters that never reach a reader: controls but newline and tab, bidi and zero-width marks, fillers, tags, variation selectors. */
const UNPRINTABLE =
  /\u034f|[\u00ad\u061c\u115f\u1160\u180e\u3164\uffa0]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ufe00-\ufe0f]|[\u{e0000}-\u{e007f}]|[\u{e0100}-\u{e01ef}]/gu;
const HAS_UNPRINTABLE = new RegExp(UNPRINTABLE.source, "u");
const HAS_ESCAPE = /[\u001b\u0080-\u009f]/;

/** Index behind the control string (OSC, DCS, SOS, PM, APC) whose content starts at `at`; it never crosses a line. */
function endOfString(text: string, at: number): number {
  for (let index = at; index < text.length; index++) {
    const char = text[index];
    if (char === BELL || char === STRING_END) return index + 1;
    if (char === ESCAPE) return text[index + 1] === "\\" ? index + 2 : index;
    if (char === "\n") return index;
  }
  return text.length;
}

/** Index behind the control sequence (CSI) whose parameters start at `at`. */
function endOfSequence(text: string, at: number): number {
  let index = at;
  while (index < text.length && text.charCodeAt(index) >= 0x20 && text.charCodeAt(index) <= 0x3f) index++;
  const final = text.charCodeAt(index);
  return final >= 0x40 && final <= 0x7e ? index + 1 : index;
}

/** Terminal sequences, 7- and 8-bit, in one pass. Source: ECMA-48, 5.3–5.6 and 8.3. */
function withoutSequences(text: string): string {
  let clean = "";
  let from = 0;
  let index = 0;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    const isEscape = code === 0x1b;
    if (!isEscape && (code < 0x80 || code > 0x9f)) {
      index++;
      continue;
    }
    clean += text.slice(from, index);
    // ESC and a letter @…_ is the 7-bit spelling of one C1 control
    const control = isEscape ? text.charCodeAt(index + 1) + 0x40 : code;
    const after = index + (isEscape ? 2 : 1);
    if (control === 0x9b) index = endOfSequence(text, after);
    else if (control === 0x90 || control === 0x98 || (control >= 0x9d && control <= 0x9f)) {
      index = endOfString(text, after);
    } else if (!isEscape) index = after;
    else index = endOfEscape(text, index + 1);
    from = index;
  }
  return clean + text.slice(from);
}

/** Index behind a short escape sequence: intermediates, then one final character. */
function endOfEscape(text: string, at: number): number {
  let index = at;
  while (index < text.length && text.charCodeAt(index) >= 0x20 && text.charCodeAt(index) <= 0x2f) index++;
  const final = text.charCodeAt(index);
  return final >= 0x30 && final <= 0x7e ? index + 1 : index;
}

function capLines(text: string, maxLineLength: number): string {
  if (text.length <= maxLineLength) return text;
  return text
    .split("\n")
    .map((line) => (line.length > maxLineLength ? withoutCutWord(line.slice(0, maxLineLength)) + CUT : line))
    .join("\n");
}

/** A line that was cut somewhere, up to the blank before its last word. */
export function withoutCutWord(line: string): string {
  let end = line.length;
  const least = Math.max(0, end - MAX_CUT_WORD);
  while (end > least && line[end - 1] !== " " && line[end - 1] !== "\t") end--;
  return line.slice(0, end);
}

/**
 * Text of a host as people may read it: UTF-8 with U+FFFD for what is not, no terminal sequence, no character that
 * hides, reorders or overwrites others, no line longer than `maxLineLength`. Only newline and tab are left of the
 * controls. Redaction comes after this, because a colour code within a key would hide it.
 */
export function cleanText(bytes: Buffer, { maxLineLength }: { readonly maxLineLength: number }): string {
  let text = bytes.toString("utf8");
  if (text.includes("\r\n")) text = text.replaceAll("\r\n", "\n");
  if (HAS_ESCAPE.test(text)) text = withoutSequences(text);
  if (HAS_UNPRINTABLE.test(text)) text = text.replace(UNPRINTABLE, "");
  return capLines(text, maxLineLength);
}
