/** Columns a terminal gives a text: wide characters count two, combining marks none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Breaks text into lines of at most `width` columns: at spaces, and inside a word only when it is too long for a line. */
export function wrapText(text: string, width: number): string[] {
  return text.split("\n").flatMap((paragraph) => wrapParagraph(paragraph, Math.max(1, width)));
}

function wrapParagraph(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const word of paragraph.split(/[ \t]+/)) {
    if (word === "") continue;
    const wordWidth = displayWidth(word);
    if (used > 0 && used + 1 + wordWidth <= width) {
      line += ` ${word}`;
      used += 1 + wordWidth;
      continue;
    }
    if (used > 0) lines.push(line);
    const pieces = splitWord(word, width);
    line = pieces.pop() ?? "";
    used = displayWidth(line);
    lines.push(...pieces);
  }
  return [...lines, line];
}

function splitWord(word: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = "";
  let used = 0;
  for (const character of word) {
    const columns = characterWidth(character);
    if (used > 0 && used + columns > width) {
      pieces.push(piece);
      piece = "";
      used = 0;
    }
    piece += character;
    used += columns;
  }
  return [...pieces, piece];
}

const NARROW_END = 0x300;
const COMBINING = /^\p{Mark}$/u;
/** East Asian wide and fullwidth blocks, and pictographs. Source: Unicode UAX #11, by blocks. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

function characterWidth(character: string): number {
  if ((character.codePointAt(0) ?? 0) < NARROW_END) return 1;
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** The start of a text in at most `width` columns; a cut is shown. */
export function shortenText(text: string, width: number, { unicode }: { readonly unicode: boolean }): string {
  if (displayWidth(text) <= width) return text;
  const sign = unicode ? "…" : "...";
  let kept = "";
  let used = sign.length;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    kept += character;
  }
  return kept + sign;
}
