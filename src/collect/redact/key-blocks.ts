import { CUT } from "../clean-text.ts";
import {
  BASE64,
  beforeOnLine,
  charsOf,
  endOfLine,
  endOfRun,
  outsideOf,
  positionsOf,
  type Searched,
  type Secret,
  startOfRun,
} from "./secret.ts";

const SPACE = charsOf(" \t\n");

const PEM_FRAME = /-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY/g;
const PEM_END = "-----END";
/** Full lines of a key have 64 characters, some programs' 70 or 76; only the last one of a key is shorter. */
const KEY_LINE = 60;
const MOST_KEY_LINES = 200;
/** No key is longer. */
const LONGEST_KEY = 20_000;
/** A line of a key in a program's text or behind the words of a log: a long run of letters of both cases and digits. */
const KEY_RUN = /[A-Za-z0-9+/=_-]{40,}/g;
/** A line of a key alone, the last and short one too, and what may stand before the first. */
const KEY_LINE_ALONE = /^(?:[A-Za-z0-9+/=_-]*$|Proc-Type: |DEK-Info: |Comment: |Version: )/;

/**
 * From `-----BEGIN … PRIVATE KEY-----` to its END, also with `\n` written out as in JSON; without END, the lines that look like a key's. So
 * does an END, of the lines before it, where a log was cut within a key.
 */
function pemBlocks({ text }: Searched): Secret[] {
  const secrets: Secret[] = [];
  for (let frame = PEM_FRAME.exec(text); frame !== null; frame = PEM_FRAME.exec(text)) {
    const { index, 0: label, 1: side } = frame;
    const start = side === "END" ? startOfKeyLines(text, index, secrets.at(-1)?.end ?? 0) : index;
    const footer = endOfKey(text, index, PEM_END);
    const isFooter = text.startsWith(PEM_END, footer);
    const dashes = isFooter ? text.indexOf("-----", footer + PEM_END.length) : -1;
    const end = dashes < 0 ? footer : dashes + 5;
    secrets.push({ start, end: Math.max(end, index + label.length), kind: "private-key" });
    PEM_FRAME.lastIndex = Math.max(end, index + label.length);
  }
  return secrets;
}

/**
 * Index of the literal that ends the key, else of the end of its line if that was cut, else of the lines that look like a key's: a visitor
 * who asks for an address that reads like the beginning of one must not take the log along that follows.
 */
function endOfKey(text: string, start: number, literal: string): number {
  const last = Math.min(text.length, start + LONGEST_KEY);
  let end = start;
  for (let from = start; from <= last; from = end + 1) {
    const eol = Math.min(endOfLine(text, from), last);
    const line = text.slice(from, eol);
    const found = line.indexOf(literal);
    if (found >= 0) return from + found;
    if (from > start && !isOfKey(line)) return end;
    if (from === start && line.endsWith(CUT)) return eol - CUT.length;
    end = eol;
  }
  return end;
}

function isOfKey(line: string): boolean {
  if (KEY_LINE_ALONE.test(line.trim())) return true;
  const runs = line.match(KEY_RUN) ?? [];
  return runs.some((run) => /[a-z]/.test(run) && /[A-Z]/.test(run) && /[0-9]/.test(run));
}

/** Where the key begins that `footer` ends; each of its lines may have words of a log before it. */
function startOfKeyLines(text: string, footer: number, floor: number): number {
  let start = footer;
  for (let lines = 0; lines < MOST_KEY_LINES; lines++) {
    const before = [start, start - beforeOnLine(text, start).length]
      .map((at) => wordBefore(text, at))
      .find(({ from, to }) => from >= floor && (to - from >= KEY_LINE || (lines === 0 && to > from)));
    if (before === undefined) break;
    start = before.from;
  }
  return start;
}

function wordBefore(text: string, at: number): { readonly from: number; readonly to: number } {
  const to = startOfRun(text, at, SPACE);
  return { from: startOfRun(text, to, BASE64, 1024), to };
}

/** The secret lines of a PuTTY key. */
function puttyKeys({ text }: Searched): Secret[] {
  const secrets: Secret[] = [];
  for (const start of outsideOf(positionsOf(text, "Private-Lines:"), secrets)) {
    secrets.push({ start, end: endOfKey(text, start, "Private-MAC:"), kind: "private-key" });
  }
  return secrets;
}

/** The base64 of an OpenSSH key without its frame. */
function openSshBlobs({ text }: Searched): Secret[] {
  const secrets: Secret[] = [];
  for (const start of outsideOf(positionsOf(text, "b3BlbnNzaC1rZXk"), secrets)) {
    secrets.push({ start, end: endOfRun(text, start, BASE64), kind: "private-key" });
  }
  return secrets;
}

/** Whole private keys, wherever they were printed. */
export function findKeyBlocks(searched: Searched): Secret[] {
  return [...pemBlocks(searched), ...puttyKeys(searched), ...openSshBlobs(searched)];
}
