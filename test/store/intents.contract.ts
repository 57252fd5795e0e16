import assert from "node:assert/strict";
import { test } from "node:test";
import type { Intent, Verification } from "../../src/approval/intent.ts";
import type { RecordsBench } from "./records-bench.ts";
import { makeApproval, makeEntry, makeIntent, makePerson, NOON } from "./sample-records.ts";

const MINUTE = 60_000;
const UNDONE = { from: "approved", to: "denied" } as const;

/** Approvals and restarts: one decides, one sends. */
export function testIntents(bench: RecordsBench): void {
  test("an intent comes back as it was offered", async () => {
    const intent = await bench.offer();
    assert.deepEqual(await bench.records.intents.find(intent.key), intent);
    assert.deepEqual(await bench.records.intents.ofIncident(intent.incident), [intent]);
    assert.equal(await bench.records.intents.find("none"), undefined);
  });

  test("one restart a service is open at a time; another service has its own", async () => {
    const { number } = await bench.openIncident();
    const made = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        bench.records.intents.create(
          makeIntent({ key: `one-${number}-${index}`, incident: number, host: "one-host" }),
          makeEntry({ kind: "restart-proposed" }),
          [],
        ),
      ),
    );
    assert.equal(made.filter(Boolean).length, 1);
    assert.equal((await bench.kinds(number)).filter((kind) => kind === "restart-proposed").length, 1);
    const other = makeIntent({
      key: `other-${number}`,
      incident: number,
      host: "one-host",
      identity: { id: "other.service", invocation: "i", bootId: "b" },
    });
    assert.equal(await bench.records.intents.create(other, makeEntry(), []), true);
  });

  test("nothing is offered on an incident that ended meanwhile", async () => {
    const { number } = await bench.openIncident();
    await bench.records.incidents.change(number, { state: "closed", closedBecause: "well again" }, []);
    const late = makeIntent({ key: `late-${number}`, incident: number, host: "late-host" });
    assert.equal(
      await bench.records.intents.create(late, makeEntry({ kind: "restart-proposed" }), []),
      false,
    );
    assert.equal(await bench.records.intents.find(late.key), undefined);
    assert.ok(!(await bench.kinds(number)).includes("restart-proposed"));
  });

  test("a hundred approvals at once: one decides, and the log has one row", async () => {
    const intent = await bench.offer();
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        bench.records.intents.decide(
          intent.key,
          makeApproval(`U${index}`),
          { from: "awaiting", to: "approved", approvedAt: "2026-11-20T12:01:00.000Z" },
          makeEntry({ kind: "restart-approved" }),
          [{ text: "approved", loud: false }],
        ),
      ),
    );
    const [winner, ...others] = outcomes.filter((outcome) => outcome !== undefined);
    assert.equal(others.length, 0);
    assert.equal(winner?.decisions.length, 1);
    assert.equal(winner?.state, "approved");
    assert.equal((await bench.records.intents.find(intent.key))?.decisions.length, 1);
    assert.deepEqual(await bench.kinds(intent.incident), [
      "incident-opened",
      "restart-proposed",
      "restart-approved",
    ]);
    assert.equal((await bench.records.incidents.notes(intent.incident)).length, 1);
  });

  test("whoever approved may still say no, and whoever said no has ended it", async () => {
    const intent = await bench.offer({ approvalsNeeded: 2 });
    const decide = (answer: "approve" | "deny", to: "awaiting" | "denied") => {
      const decision = makeApproval("U2", answer);
      return bench.records.intents.decide(intent.key, decision, { from: "awaiting", to }, makeEntry(), []);
    };
    assert.equal((await decide("approve", "awaiting"))?.state, "awaiting");
    const denied = await decide("deny", "denied");
    assert.equal(denied?.state, "denied");
    assert.deepEqual(denied?.decisions, [makeApproval("U2", "deny")]);
    assert.equal(await decide("approve", "awaiting"), undefined);
  });

  test("an approval is undone by a no, once, and by nothing once it is sent", async () => {
    const [undone, sent] = [await bench.offer(), await bench.offer()];
    const decide = (key: string, id: string, answer: "approve" | "deny") => {
      const move = answer === "deny" ? UNDONE : ({ from: "awaiting", to: "approved" } as const);
      return bench.records.intents.decide(key, makeApproval(id, answer), move, makeEntry(), []);
    };
    await decide(undone.key, "U2", "approve");
    const denials = await Promise.all(["U2", "U3", "U4"].map((id) => decide(undone.key, id, "deny")));
    assert.equal(denials.filter((denied) => denied?.state === "denied").length, 1);
    await decide(sent.key, "U2", "approve");
    await bench.records.intents.move(sent.key, { from: ["approved"], to: "sent" }, makeEntry(), []);
    assert.equal(await decide(sent.key, "U3", "deny"), undefined);
    assert.equal((await bench.records.intents.find(sent.key))?.decisions.length, 1);
  });

  test("nobody approves twice, and two approvals are of two people", async () => {
    const intent = await bench.offer({ approvalsNeeded: 2 });
    const decide = (id: string, to: "awaiting" | "approved") =>
      bench.records.intents.decide(intent.key, makeApproval(id), { from: "awaiting", to }, makeEntry(), []);
    assert.equal(await decide("U2", "approved"), undefined, "one is not enough");
    assert.equal((await decide("U2", "awaiting"))?.state, "awaiting");
    assert.equal(await decide("U2", "approved"), undefined, "the same person again");
    assert.equal(await decide("U3", "awaiting"), undefined, "two are enough: read again");
    const approved = await decide("U3", "approved");
    assert.deepEqual(
      approved?.decisions.map(({ person }) => person.id),
      ["U2", "U3"],
    );
  });

  test("a hundred workers that send: one does", async () => {
    const intent = await bench.offer({ state: "approved" });
    const sent = await Promise.all(
      Array.from({ length: 100 }, () =>
        bench.records.intents.move(
          intent.key,
          { from: ["approved"], to: "sent", sentAt: "2026-11-20T12:02:00.000Z" },
          makeEntry({ kind: "restart-sent" }),
          [],
        ),
      ),
    );
    assert.equal(sent.filter((outcome) => outcome !== undefined).length, 1);
    assert.deepEqual(await bench.kinds(intent.incident), [
      "incident-opened",
      "restart-proposed",
      "restart-sent",
    ]);
  });

  test("of twenty restarts claimed at once as many are sent as may be, and the log has a row for each of these", async () => {
    const intents = await Promise.all(Array.from({ length: 20 }, () => bench.offer({ state: "approved" })));
    const sentAt = "2026-11-23T12:02:00.000Z";
    const guard = {
      history: { since: sentAt, unsettledSince: sentAt },
      allows: (sent: readonly Intent[]) => sent.length <= 5,
    };
    const claim = ({ key }: Intent) =>
      bench.records.intents.move(
        key,
        { from: ["approved"], to: "sent", sentAt },
        makeEntry({ kind: "restart-sent" }),
        [],
        guard,
      );
    const sent = await Promise.all(intents.map(claim));
    assert.equal(sent.filter((outcome) => outcome !== undefined).length, 5);
    const rows = await Promise.all(intents.map(({ incident }) => bench.kinds(incident)));
    assert.equal(rows.flat().filter((kind) => kind === "restart-sent").length, 5);
    const states = await Promise.all(intents.map(({ key }) => bench.records.intents.find(key)));
    assert.equal(states.filter((intent) => intent?.state === "approved").length, 15);
  });

  test("approval, denial and expiry at once: exactly one happens", async () => {
    for (let round = 0; round < 10; round += 1) {
      const { key } = await bench.offer();
      const outcomes = await Promise.all([
        bench.records.intents.decide(
          key,
          makeApproval("U2"),
          { from: "awaiting", to: "approved" },
          makeEntry(),
          [],
        ),
        bench.records.intents.decide(
          key,
          makeApproval("U3", "deny"),
          { from: "awaiting", to: "denied" },
          makeEntry(),
          [],
        ),
        bench.records.intents.move(key, { from: ["awaiting"], to: "expired" }, makeEntry(), []),
      ]);
      const [winner, ...others] = outcomes.filter((outcome) => outcome !== undefined);
      assert.equal(others.length, 0);
      assert.equal((await bench.records.intents.find(key))?.state, winner?.state);
    }
  });

  test("an intent is open until its restart is proven or not", async () => {
    const intent = await bench.offer({ state: "approved" });
    const isOpen = async () => (await bench.records.intents.open()).some(({ key }) => key === intent.key);
    const verify = (status: "running" | "proven") =>
      bench.records.intents.move(
        intent.key,
        {
          from: ["done"],
          to: "done",
          verification: {
            status,
            at: "2026-11-20T12:03:00.000Z",
            checks: [{ hop: "unit", before: "dead", after: "running", ok: true }],
          },
        },
        makeEntry(),
        [],
      );
    assert.equal(await isOpen(), true);
    await bench.records.intents.move(intent.key, { from: ["approved"], to: "sent" }, makeEntry(), []);
    assert.equal(await isOpen(), true);
    const done = { from: ["sent"], to: "done", outcome: "restarted", hint: "none" } as const;
    assert.equal((await bench.records.intents.move(intent.key, done, makeEntry(), []))?.outcome, "restarted");
    assert.equal(await isOpen(), true);
    await verify("running");
    assert.equal(await isOpen(), true);
    assert.equal((await verify("proven"))?.verification?.checks[0]?.after, "running");
    assert.equal(await isOpen(), false);
  });

  const proofOf = (status: Verification["status"], lifted?: Verification["lifted"]): Verification => ({
    status,
    at: "2026-11-20T12:03:00.000Z",
    checks: [],
    ...(lifted === undefined ? {} : { lifted }),
  });
  const setProof = (key: string, verification: Verification) =>
    bench.records.intents.move(key, { from: ["done"], to: "done", verification }, makeEntry(), [
      { text: verification.status, loud: false },
    ]);

  test("of twenty provers one ends the proof, and nobody overwrites it or says anything after", async () => {
    const { key, incident } = await bench.offer({ state: "done" });
    assert.ok(await setProof(key, proofOf("running")));
    assert.ok(await setProof(key, proofOf("running")), "it goes on");
    const ends = await Promise.all(
      Array.from({ length: 20 }, (_, n) => setProof(key, proofOf(n % 2 === 0 ? "proven" : "unproven"))),
    );
    const [winner, ...others] = ends.filter((end) => end !== undefined);
    assert.equal(others.length, 0);
    assert.equal(await setProof(key, proofOf("running")), undefined, "one that was paused all the while");
    assert.deepEqual((await bench.records.intents.find(key))?.verification, winner?.verification);
    assert.deepEqual(
      (await bench.records.incidents.notes(incident)).map(({ text }) => text),
      ["running", "running", winner?.verification?.status],
    );
  });

  test("a failed proof is set aside by one person, once, and stays so; what is proven cannot be", async () => {
    const { key } = await bench.offer({ state: "done" });
    const lift = (id: string) =>
      setProof(key, proofOf("unproven", { person: makePerson(id), at: "2026-11-20T12:05:00.000Z" }));
    assert.equal(await lift("U1"), undefined, "it has not failed");
    await setProof(key, proofOf("unproven"));
    const lifts = await Promise.all(Array.from({ length: 20 }, (_, n) => lift(`U${n}`)));
    const [lifted, ...others] = lifts.filter((one) => one !== undefined);
    assert.equal(others.length, 0);
    for (const status of ["running", "proven", "unproven"] as const) {
      assert.equal(await setProof(key, proofOf(status)), undefined);
    }
    assert.deepEqual((await bench.records.intents.find(key))?.verification, lifted?.verification);
    const proven = await bench.offer({ state: "done" });
    await setProof(proven.key, proofOf("proven"));
    assert.equal(
      await setProof(proven.key, proofOf("unproven", { person: makePerson("U1"), at: "" })),
      undefined,
    );
  });

  test("what was sent is counted for a while, and longer where it is not settled; newest first, with who approved", async () => {
    const at = (minute: number) => new Date(NOON + minute * MINUTE).toISOString();
    const send = async (minute: number, end: { to: "done" | "unknown"; verification?: Verification }) => {
      const { key } = await bench.offer({ host: "counted" });
      const { intents } = bench.records;
      await intents.decide(key, makeApproval("U1"), { from: "awaiting", to: "approved" }, makeEntry(), []);
      await intents.move(key, { from: ["approved"], to: "sent", sentAt: at(minute) }, makeEntry(), []);
      await intents.move(key, { from: ["sent"], ...end }, makeEntry(), []);
      return key;
    };
    const done = { to: "done", verification: proofOf("proven") } as const;
    const keys = {
      tooOld: await send(0, { to: "unknown" }),
      unproven: await send(1, { to: "done", verification: proofOf("unproven") }),
      unknown: await send(2, { to: "unknown" }),
      proven: await send(3, done),
      setAside: await send(4, { to: "done", verification: proofOf("unproven") }),
      recent: await send(5, done),
      newest: await send(6, { to: "unknown" }),
    };
    await setProof(keys.setAside, proofOf("unproven", { person: makePerson("U1"), at: at(9) }));
    const sent = await bench.records.intents.sent({ since: at(5), unsettledSince: at(1) });
    const counted = sent.filter(({ host }) => host === "counted");
    assert.deepEqual(
      counted.map(({ key }) => key),
      [keys.newest, keys.recent, keys.unknown, keys.unproven],
    );
    assert.ok(counted.every(({ decisions: [first] }) => first?.person.id === "U1"));
  });

  test("a change whose log row cannot be written does not happen", async () => {
    const intent = await bench.offer();
    const circular: { [key: string]: never } = {};
    Object.assign(circular, { self: circular });
    await assert.rejects(
      bench.records.intents.move(
        intent.key,
        { from: ["awaiting"], to: "expired" },
        makeEntry({ details: circular }),
        [],
      ),
    );
    assert.equal((await bench.records.intents.find(intent.key))?.state, "awaiting");
  });
}
