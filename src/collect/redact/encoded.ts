import { charsOf, endOfRun, type Searched, type Secret, startOfRun } from "./secret.ts";

const ALPHABET = charsOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-");
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
  let to = start - 1;
  return parts
    .map((part) => {
      const from = to + 1;
      to = from + part.length;
      return { from, to };
    })
    .filter(({ from, to }) => to - from >= LEAST && isEncodedText(text, from, to));
}

/** So many letters are decoded at once, where one may tell that the rest is no text. */
const GROUP = 64;

/** Whether the letters stand for ASCII text with few other letters in it; stops soon after the first that tells. */
function isEncodedText(text: string, from: number, to: number): boolean {
  let foreign = 0;
  for (let at = from; at < to; at += GROUP) {
    const groupEnd = Math.min(at + GROUP, to);
    for (const byte of Buffer.from(text.slice(at, groupEnd), "base64")) {
      if (byte >= 0x80) foreign++;
      else if (byte === 0x7f || (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13)) return false;
    }
    if (foreign * 4 > groupEnd - from) return false;
  }
  return true;
}
