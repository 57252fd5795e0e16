import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { Alert } from "../../src/intake/alert.ts";
import type { RecordsBench } from "./records-bench.ts";
import { makeDiagnosis, makeEntry, NOON } from "./sample-records.ts";

const MINUTE = 60_000;

/** Diagnoses, alerts, proofs and steps: what is kept, and what counts once. */
export function testInbox(bench: RecordsBench): void {
  test("a diagnosis and its evidence come back", async () => {
    const { number } = await bench.openIncident();
    const evidence = JSON.stringify({ lines: "x".repeat(100_000) });
    const id = await bench.records.diagnoses.save({ incident: number, diagnosis: makeDiagnosis(), evidence });
    assert.match(id, /^d-[0-9a-f]{16}$/);
    assert.deepEqual(await bench.records.diagnoses.find(id), makeDiagnosis());
    assert.equal(await bench.records.diagnoses.evidence(id), evidence);
    assert.equal(await bench.records.diagnoses.find("d-none"), undefined);
    assert.equal(await bench.records.diagnoses.evidence("d-none"), undefined);
  });

  test("evidence past two mebibytes, compressed, is not kept; its diagnosis is", async () => {
    const { number } = await bench.openIncident();
    const evidence = randomBytes(2 * 1024 * 1024).toString("base64");
    const id = await bench.records.diagnoses.save({ incident: number, diagnosis: makeDiagnosis(), evidence });
    assert.deepEqual(await bench.records.diagnoses.find(id), makeDiagnosis());
    assert.equal(await bench.records.diagnoses.evidence(id), undefined);
  });

  test("an alert is kept until it is handled, and its fingerprint leads to its incident", async () => {
    const { number } = await bench.openIncident();
    const alert: Alert = {
      source: "grafana",
      status: "firing",
      fingerprint: `f\u0000${"x".repeat(5000)}`,
      candidates: ["shop"],
      title: "502",
      statusCode: 502,
    };
    const { isRepeat, ids } = await bench.records.inbox.store({ source: "grafana", key: "k-1" }, [
      { alert, site: "shop" },
      { alert: { ...alert, fingerprint: "other" } },
    ]);
    assert.equal(isRepeat, false);
    const [first = 0, second = 0] = ids;
    assert.deepEqual(await bench.records.inbox.pending(10), [
      { id: first, alert, site: "shop", receivedAt: "2026-11-20T12:00:00.000Z" },
      { id: second, alert: { ...alert, fingerprint: "other" }, receivedAt: "2026-11-20T12:00:00.000Z" },
    ]);
    await bench.records.inbox.markHandled(first, number);
    await bench.records.inbox.markHandled(second);
    assert.deepEqual(await bench.records.inbox.pending(10), []);
    assert.equal(await bench.records.inbox.incidentOf("grafana", alert.fingerprint), number);
    assert.equal(await bench.records.inbox.incidentOf("grafana", "other"), undefined);
    assert.equal(await bench.records.inbox.incidentOf("other", alert.fingerprint), undefined);
    assert.equal(
      await bench.records.inbox.othersFire(number, { source: "grafana", fingerprint: alert.fingerprint }),
      false,
    );
    assert.equal(
      await bench.records.inbox.othersFire(number, { source: "grafana", fingerprint: "other" }),
      true,
    );
  });

  test("the same delivery within 15 minutes stores nothing, of fifty at once one does", async () => {
    const alert: Alert = {
      source: "s",
      status: "firing",
      fingerprint: "f",
      candidates: [],
      title: "t",
    };
    const store = (key: string) => bench.records.inbox.store({ source: "s", key }, [{ alert }]);
    const stored = await Promise.all(Array.from({ length: 50 }, () => store("k-2")));
    assert.equal(stored.filter(({ isRepeat }) => !isRepeat).length, 1);
    assert.equal(stored.flatMap(({ ids }) => ids).length, 1);
    bench.now += 14 * MINUTE;
    assert.equal((await store("k-2")).isRepeat, true);
    assert.equal((await store("k-3")).isRepeat, false);
    bench.now = NOON + 15 * MINUTE;
    assert.equal((await store("k-2")).isRepeat, false);
    assert.equal((await store("k-2")).isRepeat, true);
    bench.now = NOON;
  });

  test("the same delivery opens anew once an incident of it is closed, two minutes after it was stored, of fifty at once one does", async () => {
    const { inbox, incidents } = bench.records;
    const alert: Alert = { source: "s", status: "firing", fingerprint: "a", candidates: [], title: "t" };
    const store = (status: Alert["status"] = "firing") =>
      inbox.store({ source: "s", key: `k-4 ${status}` }, [
        { alert: { ...alert, status } },
        { alert: { ...alert, status, fingerprint: "b" } },
      ]);
    const close = async (number: number) => {
      const entry = makeEntry({ kind: "incident-closed", incident: number });
      await incidents.change(number, { state: "closed", closedBecause: "well" }, [entry]);
    };
    const [a, b] = [await bench.openIncident(), await bench.openIncident()];
    for (const { ids } of [await store(), await store("resolved")]) {
      await inbox.markHandled(ids[0] ?? 0, a.number);
      await inbox.markHandled(ids[1] ?? 0, b.number);
    }
    bench.now = NOON + 5 * MINUTE;
    assert.equal((await store()).isRepeat, true, "both are open");
    await close(b.number);
    assert.equal((await store("resolved")).isRepeat, true, "resolved opens nothing");
    bench.now = NOON + 2 * MINUTE - 1;
    assert.equal((await store()).isRepeat, true, "a second try");
    bench.now = NOON + 5 * MINUTE;
    const stored = await Promise.all(Array.from({ length: 50 }, () => store()));
    assert.equal(stored.filter(({ isRepeat }) => !isRepeat).length, 1);
    assert.equal(stored.flatMap(({ ids }) => ids).length, 2);
    bench.now = NOON;
  });

  test("a proof counts once within 15 minutes", async () => {
    const seen = await Promise.all(Array.from({ length: 50 }, () => bench.records.inbox.isNewProof("p")));
    assert.equal(seen.filter(Boolean).length, 1);
    bench.now += 15 * MINUTE;
    assert.equal(await bench.records.inbox.isNewProof("p"), true);
    bench.now = NOON;
  });

  test("a step that never comes back is counted, one that does is forgotten", async () => {
    const { begin, end } = bench.records.stepCrashes;
    assert.deepEqual([await begin("look", "1"), await begin("look", "1")], [1, 2]);
    assert.equal(await begin("look", "2"), 1);
    await end("look", "1");
    assert.equal(await begin("look", "1"), 1);
  });
}
