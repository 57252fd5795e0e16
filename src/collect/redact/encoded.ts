import { charsOf, endOfRun, type Searched, type Secret, startOfRun } from "./secret.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ALPHABET = charsOf(`${LETTERS}0123456789+/_-`);
const PADDING = charsOf("=");
/** Shorter ones hold nothing that could be told for a secret. */
const LEAST = 16;

/** Words in base64 that say, decoded, something `holdsSecret` knows. Each character is decoded twice at most. */
export function findEncoded({ text }: Searched, holdsSecret: (decoded: string) => boolean): Secret[] {
  const secrets: Secret[] = [];
  // whatever is long enough covers one of these places
  for (let at = LEAST - 1; at < text.length; at += LEAST) {
    if (ALPHABET[text.charCodeAt(at)] !== 1) continue;
    const start = startOfRun(text, at, ALPHABET, LEAST);
    const end = endOfRun(text, at, ALPHABET);
    at += Math.floor((end - at) / LEAST) * LEAST;
    if (end - start < LEAST) continue;
    for (const { from, to } of wordsOf(text, start, end)) {
      if (!holdsSecret(Buffer.from(text.slice(from, to), "base64").toString("latin1"))) continue;
      secrets.push({ start: from, end: endOfRun(text, to, PADDING), kind: "encoded" });
    }
  }
  return secrets;
}

/** The run itself if it says something, or, where it is a path, the parts between its slashes that do. */
function wordsOf(text: string, start: number, end: number): readonly { from: number; to: number }[] {
  if (isEncodedText(text, start, end)) return [{ from: start, to: end }];
  const parts = text.slice(start, end).split("/");
  if (parts.length === 1) return [];
  let to = start - 1;
  return parts
    .map((part) => {
      const from = to + 1;
      to = from + part.length;
      return { from, to };
    })
    .filter(({ from, to }) => to - from >= LEAST && isEncodedText(text, from, to));
}

/** What each letter of base64 and base64url stands for, by its code. */
const SIX_BITS = new Uint8Array(128);
for (const alphabet of ["+/", "-_"]) {
  for (const [value, char] of [...LETTERS, ..."0123456789", ...alphabet].entries()) {
    SIX_BITS[char.charCodeAt(0)] = value;
  }
}

/** Whether groups of four letters stand for ASCII text with few other letters in it; stops at the first that tells. */
function isEncodedText(text: string, from: number, to: number): boolean {
  let foreign = 0;
  for (let at = from; at + 4 <= to; at += 4) {
    const bits =
      (sixBits(text, at) << 18) |
      (sixBits(text, at + 1) << 12) |
      (sixBits(text, at + 2) << 6) |
      sixBits(text, at + 3);
    for (let shift = 16; shift >= 0; shift -= 8) {
      const byte = (bits >> shift) & 0xff;
      if (byte >= 0x80) foreign++;
      else if (byte === 0x7f || (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13)) return false;
    }
    if (foreign * 4 > at - from) return false;
  }
  return true;
}

function sixBits(text: string, at: number): number {
  return SIX_BITS[text.charCodeAt(at)] ?? 0;
}
