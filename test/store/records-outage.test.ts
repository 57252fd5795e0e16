import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { verifyChain } from "../../src/incident/audit-chain.ts";
import { openDatabase, requireWritable } from "../../src/store/database.ts";
import { openRecords } from "../../src/store/open-records.ts";
import { readAuditLog } from "../../src/store/read-audit-log.ts";
import { startPostgres, withoutPostgres } from "../fakes/postgres.ts";
import { makeEntry } from "./sample-records.ts";

const OUTAGES = 3;

test("a database that dies while we write loses nothing that was acknowledged, and is used again when it is back", {
  skip: withoutPostgres ?? false,
}, async () => {
  const server = await startPostgres();
  const place = { kind: "postgres", url: server.url } as const;
  const records = await openRecords(place, { now: Date.now, random: randomBytes, holdLock: false });
  try {
    const { incident } = await records.incidents.openOrJoin(
      { site: "shop", url: "https://shop.example.com/", openedBy: { kind: "bot" } },
      makeEntry({ kind: "incident-opened" }),
    );
    let acknowledged = 0;
    let refused = 0;
    let stopped = false;
    const write = async () => {
      while (!stopped) {
        try {
          await records.incidents.change(incident.number, { notes: [{ text: "n", loud: false }] }, [
            makeEntry(),
          ]);
          acknowledged += 1;
        } catch {
          refused += 1;
          await sleep(10);
        }
      }
    };
    const writers = Array.from({ length: 8 }, write);
    for (let outage = 0; outage < OUTAGES; outage += 1) {
      const before = acknowledged;
      while (acknowledged < before + 50) await sleep(5);
      await server.stop("immediate");
      await server.start();
    }
    const before = acknowledged;
    while (acknowledged < before + 200) await sleep(5);
    stopped = true;
    await Promise.all(writers);

    assert.ok(refused > 0, "the outages were noticed");
    const notes = await records.incidents.notes(incident.number);
    // a commit whose answer was lost is there, though it was not acknowledged
    assert.ok(notes.length >= acknowledged && notes.length <= acknowledged + refused);
    const check = await readAuditLog(place, ({ rows, head }) => verifyChain(rows, { head }));
    assert.deepEqual(check.status === "ok" && check.count, notes.length + 1);

    await records.ping();
    const standby = openDatabase({ ...place, url: `${server.url}?default_transaction_read_only=on` });
    try {
      await assert.rejects(requireWritable(standby), /takes no changes/);
    } finally {
      await standby.close();
    }
  } finally {
    await records.close();
    await server.remove();
  }
});
