import { createHash } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";

/** A row as it is kept. What somebody changed may be anything, so less is believed of it than of an `AuditRow`. */
export interface ChainedRow {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly actor: unknown;
  readonly incident?: number;
  readonly intent?: string;
  readonly text: string;
  readonly details?: unknown;
  readonly previousHash: string;
  readonly hash: string;
}

/** Where the chain ends, or ended when somebody wrote it down. */
export interface ChainHead {
  /** 0 for an empty log. */
  readonly seq: number;
  readonly hash: string;
}

/** The log as it stood at one moment. */
export interface AuditSnapshot {
  /** Its own note of where it ends. */
  readonly head: ChainHead;
  /** Oldest first. */
  readonly rows: AsyncIterable<ChainedRow>;
}

export type ChainCheck =
  | { readonly status: "ok"; readonly count: number; readonly head: ChainHead }
  | {
      readonly status: "broken";
      /** The first row that is wrong or not there. */
      readonly seq: number;
      readonly why: "edited" | "missing" | "reordered" | "rewritten" | "cut";
      readonly message: string;
    };

type Broken = Extract<ChainCheck, { status: "broken" }>;

export const EMPTY_HEAD: ChainHead = { seq: 0, hash: "0".repeat(64) };

/** SHA-256 of `previousHash` and the canonical row, hex. */
export function hashRow(previousHash: string, row: Omit<ChainedRow, "previousHash" | "hash">): string {
  const { seq, at, kind, actor, incident, intent, text, details } = row;
  return createHash("sha256")
    .update(previousHash)
    .update(canonicalJson({ seq, at, kind, actor, incident, intent, text, details }))
    .digest("hex");
}

/**
 * Follows the chain from its first row. `head`: the log's own note of its end, which finds a cut. `anchors`: heads written down elsewhere,
 * which find a chain that was computed anew after a change.
 */
export async function verifyChain(
  rows: AsyncIterable<ChainedRow> | Iterable<ChainedRow>,
  options: { readonly head: ChainHead; readonly anchors?: readonly ChainHead[] },
): Promise<ChainCheck> {
  const anchors = [...(options.anchors ?? []), options.head];
  const hashes = new Map(anchors.map(({ seq, hash }) => [seq, hash]));
  const disagreeing = anchors.find(({ seq, hash }) => hashes.get(seq) !== hash);
  if (disagreeing !== undefined) return rewritten(disagreeing.seq);
  if ((hashes.get(0) ?? EMPTY_HEAD.hash) !== EMPTY_HEAD.hash) return rewritten(0);

  let last = EMPTY_HEAD;
  for await (const row of rows) {
    const wrong = checkRow(row, last, hashes);
    if (wrong !== undefined) return wrong;
    last = { seq: row.seq, hash: row.hash };
  }
  const farthest = Math.max(...hashes.keys());
  if (last.seq < farthest) {
    return broken(
      last.seq + 1,
      "cut",
      `the log ends at row ${last.seq}, and row ${farthest} was written once`,
    );
  }
  if (last.seq > options.head.seq) {
    const added = options.head.seq + 1;
    return broken(added, "rewritten", `row ${added} was added past the log's own note of its end`);
  }
  return { status: "ok", count: last.seq, head: last };
}

function checkRow(
  row: ChainedRow,
  last: ChainHead,
  anchors: ReadonlyMap<number, string>,
): Broken | undefined {
  const expected = last.seq + 1;
  if (row.seq > expected) {
    return broken(expected, "missing", `after row ${last.seq} comes row ${row.seq}`);
  }
  if (row.seq < expected) {
    return broken(expected, "reordered", `in the place of row ${expected} stands row ${row.seq}`);
  }
  if (hashRow(row.previousHash, row) !== row.hash) {
    return broken(expected, "edited", `row ${expected} is not what was hashed when it was written`);
  }
  if (row.previousHash !== last.hash) {
    return broken(
      expected,
      "rewritten",
      `row ${expected} does not follow row ${last.seq}: one of them was computed anew`,
    );
  }
  const anchored = anchors.get(expected);
  return anchored === undefined || anchored === row.hash ? undefined : rewritten(expected);
}

function rewritten(seq: number): Broken {
  return broken(seq, "rewritten", `row ${seq} has another hash than the one that was noted`);
}

function broken(seq: number, why: Broken["why"], message: string): Broken {
  return { status: "broken", seq, why, message };
}
