import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline";

/** What a process did that outlives it, or that others saw. `file`: by its name. */
export type Deed =
  | { readonly kind: "write"; readonly file: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: "truncate"; readonly file: string; readonly size: number }
  /** What was done to this file so far is on the disk. */
  | { readonly kind: "sync"; readonly file: string }
  | { readonly kind: "remove"; readonly file: string }
  /** Somebody was told that the approval of this key counts. */
  | { readonly kind: "told"; readonly key: string }
  /** The restart with this key went out. */
  | { readonly kind: "sent"; readonly key: string };

const CALLS = ["pwrite64", "ftruncate", "fsync", "fdatasync", "unlink", "write", "writev", "sendmsg"];

/** Has the kernel write down what a program does; texts and paths as hex, because pages of a database are no text. */
export function recordingTo(file: string): readonly string[] {
  const how = ["-f", "-qq", "--seccomp-bpf", "-y", "-xx", "-s", "70000", "-e", "signal=none"];
  return ["strace", ...how, "-e", `trace=${CALLS.join(",")}`, "-o", file];
}

/** Reads such a record, in its order. `files`: the names that count. */
export async function readDeeds(record: string, files: ReadonlySet<string>): Promise<readonly Deed[]> {
  const deeds: Deed[] = [];
  /** Process → the call in which another one ran meanwhile. */
  const unfinished = new Map<string, string>();
  for await (const line of createInterface({ input: createReadStream(record) })) {
    const [thread = "", text = ""] = split(line);
    if (text.startsWith("<... ")) {
      const begun = unfinished.get(thread);
      unfinished.delete(thread);
      // what was written counts from its begin, what was made durable from its end
      if (begun?.includes("sync(") && text.endsWith("= 0")) deeds.push(...deedsOf(begun, files));
      continue;
    }
    const isUnfinished = text.endsWith("<unfinished ...>");
    if (isUnfinished) unfinished.set(thread, text);
    if (isUnfinished && text.includes("sync(")) continue;
    deeds.push(...deedsOf(text, files));
  }
  return deeds;
}

function split(line: string): readonly string[] {
  const [, thread = "", text = ""] = /^(\d+)\s+(.*)$/s.exec(line) ?? [];
  return [thread, text.trimEnd()];
}

function deedsOf(text: string, files: ReadonlySet<string>): readonly Deed[] {
  const call = text.slice(0, text.indexOf("("));
  if (call === "unlink") {
    const file = basename(unhex(text.split('"')[1] ?? "").toString());
    return files.has(file) ? [{ kind: "remove", file }] : [];
  }
  const path = unhex(/^\w+\(\d+<([^>]*)>/.exec(text)?.[1] ?? "").toString();
  const file = basename(path);
  if (!files.has(file)) return call.startsWith("f") || call === "pwrite64" ? [] : wordsOf(text);
  switch (call) {
    case "pwrite64": {
      const [, hex = "", rest = ""] = text.split('"');
      const offset = Number(/^(?:\.\.\.)?, \d+, (\d+)/.exec(rest)?.[1]);
      if (rest.startsWith("...") || Number.isNaN(offset)) throw new Error(`not read: ${text.slice(-80)}`);
      return [{ kind: "write", file, offset, bytes: unhex(hex) }];
    }
    case "ftruncate":
      return [{ kind: "truncate", file, size: Number(/, (\d+)/.exec(text)?.[1]) }];
    case "fsync":
    case "fdatasync":
      return [{ kind: "sync", file }];
    default:
      throw new Error(`${file} is written by ${call}`);
  }
}

/** What was said to people, or to the host. */
function wordsOf(text: string): readonly Deed[] {
  const words = text
    .split('"')
    .filter((_, index) => index % 2 === 1)
    .map((hex) => unhex(hex).toString())
    .join("");
  const told = words.matchAll(/\{"kind":"approved","key":"([0-9a-f]{32})"\}/g);
  const sent = words.matchAll(/\{"verb":"restart",[^}]*"key":"([0-9a-f]{32})"/g);
  return [
    ...[...told].map(([, key = ""]) => ({ kind: "told", key }) as const),
    ...[...sent].map(([, key = ""]) => ({ kind: "sent", key }) as const),
  ];
}

function unhex(text: string): Buffer {
  return Buffer.from(text.replaceAll("\\x", ""), "hex");
}
