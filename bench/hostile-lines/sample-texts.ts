/** Characters to stand for a class: the first that fits it does. */
const ALPHABET = [..."a1 A./:-_=x[]()\"'\\%$@,;<>{}|#*?+~!^&`\t\r\nKHMZ2é\u0001\u001b\u200b\u202e"];
const CLASS = /\[(?:\\.|[^\]\\])*\]/y;
const ESCAPE = /\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[^}]*\}|.)/y;
const QUANTIFIER = /(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/y;
const GROUP = /\((?:\?(?::|<?[=!]|<\w+>))?/y;
const MOST_ALTERNATIVES = 4;

/** Short texts that fit an expression, one for each of its first alternatives: what may be repeated is there once. */
export function sampleTexts({ source, flags }: RegExp): readonly string[] {
  const unicode = flags.replaceAll(/[^iu]/g, "");
  const samples = Array.from({ length: MOST_ALTERNATIVES }, (_, pick) => sampleOf(source, pick, unicode));
  return [...new Set(samples)];
}

function sampleOf(source: string, pick: number, flags: string): string {
  let at = 0;
  const take = (shape: RegExp) => {
    shape.lastIndex = at;
    const found = shape.exec(source);
    if (found !== null) at = shape.lastIndex;
    return found;
  };
  const readAlternatives = (): string => {
    const alternatives = [readSequence()];
    while (source[at] === "|") {
      at++;
      alternatives.push(readSequence());
    }
    return alternatives[pick % alternatives.length] ?? "";
  };
  const readSequence = (): string => {
    let text = "";
    while (at < source.length && source[at] !== "|" && source[at] !== ")") {
      const atom = readAtom();
      const quantifier = take(QUANTIFIER);
      text += atom.repeat(Math.max(1, Number(quantifier?.[1] ?? 1)));
    }
    return text;
  };
  const readAtom = (): string => {
    const group = take(GROUP);
    if (group !== null) {
      const inside = readAlternatives();
      at++;
      // what only looks ahead or back takes no text
      return /[=!]$/.test(group[0]) ? "" : inside;
    }
    const some = take(CLASS) ?? take(ESCAPE);
    if (some !== null) return /^\\[bB]$/.test(some[0]) ? "" : charOf(some[0], flags);
    const char = source[at++] ?? "";
    return char === "^" || char === "$" ? "" : char === "." ? "a" : char;
  };
  return readAlternatives();
}

function charOf(shape: string, flags: string): string {
  const one = new RegExp(`^${shape}$`, flags);
  return ALPHABET.find((char) => one.test(char)) ?? one.source;
}
