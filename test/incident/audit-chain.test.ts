import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type ChainedRow,
  type ChainHead,
  EMPTY_HEAD,
  hashRow,
  verifyChain,
} from "../../src/incident/audit-chain.ts";

/** A log of that many rows, as it is written. */
function makeLog(count: number): readonly ChainedRow[] {
  const rows: ChainedRow[] = [];
  for (let seq = 1; seq <= count; seq += 1) {
    rows.push(
      seal(
        {
          seq,
          at: `2026-11-20T12:00:00.${String(seq).padStart(3, "0")}Z`,
          kind: "look-asked",
          actor: {
            kind: "person",
            person: { surface: "slack", workspace: "T1", id: `U${seq}`, name: "ana" },
          },
          incident: seq % 7,
          text: `look ${seq}`,
          details: { argv: ["a", "b"], seq },
        },
        rows.at(-1)?.hash ?? EMPTY_HEAD.hash,
      ),
    );
  }
  return rows;
}

function seal(row: Omit<ChainedRow, "previousHash" | "hash">, previousHash: string): ChainedRow {
  const { seq, at, kind, actor, incident, intent, text, details } = row;
  const plain = {
    seq,
    at,
    kind,
    actor,
    ...(incident === undefined ? {} : { incident }),
    ...(intent === undefined ? {} : { intent }),
    text,
    details,
  };
  return { ...plain, previousHash, hash: hashRow(previousHash, plain) };
}

function headOf(rows: readonly ChainedRow[]): ChainHead {
  const last = rows.at(-1);
  return last === undefined ? EMPTY_HEAD : { seq: last.seq, hash: last.hash };
}

/** Computes the chain anew from a row on, as somebody who knows how it is made would. */
function rehash(rows: readonly ChainedRow[], from: number): readonly ChainedRow[] {
  const done = rows.slice(0, from);
  for (const row of rows.slice(from)) {
    done.push(seal({ ...row, seq: done.length + 1 }, done.at(-1)?.hash ?? EMPTY_HEAD.hash));
  }
  return done;
}

const ROWS = 40;
const LOG = makeLog(ROWS);
const HEAD = headOf(LOG);
const index = fc.nat(ROWS - 1);

/** What somebody may do to one row. */
const edits: readonly ((row: ChainedRow) => ChainedRow)[] = [
  (row) => ({ ...row, text: `${row.text} ` }),
  (row) => ({ ...row, at: row.at.replace("12:00", "12:01") }),
  (row) => ({ ...row, kind: "restart-approved" }),
  (row) => ({ ...row, actor: { kind: "bot" } }),
  (row) => ({ ...row, incident: 99 }),
  ({ incident, ...row }) => row,
  (row) => ({ ...row, intent: "k" }),
  (row) => ({ ...row, details: { argv: ["a", "b"] } }),
  ({ details, ...row }) => row,
  (row) => ({ ...row, hash: row.hash.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) }),
  (row) => ({ ...row, previousHash: row.previousHash.replace(/.$/, (digit) => (digit === "0" ? "1" : "0")) }),
];

const manipulations: fc.Arbitrary<readonly ChainedRow[]> = fc.oneof(
  // edited
  fc.tuple(index, fc.constantFrom(...edits)).map(([at, edit]) => LOG.with(at, edit(rowAt(at)))),
  // deleted, at the end too
  fc.tuple(index, fc.integer({ min: 1, max: 5 })).map(([at, count]) => LOG.toSpliced(at, count)),
  // swapped
  fc
    .tuple(index, index)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => LOG.with(a, rowAt(b)).with(b, rowAt(a))),
  // swapped, and numbered again
  fc
    .tuple(index, index)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => LOG.with(a, { ...rowAt(b), seq: a + 1 }).with(b, { ...rowAt(a), seq: b + 1 })),
  // doubled
  index.map((at) => LOG.toSpliced(at, 0, rowAt(at))),
  // invented, inside or at the end
  fc.nat(ROWS).map((at) => LOG.toSpliced(at, 0, seal(rowAt(0), LOG[at - 1]?.hash ?? EMPTY_HEAD.hash))),
  fc.constant([...LOG, seal({ ...rowAt(0), seq: ROWS + 1 }, HEAD.hash)]),
  // cut
  fc.nat(ROWS - 1).map((length) => LOG.slice(0, length)),
  // edited or deleted, and everything after it computed anew
  index.map((at) => rehash(LOG.with(at, { ...rowAt(at), text: "another" }), at)),
  index.map((at) => rehash(LOG.toSpliced(at, 1), at)),
  // one row computed anew, the ones after it left
  index.map((at) => LOG.with(at, seal({ ...rowAt(at), text: "another" }, rowAt(at).previousHash))),
);

