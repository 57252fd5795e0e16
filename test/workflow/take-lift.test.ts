import assert from "node:assert/strict";
import { test } from "node:test";
import type { Intent, Verification } from "../../src/approval/intent.ts";
import type { Person } from "../../src/incident/person.ts";
import type { Records } from "../../src/store/open-records.ts";
import type { Press } from "../../src/workflow/surface.ts";
import { auditAfter, offer, openOffice, personOf, placeOf } from "./office.ts";

const UNPROVEN: Verification = { status: "unproven", at: "2026-11-20T03:11:00.000Z", checks: [] };

/** A restart that was done and not proven. */
async function unproven(records: Records, incident: number, over: Partial<Intent> = {}): Promise<Intent> {
  const { key } = await offer(records, { incident, ...over });
  const done = await records.intents.move(
    key,
    { from: ["awaiting"], to: "done", sentAt: UNPROVEN.at, verification: UNPROVEN },
    { kind: "restart-unproven", actor: { kind: "bot" }, incident, intent: key, text: "not proven" },
    [],
  );
  assert.ok(done !== undefined);
  return done;
}

const click = (intent: Pick<Intent, "key">, person: Person, over: Partial<Press> = {}): Press => ({
  action: "lift",
  value: intent.key,
  person,
  place: placeOf(person.surface),
  messageId: "message-1",
  ...over,
});

test("who may approve may set a failed proof aside, by name and on record, from any message of ours", async (t) => {
  const { records, takeLift, desk } = await openOffice(t);
  const intent = await unproven(records, desk.incident);
  const ana = personOf("slack", "U1");
  const { incident: third } = await records.incidents.openOrJoin(
    { site: "wiki", url: "https://wiki.example.com/", openedBy: { kind: "bot" } },
    { kind: "incident-opened", actor: { kind: "bot" }, text: "opened" },
  );
  const obstacle = { message: "not proven", hint: "Look.", lifts: intent.key };
  await records.incidents.change(third.number, { obstacle }, []);
  const { text, heldBack } = await takeLift(click(intent, ana, { messageId: `message-${desk.other}` }));
  const name = `app.service on ${intent.host} for shop at 2026-11-20 03:11 UTC`;
  assert.equal(text, `Restarts are allowed again after that of ${name}. Looking again.`);
  assert.deepEqual(heldBack, [desk.other, third.number], "whose message it was, and whom it held back");
  const stored = await records.intents.find(intent.key);
  assert.deepEqual(stored?.verification, {
    ...UNPROVEN,
    lifted: { person: ana, at: "2026-11-20T03:12:00.000Z" },
  });
  assert.equal(stored?.state, "done");
  const row = (await auditAfter(records, 0)).at(-1);
  assert.equal(row?.kind, "restart-lifted");
  assert.equal(
    row?.text,
    `name of U1 (U1) allowed restarts again after that of ${name}, which was not proven.`,
  );
  for (const thread of [desk.incident, desk.other]) {
    const notes = await records.incidents.notes(thread);
    const told = notes.map(({ text: line, loud }) => ({ line, loud }));
    assert.deepEqual(told, [{ line: row?.text, loud: false }], "the threads of both say it, quietly");
  }
});

const REFUSED: readonly (readonly [who: string, press: Partial<Press>, told: RegExp, why: string])[] = [
  ["a stranger", { person: personOf("slack", "U9") }, /not among those who may approve/, "not-an-approver"],
  [
    "somebody on a message that is not ours",
    { messageId: "other" },
    /not one of an incident/,
    "not-our-message",
  ],
  [
    "somebody of another workspace",
    { person: personOf("slack", "U1", { workspace: "T2" }) },
    /not one of an incident/,
    "not-our-message",
  ],
  ["whoever makes up a key", { value: "f".repeat(32) }, /no such restart/, "no-such-restart"],
];
for (const [who, press, told, why] of REFUSED) {
  test(`${who} cannot set a failed proof aside, and it is on record`, async (t) => {
    const { records, takeLift, desk } = await openOffice(t);
    const intent = await unproven(records, desk.incident);
    const reply = await takeLift(click(intent, personOf("slack", "U1"), press));
    assert.match(reply.text, told);
    assert.equal(reply.heldBack, undefined);
    assert.deepEqual((await records.intents.find(intent.key))?.verification, UNPROVEN);
    const row = (await auditAfter(records, 0)).at(-1);
    assert.equal(row?.kind, "click-refused");
    assert.ok(row?.text.endsWith(`did not count: ${why}.`));
  });
}

test("for a site that is gone from the config those may who may for the site that is held back by it", async (t) => {
  const { records, takeLift, desk } = await openOffice(t);
  const intent = await unproven(records, desk.incident, { site: "gone" });
  const stranger = await takeLift(click(intent, personOf("slack", "U9")));
  assert.match(stranger.text, /not among those who may approve/);
  const elsewhere = await takeLift(
    click(intent, personOf("slack", "U1"), { messageId: `message-${desk.other}` }),
  );
  assert.match(elsewhere.text, /Nobody may approve here/, "a site without approvers");
  const { text } = await takeLift(click(intent, personOf("slack", "U1")));
  assert.match(text, /are allowed again after that of app\.service on host-\w+ for gone at/);
  const notes = await records.incidents.notes(desk.incident);
  assert.equal(notes.filter((note) => /allowed restarts again/.test(note.text)).length, 1);
});

test("what is not held back need not be set aside", async (t) => {
  const { records, takeLift, desk } = await openOffice(t);
  const intent = await offer(records, { incident: desk.incident });
  const { text, heldBack } = await takeLift(click(intent, personOf("slack", "U1")));
  assert.equal(
    text,
    `Restarts are not held back by that of app.service on ${intent.host} for shop at 2026-11-20 03:00 UTC.`,
  );
  assert.equal(heldBack, undefined);
});

test("of two who set it aside at once one does, and the other is told that it is no longer held back", async (t) => {
  const { records, takeLift, desk } = await openOffice(t);
  const intent = await unproven(records, desk.incident);
  const replies = await Promise.all(["U1", "U2"].map((id) => takeLift(click(intent, personOf("slack", id)))));
  assert.equal(replies.filter(({ heldBack }) => heldBack === undefined).length, 1);
  assert.ok(replies.some(({ text }) => text.startsWith("Restarts are not held back by that of app.service")));
  const rows = await auditAfter(records, 0);
  assert.equal(rows.filter(({ kind }) => kind === "restart-lifted").length, 1);
});
