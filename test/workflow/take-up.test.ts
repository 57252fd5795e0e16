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
    isLooking: () => false,
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
    `incident ${id} alerts`,
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
  await createTakeUp({ ...records, engine: () => engine, isLooking: () => false, signal }).restarts();
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
  const takeUp = createTakeUp({ ...records, engine: () => engine, isLooking: () => false, signal });
  await takeUp.stalled();
  assert.deepEqual([...told], []);
  await move(moving.key, "approved", "sent");
  await takeUp.stalled();
  const restarts = told.filter((line) => line.includes("restart"));
  assert.deepEqual(
    restarts.toSorted(),
    [
      `restart ${waiting.key} decisions`,
      `restart ${stuck.key} decisions`,
      `wake restart ${stuck.key}`,
    ].toSorted(),
  );

  const before = told.length;
  await takeUp.everything();
  const wakings = told.slice(before).filter((line) => line.startsWith("wake"));
  assert.deepEqual(
    wakings.toSorted(),
    [
      ...[waiting, stuck, moving].map(({ key }) => `wake restart ${key}`),
      ...[desk.incident, desk.other].map((number) => `wake incident ${number}`),
    ].toSorted(),
  );
});

test("an offer and an incident whose replica died before their runs began get them from another, once; what was started here waits for its turn", async (t) => {
  const { records, desk } = await openOffice(t);
  const orphan = await offer(records, { incident: desk.incident });
  const ours = await offer(records, { incident: desk.incident });
  const { told, engine } = openLedger();
  const { signal } = new AbortController();
  const looking = new Set<number>();
  const takeUp = createTakeUp({
    ...records,
    engine: () => engine,
    isLooking: (number) => looking.has(number),
    signal,
  });
  await takeUp.ensureRun("restart", ours.key, "decisions");
  await takeUp.ensureRun("incident", String(desk.other), "alerts");
  told.length = 0;
  await takeUp.stalled();
  assert.deepEqual([...told], [], "it may be started any moment");
  await takeUp.stalled();
  assert.deepEqual([...told], [`restart ${orphan.key} decisions`, `incident ${desk.incident} alerts`]);
  told.length = 0;
  await takeUp.stalled();
  await takeUp.stalled();
  assert.deepEqual([...told], [], "once");

  // a replica stored that a look is wanted, and died before it could wake the run, which sleeps
  for (const number of [desk.incident, desk.other]) {
    await records.incidents.change(number, { looksDone: 1 }, []);
    await records.incidents.change(number, { wantLook: { by: { kind: "bot" } } }, []);
  }
  looking.add(desk.other);
  await takeUp.stalled();
  assert.deepEqual([...told], []);
  await takeUp.stalled();
  assert.deepEqual(told, [`incident ${desk.incident} alerts`, `wake incident ${desk.incident}`]);
});

test("in a storm that another replica takes, no more than a hundred of its incidents are seen to at once", async (t) => {
  const { records } = await openOffice(t);
  const by = { kind: "alert", source: "am" } as const;
  const opened = { kind: "incident-opened", actor: by, text: "Alert" } as const;
  for (let index = 0; index < 150; index++)
    await records.incidents.openOrJoin({ site: `s${index}`, url: "", openedBy: by }, opened);
  const { told, engine } = openLedger();
  const { signal } = new AbortController();
  const takeUp = createTakeUp({ ...records, engine: () => engine, isLooking: () => false, signal });
  await takeUp.stalled();
  await takeUp.stalled();
  assert.equal(told.length, 100);
  await takeUp.stalled();
  assert.equal(new Set(told).size, 152);
});

test("a look that a person asked for is taken up where a person's looks wait, and no second one begins in the incident's own lane", async (t) => {
  const { records, desk } = await openOffice(t);
  const person = { surface: "console", workspace: "local", id: "eve", name: "Eve" } as const;
  await records.incidents.change(desk.incident, { looksDone: 1 }, []);
  await records.incidents.change(desk.incident, { wantLook: { by: { kind: "person", person } } }, []);
  await records.incidents.change(desk.other, { looksDone: 1 }, []);
  const { told, engine } = openLedger();
  const wake = t.mock.method(engine, "wake", () => undefined);
  const { signal } = new AbortController();
  const takeUp = createTakeUp({ ...records, engine: () => engine, isLooking: () => false, signal });
  await takeUp.stalled();
  await takeUp.stalled();
  const id = String(desk.incident);
  assert.deepEqual(told, [`incident ${id} alerts`, `incident ${id} commands`]);
  assert.deepEqual(
    wake.mock.calls.map(({ arguments: run }) => run),
    [["incident", id, "commands"]],
  );
});
