import assert from "node:assert/strict";
import { test } from "node:test";
import type { Intents } from "../../src/approval/intents.ts";
import { createAdvanceIntent } from "../../src/workflow/advance-intent.ts";
import { LATE, offer, openOffice } from "./office.ts";

test("an approval that is stored in the moment in which its question would expire stands, and its run goes on", async (t) => {
  const { records, desk } = await openOffice(t);
  const { key } = await offer(records, { incident: desk.incident });
  const approved = { kind: "restart-approved", actor: { kind: "bot" }, text: "approved" } as const;
  const move: Intents["move"] = async (...args) => {
    await records.intents.move(key, { from: ["awaiting"], to: "approved" }, approved, []);
    return await records.intents.move(...args);
  };
  const unused = () => Promise.reject(new Error("nothing is sent"));
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
