import assert from "node:assert/strict";
import { test } from "node:test";
import type { Intent } from "../../src/approval/intent.ts";
import type { Intents } from "../../src/approval/intents.ts";
import { createAdvanceIntent } from "../../src/workflow/advance-intent.ts";
import { NOW } from "../approval/intent.ts";
import { makeDiagnosis } from "../store/sample-records.ts";
import { makeRequest } from "../topology/site.ts";
import { LATE, offer, openOffice } from "./office.ts";

test("an approval that is stored in the moment in which its question would expire stands, and its run goes on", async (t) => {
  const { records, desk } = await openOffice(t);
  const { key } = await offer(records, { incident: desk.incident });
  const approved = { kind: "restart-approved", actor: { kind: "bot" }, text: "approved" } as const;
  const move: Intents["move"] = async (...args) => {
    await records.intents.move(key, { from: ["awaiting"], to: "approved" }, approved, []);
    return await records.intents.move(...args);
  };
  const advance = createAdvanceIntent({
    intents: { ...records.intents, move },
    recheck: unused,
    sendRestart: { send: unused, resolve: unused },
    proveRestart: unused,
    now: () => LATE + 60 * 60_000,
    touch: () => undefined,
    onLine: () => undefined,
  });
  assert.deepEqual(await advance(key), { done: false, waitMs: 0 });
  assert.equal((await records.intents.find(key))?.state, "approved");
});

for (const { what, other, allows, isSent } of [
  { what: "on the same host", other: { host: "origin-1", site: "blog" }, allows: true, isSent: false },
  { what: "of the same site", other: { host: "origin-2", site: "shop" }, allows: true, isSent: false },
  { what: "of nothing of this", other: { host: "origin-2", site: "blog" }, allows: true, isSent: true },
  { what: "that was one too many", other: { host: "origin-2", site: "blog" }, allows: false, isSent: false },
]) {
  test(`a restart ${what}, sent while this one was checked, ${isSent ? "holds up nothing" : "is the only one"}`, async (t) => {
    const { records, desk } = await openOffice(t);
    const ours = await offer(records, { incident: desk.incident, host: "origin-1", site: "shop" });
    const theirs = await offer(records, { incident: desk.incident, identity: IDENTITY, ...other });
    const sentAt = new Date(NOW).toISOString();
    const send = async ({ key }: Intent) =>
      await records.intents.move(key, { from: ["awaiting"], to: "sent", sentAt }, ENTRY, []);
    await records.intents.move(ours.key, { from: ["awaiting"], to: "approved" }, ENTRY, []);
    const sent: string[] = [];
    const advance = createAdvanceIntent({
      intents: records.intents,
      recheck: async () => {
        await send(theirs);
        return {
          ...SAME,
          guard: { history: { since: sentAt, unsettledSince: sentAt }, allows: () => allows },
        };
      },
      sendRestart: {
        send: async ({ key }) => {
          sent.push(key);
          return { done: true };
        },
        resolve: unused,
      },
      proveRestart: unused,
      now: () => NOW,
      touch: () => undefined,
      onLine: () => undefined,
    });
    assert.deepEqual(await advance(ours.key), isSent ? { done: true } : { done: false, waitMs: 0 });
    assert.deepEqual(sent, isSent ? [ours.key] : []);
    assert.equal((await records.intents.find(ours.key))?.state, isSent ? "sent" : "approved");
  });
}

const REQUEST = makeRequest({ upstreams: [] });
const SAME = {
  kind: "same",
  look: {
    ...{ request: REQUEST, diagnosis: makeDiagnosis(), samples: [], id: "d-1" },
    target: { site: "shop", url: REQUEST.url, proxies: [], dependencies: [], mismatches: [] },
  },
  host: { name: "origin-1", how: { kind: "local" } },
  isFresh: () => true,
} as const;
const ENTRY = { kind: "restart-sent", actor: { kind: "bot" }, text: "sent" } as const;
const IDENTITY = { id: "other.service", invocation: "a".repeat(32), bootId: "b".repeat(32) };

async function unused(): Promise<never> {
  throw new Error("nothing is sent");
}
