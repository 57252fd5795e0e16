import assert from "node:assert/strict";
import { test } from "node:test";
import type { Intent } from "../../src/approval/intent.ts";
import type { Person } from "../../src/incident/person.ts";
import type { Records } from "../../src/store/open-records.ts";
import type { Press } from "../../src/workflow/surface.ts";
import type { TakeDecision } from "../../src/workflow/take-decision.ts";
import { makeTestIntent } from "../approval/intent.ts";
import { auditAfter, LATE, offer, openOffice, personOf, placeOf } from "./office.ts";

async function kindsOf(records: Records, key: string): Promise<Readonly<Record<string, number>>> {
  const kinds: Record<string, number> = {};
  for (const { kind, intent } of await auditAfter(records, 0)) {
    if (intent === key) kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}

const click = (intent: Intent, person: Person, over: Partial<Press> = {}): Parameters<TakeDecision>[0] => ({
  value: intent.key,
  person,
  place: placeOf(person.surface),
  messageId: `message-${intent.incident}`,
  ...over,
  action: over.action === "deny" ? "deny" : "approve",
});

test("an approval is stored with who, when, of what, and until when it may be sent, before anything wakes", async (t) => {
  const { records, takeDecision, wakings, touched, desk } = await openOffice(t);
  const intent = await offer(records, { incident: desk.incident });
  const before = (await auditAfter(records, 0)).length;
  const ana = personOf("slack", "U1");
  assert.deepEqual(await takeDecision(click(intent, ana)), {
    text: "Approved. Checking once more, then restarting.",
  });
  const stored = await records.intents.find(intent.key);
  assert.equal(stored?.approvedAt, "2026-11-20T03:12:00.000Z");
  assert.equal(stored?.sendBy, "2026-11-20T03:17:00.000Z");
  assert.equal(stored?.endedAt, undefined);
  assert.deepEqual(stored?.decisions, [{ answer: "approve", person: ana, at: "2026-11-20T03:12:00.000Z" }]);
  const [row] = await auditAfter(records, before);
  assert.equal(row?.text, `name of U1 (U1) approved the restart of app.service on ${intent.host}.`);
  assert.deepEqual(row?.details, { digest: intent.digest });
  const notes = await records.incidents.notes(desk.incident);
  assert.equal(notes.at(-1)?.text, row?.text);
  assert.equal(notes.at(-1)?.loud, false);
  assert.deepEqual([wakings, touched], [[intent.key], [desk.incident]]);
});

test("a denial ends it at once, and says who", async (t) => {
  const { records, takeDecision, desk } = await openOffice(t);
  const intent = await offer(records, { incident: desk.incident });
  await takeDecision(click(intent, personOf("slack", "U1"), { action: "deny" }));
  const stored = await records.intents.find(intent.key);
  assert.equal(stored?.outcome, "name of U1 said no.");
  assert.equal(stored?.endedAt, "2026-11-20T03:12:00.000Z");
  assert.equal(stored?.sendBy, undefined);
  const rows = await auditAfter(records, 0);
  assert.equal(rows.at(-1)?.text, `name of U1 (U1) denied the restart of app.service on ${intent.host}.`);
});

test("a button of somebody's making is refused, and on record though there is no proposal", async (t) => {
  const { records, takeDecision, desk } = await openOffice(t);
  const intent = makeTestIntent({ incident: desk.incident, key: "f".repeat(32) });
  assert.match((await takeDecision(click(intent, personOf("slack", "U1")))).text, /no such proposal/);
  const row = (await auditAfter(records, 0)).at(-1);
  assert.equal(row?.kind, "click-refused");
  assert.equal(row?.text, "A click of name of U1 (U1) did not count: no-such-proposal.");
  assert.ok(row !== undefined && !("intent" in row));
});

test("a site that is gone from the config has nobody who may decide", async (t) => {
  const { records, takeDecision, desk } = await openOffice(t);
  const intent = await offer(records, { incident: desk.incident, site: "gone" });
  assert.match((await takeDecision(click(intent, personOf("slack", "U1")))).text, /Nobody may approve here/);
  assert.equal((await records.intents.find(intent.key))?.state, "awaiting");
});

test("a platform that cannot say who is in a group takes no right from those who are listed, and it is logged", async (t) => {
  const { records, takeDecision, warnings, desk } = await openOffice(t, {
    isMember: () => {
      throw new Error("away");
    },
  });
  const intent = await offer(records, { incident: desk.incident });
  const { text } = await takeDecision(click(intent, personOf("slack", "U7")));
  assert.match(
    text,
    /Whether you \(U7\) are in S9 could not be read, so this did not count\. away\. Press again/,
  );
  const row = (await auditAfter(records, 0)).at(-1);
  assert.equal(row?.text, "A click of name of U7 (U7) did not count: group-not-read.");
  assert.deepEqual(warnings, [{ surface: "slack", group: "S9", reason: "Error: away" }]);
  assert.match((await takeDecision(click(intent, personOf("slack", "U1")))).text, /^Approved/);
});

test("whoever asked may approve only where the site says so", async (t) => {
  const ana = personOf("slack", "U1");
  const free = await openOffice(t, { approval: { selfApproval: true } });
  const own = await offer(free.records, { incident: free.desk.incident, requestedBy: ana });
  assert.match((await free.takeDecision(click(own, ana))).text, /^Approved/);

  const { records, takeDecision, desk } = await openOffice(t, { approval: { selfApproval: false } });
  const intent = await offer(records, { incident: desk.incident, requestedBy: ana });
  assert.match((await takeDecision(click(intent, ana))).text, /somebody else must approve/);
  assert.match((await takeDecision(click(intent, personOf("discord", "U1")))).text, /^Approved/);
});

for (const { what, people, state, kinds } of [
  { what: "two people", people: ["U1", "U2"], state: "approved", kinds: { "restart-approved": 2 } },
  {
    what: "one person twice",
    people: ["U1", "U1"],
    state: "awaiting",
    kinds: { "restart-approved": 1, "click-refused": 1 },
  },
  {
    what: "three people",
    people: ["U1", "U2", "U3"],
    state: "approved",
    kinds: { "restart-approved": 2, "click-refused": 1 },
  },
]) {
  test(`where two must approve, ${what} in the same moment come to ${state}`, async (t) => {
    const { records, takeDecision, desk } = await openOffice(t);
    const intent = await offer(records, { incident: desk.incident, approvalsNeeded: 2 });
    await Promise.all(people.map((id) => takeDecision(click(intent, personOf("slack", id)))));
    assert.equal((await records.intents.find(intent.key))?.state, state);
    assert.deepEqual(await kindsOf(records, intent.key), { "restart-proposed": 1, ...kinds });
  });
}

for (const approvalsNeeded of [1, 2]) {
  test(`a yes and a no in the same moment, where ${approvalsNeeded} must approve: the no wins, whichever was first`, async (t) => {
    const { records, takeDecision, desk } = await openOffice(t);
    const yes = (intent: Intent) => takeDecision(click(intent, personOf("slack", "U1")));
    const no = (intent: Intent) => takeDecision(click(intent, personOf("slack", "U2"), { action: "deny" }));
    for (const [first, second] of [
      [yes, no],
      [no, yes],
    ] as const) {
      const intent = await offer(records, { incident: desk.incident, approvalsNeeded });
      const replies = await Promise.all([first(intent), second(intent)]);
      assert.equal((await records.intents.find(intent.key))?.state, "denied");
      assert.equal(replies.filter(({ text }) => text === "Denied. Nothing will be restarted.").length, 1);
      assert.equal((await kindsOf(records, intent.key))["restart-denied"], 1);
    }
  });
}

for (const { what, people } of [
  { what: "somebody else", people: ["U1", "U2"] },
  { what: "whoever approved it", people: ["U1", "U1"] },
]) {
  test(`an approval that nothing was sent for yet is undone by ${what}, loudly, and both stay on record`, async (t) => {
    const { records, takeDecision, wakings, clock, desk } = await openOffice(t);
    const intent = await offer(records, { incident: desk.incident });
    const [approver = "", denier = ""] = people;
    await takeDecision(click(intent, personOf("slack", approver)));
    // the question would have expired meanwhile
    clock.now = LATE;
    const no = click(intent, personOf("slack", denier), { action: "deny" });
    assert.deepEqual(await takeDecision(no), { text: "Denied. Nothing will be restarted." });
    const stored = await records.intents.find(intent.key);
    assert.equal(stored?.state, "denied");
    assert.equal(stored?.endedAt, "2026-11-20T03:15:00.000Z");
    assert.equal(stored?.decisions.filter(({ answer }) => answer === "deny").length, 1);
    assert.deepEqual(wakings, [intent.key, intent.key]);
    const note = (await records.incidents.notes(desk.incident)).at(-1);
    assert.equal(note?.loud, true);
    assert.equal(
      note?.text,
      `name of ${denier} (${denier}) denied the restart of app.service on ${intent.host} after its approval; nothing was sent.`,
    );
    assert.deepEqual(await kindsOf(records, intent.key), {
      "restart-proposed": 1,
      "restart-approved": 1,
      "restart-denied": 1,
    });
  });
}

test("a denial in the moment in which the restart is sent comes too late, and is told so", async (t) => {
  const sent = { kind: "restart-sent", actor: { kind: "bot" }, text: "sent" } as const;
  const { records, takeDecision, desk } = await openOffice(t, {
    intents: (stored) => ({
      decide: async (key, decision, ...rest) => {
        if (decision.answer === "deny") await stored.move(key, { from: ["approved"], to: "sent" }, sent, []);
        return await stored.decide(key, decision, ...rest);
      },
    }),
  });
  const intent = await offer(records, { incident: desk.incident });
  await takeDecision(click(intent, personOf("slack", "U1")));
  const late = await takeDecision(click(intent, personOf("slack", "U2"), { action: "deny" }));
  assert.match(late.text, /^Approved already by name of U1 at 03:12 UTC; it is being done/);
  assert.equal((await records.intents.find(intent.key))?.state, "sent");
  assert.equal((await kindsOf(records, intent.key))["click-refused"], 1);
});

test("whoever approved may still say no while a second person is waited for, and never the other way round", async (t) => {
  const { records, takeDecision, desk } = await openOffice(t);
  const ana = personOf("slack", "U1");
  const intent = await offer(records, { incident: desk.incident, approvalsNeeded: 2 });
  await takeDecision(click(intent, ana));
  assert.match((await takeDecision(click(intent, ana, { action: "deny" }))).text, /^Denied/);
  const stored = await records.intents.find(intent.key);
  assert.equal(stored?.state, "denied");
  assert.deepEqual(
    stored?.decisions.map(({ answer }) => answer),
    ["deny"],
  );
  await takeDecision(click(intent, ana));
  assert.deepEqual(await kindsOf(records, intent.key), {
    "restart-proposed": 1,
    "restart-approved": 1,
    "restart-denied": 1,
    "click-refused": 1,
  });
});

test("it ends by itself while somebody's group is read: the click is late, told so and on record", async (t) => {
  const { records, takeDecision, clock, desk } = await openOffice(t, {
    isMember: () => {
      clock.now = LATE;
      return true;
    },
  });
  const intent = await offer(records, { incident: desk.incident });
  assert.match((await takeDecision(click(intent, personOf("slack", "member")))).text, /has expired/);
  assert.equal((await kindsOf(records, intent.key))["click-refused"], 1);
});

for (const { what, newer, why, told } of [
  { what: "nothing else was decided", newer: {}, why: "not-stored", told: /Still waiting/ },
  { what: "the proposal is gone", newer: undefined, why: "not-stored", told: /Still waiting/ },
  { what: "it has ended by itself", newer: { state: "expired" } as const, why: "ended", told: /has expired/ },
]) {
  test(`a click that could not be stored, and ${what}: it is told and on record, and wakes nobody`, async (t) => {
    let asked = 0;
    const { records, takeDecision, wakings, touched, desk } = await openOffice(t, {
      intents: (stored) => ({
        find: async (key) => {
          const found = await stored.find(key);
          if (asked++ === 0) return found;
          return found && newer && { ...found, ...newer };
        },
        decide: async () => undefined,
      }),
    });
    const intent = await offer(records, { incident: desk.incident });
    assert.match((await takeDecision(click(intent, personOf("slack", "U1")))).text, told);
    const row = (await auditAfter(records, 0)).at(-1);
    assert.equal(row?.text, `A click of name of U1 (U1) did not count: ${why}.`);
    assert.deepEqual([wakings, touched], [[], []]);
  });
}

test("five hundred clicks of fifty people at once are one decision, one waking, and a row for each of the others", async (t) => {
  const { records, takeDecision, wakings, desk } = await openOffice(t, { isMember: () => true });
  const intent = await offer(records, { incident: desk.incident });
  const replies = await Promise.all(
    Array.from({ length: 500 }, (_, index) =>
      takeDecision(click(intent, personOf("slack", `P${index % 50}`))),
    ),
  );
  assert.equal(replies.filter(({ text }) => text.startsWith("Approved. ")).length, 1);
  const stored = await records.intents.find(intent.key);
  assert.equal(stored?.state, "approved");
  assert.equal(stored?.decisions.length, 1);
  assert.deepEqual(wakings, [intent.key]);
  assert.deepEqual(await kindsOf(records, intent.key), {
    "restart-proposed": 1,
    "restart-approved": 1,
    "click-refused": 499,
  });
});