function rowAt(at: number): ChainedRow {
  const row = LOG[at];
  assert.ok(row);
  return row;
}

test("ten thousand manipulations of the log are all found", async () => {
  await fc.assert(
    fc.asyncProperty(manipulations, async (rows) => {
      assert.equal((await verifyChain(rows, { head: HEAD })).status, "broken");
    }),
    { numRuns: 10_000 },
  );
});

test("a log that nobody touched hangs together, at any length", async () => {
  for (const length of [0, 1, 2, ROWS]) {
    const rows = LOG.slice(0, length);
    assert.deepEqual(
      await verifyChain(rows, { head: headOf(rows), anchors: rows.map((row) => headOf([row])) }),
      {
        status: "ok",
        count: length,
        head: headOf(rows),
      },
    );
  }
});

test("a log that was computed anew to its end, its own head too, is found by a head that was written down", async () => {
  const rows = rehash(LOG.with(10, { ...rowAt(10), text: "another" }), 10);
  const head = headOf(rows);
  assert.equal((await verifyChain(rows, { head })).status, "ok");
  const check = await verifyChain(rows, { head, anchors: [headOf(LOG.slice(0, 20))] });
  assert.deepEqual(check, {
    status: "broken",
    seq: 20,
    why: "rewritten",
    message: "row 20 has another hash than the one that was noted",
  });
  const cut = LOG.slice(0, 5);
  assert.equal((await verifyChain(cut, { head: headOf(cut), anchors: [HEAD] })).status, "broken");
});

test("two heads that were written down for the same row, and differ, are found before any row is read", async () => {
  const other = { seq: 20, hash: "f".repeat(64) };
  const noted = headOf(LOG.slice(0, 20));
  for (const anchors of [
    [noted, other],
    [other, noted],
  ]) {
    assert.deepEqual(await verifyChain([], { head: HEAD, anchors }), {
      status: "broken",
      seq: 20,
      why: "rewritten",
      message: "row 20 has another hash than the one that was noted",
    });
  }
});

test("an empty log whose note of its end names a hash is found", async () => {
  const head = { seq: 0, hash: "f".repeat(64) };
  for (const rows of [[], LOG]) {
    assert.deepEqual(await verifyChain(rows, { head }), {
      status: "broken",
      seq: 0,
      why: "rewritten",
      message: "row 0 has another hash than the one that was noted",
    });
  }
});

const reports: readonly (readonly [string, readonly ChainedRow[], number, string, string])[] = [
  [
    "an edit",
    LOG.with(6, { ...rowAt(6), text: "another" }),
    7,
    "edited",
    "row 7 is not what was hashed when it was written",
  ],
  [
    "a row computed anew",
    LOG.with(6, seal({ ...rowAt(6), text: "another" }, rowAt(6).previousHash)),
    8,
    "rewritten",
    "row 8 does not follow row 7: one of them was computed anew",
  ],
  ["a deletion", LOG.toSpliced(6, 2), 7, "missing", "after row 6 comes row 9"],
  ["a doubled row", LOG.toSpliced(7, 0, rowAt(6)), 8, "reordered", "in the place of row 8 stands row 7"],
  ["a cut", LOG.slice(0, 6), 7, "cut", "the log ends at row 6, and row 40 was written once"],
  [
    "a tail computed anew",
    rehash(LOG.with(6, { ...rowAt(6), text: "another" }), 6),
    ROWS,
    "rewritten",
    "row 40 has another hash than the one that was noted",
  ],
  [
    "a row past the end",
    [...LOG, seal({ ...rowAt(0), seq: ROWS + 1 }, HEAD.hash)],
    ROWS + 1,
    "rewritten",
    "row 41 was added past the log's own note of its end",
  ],
];

for (const [what, rows, seq, why, message] of reports) {
  test(`${what} is reported where it begins, by its name`, async () => {
    assert.deepEqual(await verifyChain(rows, { head: HEAD }), { status: "broken", seq, why, message });
  });
}

test("the hash of a row does not hang on the order of its keys, and on nothing that is not kept", () => {
  const row = { seq: 1, at: "t", kind: "k", actor: { a: 1, b: [null, "x"] }, text: "t" };
  const turned = {
    text: "t",
    actor: { b: [null, "x"], a: 1 },
    kind: "k",
    at: "t",
    seq: 1,
    incident: undefined,
  };
  const hash = "40353fc5708ff785c4be93c5d5f35e550a08feb0f5a41aaa9b5fe63500b98f7d";
  assert.equal(hashRow(EMPTY_HEAD.hash, row), hashRow(EMPTY_HEAD.hash, turned as typeof row));
  assert.equal(hashRow(EMPTY_HEAD.hash, row), hash);
});
