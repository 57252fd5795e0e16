import type { Random, Secretive } from "./kinds.ts";

/** What a host sends, and what of it nobody may see, in the form it is in. */
interface Disguised {
  readonly bytes: Buffer;
  readonly secret: string;
  /** So many characters say one of the secret's. */
  readonly perLetter?: number;
}

export type Disguise = (plain: Secretive, random: Random) => Disguised;

/** Longest line of a log that is kept. */
const CAP = 4096;

/** The whole stays as it is, with something unseen in the middle of the secret and now and then elsewhere. */
function split(unseen: string): Disguise {
  return ({ text, secret }, random) => {
    const at = text.indexOf(secret) + 1 + random(secret.length - 2);
    const before = 1 + random(Math.max(1, Math.min(text.length, 12) - 1));
    const [first, second] = before < at ? [before, at] : [at, at];
    const spoilt = `${text.slice(0, first)}${first === second ? "" : unseen}${text.slice(first, second)}${unseen}${text.slice(second)}`;
    return { bytes: Buffer.from(spoilt), secret };
  };
}

/** The whole in another writing; letters and digits of the secret stay. */
function written(write: (text: string) => string, perLetter = 1): Disguise {
  return ({ text, secret }) => ({ bytes: Buffer.from(write(text)), secret: write(secret), perLetter });
}

/** Words that say nothing; a blank ends them, and half of them begin with one. */
const filler = (length: number) => "x ".repeat(length / 2).padStart(length);

/** What is certain of the secret, whatever stands around it. */
function inBase64({ text, secret }: Secretive): Secretive {
  const encoded = Buffer.from(text).toString("base64");
  const start = Math.ceil((text.indexOf(secret) * 4) / 3) + 2;
  return { text: encoded, secret: encoded.slice(start, start + secret.length) };
}

/** Every line broken where it is full; of the secret, the longest part that is left in one piece. */
function wrapped({ text, secret }: Secretive, columns: number): Disguised {
  const lines = text.split("\n").flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, "g")) ?? []);
  const whole = lines.join("\n");
  const from = text.replaceAll("\n", "").indexOf(secret);
  const parts = lines.flatMap((line, index) => {
    const before = lines.slice(0, index).join("").length;
    const start = Math.max(0, from - before);
    return line.slice(start, Math.max(start, from + secret.length - before));
  });
  const longest = parts.toSorted((a, b) => b.length - a.length)[0] ?? "";
  return { bytes: Buffer.from(whole), secret: longest };
}

const hexOf = (char: string) => char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");

export const DISGUISES: Readonly<Record<string, Disguise>> = {
  plain: written((text) => text),
  "split by a colour": split("\u001b[31m\u001b[0m"),
  "split by a link": split("\u001b]8;;http://evil/\u001b\\"),
  "split by an 8-bit sequence": split("\u009b1m"),
  "split by zero-width marks": split("\u200b\u2060\ufeff"),
  "split by bidi and soft hyphens": split("\u202e\u00ad\u2066"),
  "split by controls": split("\u0000\u0008\u007f"),
  "split by tags and selectors": split("\u{e0041}\ufe0f\u{e0101}"),
  "overwritten by carriage return": split("\r"),
  "URL-encoded": written(encodeURIComponent),
  "URL-encoded twice": written((text) => encodeURIComponent(encodeURIComponent(text))),
  "JSON within JSON": written((text) => JSON.stringify(text).slice(1, -1)),
  "escaped as access logs do": written((text) => text.replace(/["\\\n]/g, (char) => `\\x${hexOf(char)}`)),
  "escaped for HTML": written((text) =>
    text
      .replaceAll("&", "&amp;")
      .replaceAll('"', "&quot;")
      .replaceAll("'", "&#39;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;"),
  ),
  "each character escaped": written(
    (text) => text.replace(/[^\n]/g, (char) => `\\u00${hexOf(char).toLowerCase()}`),
    6,
  ),
  "in base64": ({ text, secret }) => {
    const encoded = inBase64({ text, secret });
    return { bytes: Buffer.from(`body=${encoded.text} end`), secret: encoded.secret };
  },
  "in base64, wrapped": ({ text, secret }, random) => {
    const encoded = inBase64({ text: `${filler(30 + random(20))}${text}`, secret });
    return wrapped(encoded, 76);
  },
  "wrapped at 80 columns": ({ text, secret }, random) => {
    const brokenAt = text.indexOf(secret) + 1 + random(secret.length - 2);
    const lead = text.includes("\n") ? "" : filler((80 - (brokenAt % 80)) % 80);
    return wrapped({ text: `${lead}${text}`, secret }, 80);
  },
  "within brackets and quotes": ({ text, secret }) => ({
    bytes: Buffer.from(`handler(["${text}"])`),
    secret,
  }),
  "cut at the cap": ({ text, secret }, random) => {
    const line = text.replaceAll("\n", "\\n");
    const keptLetters = 1 + random(secret.length - 1);
    const kept = line.indexOf(secret) + keptLetters;
    return { bytes: Buffer.from(`${filler(CAP - kept)}${line}`), secret: secret.slice(0, keptLetters) };
  },
};
