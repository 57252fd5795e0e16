import assert from "node:assert/strict";
import { test } from "node:test";
import type { IntentState } from "../../src/approval/intent.ts";
import type { Person, Place, SurfaceName } from "../../src/incident/person.ts";
import { NOW } from "../approval/intent.ts";
import { auditAfter, LATE, offer, openOffice, personOf, placeOf, SURFACES } from "./office.ts";

const STATES: readonly IntentState[] = ["awaiting", "approved", "sent", "denied", "expired", "superseded"];

/** Who clicks, and whether that person may decide at all. */
const WHO: readonly {
  readonly who: string;
  readonly person: (surface: SurfaceName) => Person;
  readonly may: (surface: SurfaceName) => boolean;
}[] = [
  { who: "listed", person: (surface) => personOf(surface, "U1"), may: () => true },
  { who: "nobody", person: (surface) => personOf(surface, "U7"), may: () => false },
  {
    who: "in the group",
    person: (surface) => personOf(surface, "member"),
    may: (surface) => surface !== "console",
  },
  {
    who: "in a group that cannot be read",
    person: (surface) => personOf(surface, "unreadable"),
    may: () => false,
  },
  {
    who: "named like an approver",
    person: (surface) => personOf(surface, "U7", { name: "U1" }),
    may: () => false,
  },
  {
    who: "the same id elsewhere",
    person: (surface) => personOf(surface, "U1", { workspace: "T2" }),
    may: () => false,
  },
  {
    who: "the same id on another platform",
    person: (surface) => personOf(surface === "slack" ? "discord" : "slack", "U1"),
    may: () => false,
  },
];

/** What was clicked on; only the first asked. */
const MESSAGES: readonly {
  readonly what: string;
  readonly of: (desk: { readonly incident: number; readonly other: number }) => {
    readonly messageId: string;
    readonly place?: Partial<Place>;
  };
}[] = [
  { what: "the message that asked", of: ({ incident }) => ({ messageId: `message-${incident}` }) },
  { what: "another incident's message", of: ({ other }) => ({ messageId: `message-${other}` }) },
  { what: "a message of somebody's making", of: () => ({ messageId: "message-999" }) },
  {
    what: "its id in another channel",
    of: ({ incident }) => ({ messageId: `message-${incident}`, place: { channel: "C2" } }),
  },
];

test("through the real store, every mix of person, platform, message, state, answer and time decides only when all allow it, and each refusal is on record", async (t) => {
  const { records, takeDecision, clock, wakings, desk } = await openOffice(t, {
    isMember: (_group, { id }) => {
      if (id === "unreadable") throw new Error("the platform is away");
      return id === "member";
    },
  });
  let cases = 0;
  let lastSeq = (await auditAfter(records, 0)).length;
  for (const state of STATES) {
    let intent = await offer(records, { incident: desk.incident, state });
    lastSeq++;
    for (const surface of SURFACES)
      for (const { who, person, may } of WHO)
        for (const { what, of } of MESSAGES)
          for (const answer of ["approve", "deny"] as const)
            for (const now of [NOW, LATE]) {
              cases++;
              clock.now = now;
              const { messageId, place } = of(desk);
              const isTime =
                (state === "awaiting" && now === NOW) || (state === "approved" && answer === "deny");
              const isAllowed = may(surface) && what === "the message that asked" && isTime;
              const clicker = person(surface);
              const wakes = wakings.length;
              const { text } = await takeDecision({
                action: answer,
                value: intent.key,
                person: clicker,
                place: placeOf(surface, place),
                messageId,
              });
              const about = JSON.stringify({ surface, who, what, state, answer, late: now === LATE, text });
              const rows = await auditAfter(records, lastSeq);
              lastSeq += rows.length;
              assert.equal(rows.length, 1, about);
              const [row] = rows;
              assert.deepEqual(row?.actor, { kind: "person", person: clicker }, about);
              assert.equal(row?.intent, intent.key, about);
              const told = answer === "approve" ? "restart-approved" : "restart-denied";
              assert.equal(row?.kind, isAllowed ? told : "click-refused", about);
              assert.equal(wakings.length - wakes, isAllowed ? 1 : 0, about);
              const stored = await records.intents.find(intent.key);
              assert.equal(stored?.decisions.length, isAllowed ? 1 : 0, about);
              assert.equal(
                stored?.state,
                isAllowed ? (answer === "approve" ? "approved" : "denied") : state,
                about,
              );
              if (!isAllowed) continue;
              intent = await offer(records, { incident: desk.incident, state });
              lastSeq++;
            }
  }
  assert.ok(cases >= 2000, `${cases}`);
});
