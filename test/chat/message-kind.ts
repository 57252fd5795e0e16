import type fc from "fast-check";

/** One kind of message that a platform gets from us, and what is true of each of them, whatever strangers wrote into it. */
export interface MessageKind {
  readonly name: string;
  /** What `property` proves, as a sentence. */
  readonly fact: string;
  readonly property: fc.IProperty<unknown>;
  /** Enough for every run of the tests; `node bench/attempts/main.ts chat-text` takes more. */
  readonly runs: number;
}

/** What hides, reorders or overwrites other characters, or is no character: no reader may get any, wherever it stands. */
export const HIDDEN =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\u3164\ufeff\uffa0\ufff9-\ufffb]|\u034f|[\u{e0000}-\u{e007f}]|[\u{e0100}-\u{e01ef}]|\p{Surrogate}/u;
