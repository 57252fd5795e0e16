import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "../../src/workflow/engine.ts";
import { createTakeUp } from "../../src/workflow/take-up.ts";
import { offer, openOffice } from "./office.ts";

/** An engine that only writes down what it was told; it fails while `isGone`. */
function openLedger() {
  const told: string[] = [];
  const ledger = { isGone: false };
  const engine: Engine = {
    start: async () => undefined,
    stop: async () => undefined,
    async ensureRun(kind, id, lane) {
      if (ledger.isGone) throw new Error("the database is gone");
      told.push(`${kind} ${id} ${lane}`);
    },
    wake: (kind, id) => void told.push(`wake ${kind} ${id}`),
  };
  return { told, ledger, engine };
}

test("a run that could not be started is started once the database is back, and nothing is until then", async (t) => {
  const { records, desk } = await openOffice(t);
  const { key } = await offer(records, { incident: desk.incident });
  const { told, ledger, engine } = openLedger();
  const takeUp = createTakeUp({
    ...records,
    engine: () => engine,
    laneOf: async () => "commands",
    signal: new AbortController().signal,
  });
  await takeUp.missing();
  assert.deepEqual(told, [], "nothing is missing yet");

  ledger.isGone = true;
  await assert.rejects(takeUp.ensureRun("restart", key, "decisions"), /gone/);
  await assert.rejects(takeUp.missing(), /gone/);
  ledger.isGone = false;
  await takeUp.missing();
  const incidents = [desk.other, desk.incident].flatMap((id) => [
    `incident ${id} commands`,
    `wake incident ${id}`,
  ]);
  assert.deepEqual(told.toSorted(), [`restart ${key} decisions`, ...incidents].toSorted());
  await takeUp.missing();
  assert.equal(told.length, 5, "once");
});

test("who comes back wakes the runs of what was approved, and lets the others wait", async (t) => {
  const { records, desk } = await openOffice(t);
  const waiting = await offer(records, { incident: desk.incident });
  const approved = await offer(records, { incident: desk.incident });
  const audit = { kind: "restart-approved", actor: { kind: "bot" }, text: "approved" } as const;
  await records.intents.move(approved.key, { from: ["awaiting"], to: "approved" }, audit, []);
  const { told, engine } = openLedger();
  const { signal } = new AbortController();
  await createTakeUp({ ...records, engine: () => engine, laneOf: async () => "alerts", signal }).restarts();
  assert.deepEqual(
    told.toSorted(),
    [
      `restart ${approved.key} decisions`,
      `restart ${waiting.key} decisions`,
      `wake restart ${approved.key}`,
    ].toSorted(),
  );
});

test("a restart under way that has not moved since the last time looks again, and so does all that waits once the clock was set", async (t) => {
  const { records, desk } = await openOffice(t);
  const waiting = await offer(records, { incident: desk.incident });
  const stuck = await offer(records, { incident: desk.incident });
  const moving = await offer(records, { incident: desk.incident });
  const audit = { kind: "restart-approved", actor: { kind: "bot" }, text: "moved" } as const;
  const move = async (key: string, from: "awaiting" | "approved", to: "approved" | "sent") =>
    void (await records.intents.move(key, { from: [from], to }, audit, []));
  await move(stuck.key, "awaiting", "approved");
  await move(moving.key, "awaiting", "approved");
  const { told, engine } = openLedger();
  const { signal } = new AbortController();
  const takeUp = createTakeUp({ ...records, engine: () => engine, laneOf: async () => "alerts", signal });
  await takeUp.stalled();
  assert.deepEqual([...told], []);
  await move(moving.key, "approved", "sent");
  await takeUp.stalled();
  assert.deepEqual([...told], [`restart ${stuck.key} decisions`, `wake restart ${stuck.key}`]);

  await takeUp.everything();
  const wakings = told.slice(2).filter((line) => line.startsWith("wake"));
  assert.deepEqual(
    wakings.toSorted(),
    [
      ...[waiting, stuck, moving].map(({ key }) => `wake restart ${key}`),
      ...[desk.incident, desk.other].map((number) => `wake incident ${number}`),
    ].toSorted(),
  );
});
