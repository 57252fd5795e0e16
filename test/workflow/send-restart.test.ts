import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../src/operator-error.ts";
import { createSendRestart } from "../../src/workflow/send-restart.ts";
import { makeRequest } from "../topology/site.ts";
import { offer, openOffice } from "./office.ts";

class GoneError extends OperatorError {
  readonly code = "GONE";
}

const MINUTE = 60_000;
const SENT = { kind: "restart-sent", actor: { kind: "bot" }, text: "sent" } as const;

for (const { what, requestOf, told } of [
  {
    what: "whose site left the config, or beside an ssh_config that is broken",
    requestOf: async () => {
      throw new GoneError("There is no site shop.", { hint: "Describe it." });
    },
    told: "There is no site shop.",
  },
  {
    what: "whose host left the site",
    requestOf: async () => makeRequest({ upstreams: [] }),
    told: "origin-9 is no longer a host of shop.",
  },
]) {
  test(`a restart that was sent, ${what}, is asked about for 15 minutes, and then it is unknown`, async (t) => {
    const { records, desk } = await openOffice(t);
    const { key } = await offer(records, { incident: desk.incident, site: "shop", host: "origin-9" });
    await records.intents.move(key, { from: ["awaiting"], to: "sent" }, SENT, []);
    const clock = { now: 0 };
    const unused = async () => assert.fail("there is nobody to ask");
    const { resolve } = createSendRestart({
      ...records,
      control: { read: unused, restart: unused, ask: unused, forget: unused },
      sites: { names: [], find: () => undefined, requestOf, placesOf: () => [] },
      clocks: { now: Date.now, steady: () => clock.now },
      touch: () => undefined,
      wakeIncident: () => undefined,
      onLine: () => undefined,
    });
    const look = async () => {
      const intent = await records.intents.find(key);
      assert.ok(intent);
      return await resolve(intent);
    };
    assert.deepEqual(await look(), { done: false, waitMs: 500 });
    clock.now = 15 * MINUTE - 1;
    assert.deepEqual(await look(), { done: false, waitMs: 5000 });
    clock.now = 15 * MINUTE;
    assert.deepEqual(await look(), { done: true });
    const ended = await records.intents.find(key);
    assert.equal(ended?.state, "unknown");
    assert.equal(ended?.outcome, told);
    const note = (await records.incidents.notes(desk.incident)).at(-1);
    assert.equal(note?.loud, true);
    assert.match(note?.text ?? "", /^It is UNKNOWN whether .* happened\. .* It is not sent again\.$/);
  });
}
