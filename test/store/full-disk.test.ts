import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { verifyChain } from "../../src/incident/audit-chain.ts";
import { openRecords } from "../../src/store/open-records.ts";
import { readAuditLog } from "../../src/store/read-audit-log.ts";
import { makeEntry } from "./sample-records.ts";
import { makeStateDirectory } from "./temporary-place.ts";

const WRITER = fileURLToPath(import.meta.resolve("./write-notes.ts"));

/** Files may grow to this many blocks of 512 bytes: what is written past it fails, as on a full disk. */
const BLOCKS = 600;

test("on a full disk a change fails as a whole, and the next one succeeds when there is room", async (t) => {
  const directory = await makeStateDirectory(t);
  const place = { kind: "sqlite", directory } as const;
  const open = () => openRecords(place, { now: Date.now, random: randomBytes, holdLock: false });
  let records = await open();
  const { incident } = await records.incidents.openOrJoin(
    { site: "shop", url: "https://shop.example.com/", openedBy: { kind: "bot" } },
    makeEntry({ kind: "incident-opened" }),
  );
  await records.close();

  const order = JSON.stringify({ place, incident: incident.number, notes: 100_000 });
  const limited = `trap '' XFSZ; ulimit -f ${BLOCKS}; exec "$0" "$@"`;
  const writer = spawn("sh", ["-c", limited, process.execPath, WRITER, order], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [dots, said] = await Promise.all([text(writer.stdout), text(writer.stderr)]);
  assert.match(said, /StoreError: Nothing can be stored: the disk (?:is full|has an error) \(/);
  assert.match(said, /^not ready: StoreError: Nothing can be stored/m);
  assert.ok(dots.length > 10);

  records = await open();
  t.after(() => records.close());
  const rowsOf = async () => {
    const check = await readAuditLog(place, ({ rows, head }) => verifyChain(rows, { head }));
    assert.equal(check.status, "ok");
    return check.status === "ok" ? check.count : 0;
  };
  assert.equal((await records.incidents.notes(incident.number)).length, dots.length);
  assert.equal(await rowsOf(), dots.length + 1);
  await records.incidents.change(incident.number, { notes: [{ text: "n", loud: false }] }, [makeEntry()]);
  assert.equal(await rowsOf(), dots.length + 2);
  await records.ping();
  assert.equal(await rowsOf(), dots.length + 2);
});
