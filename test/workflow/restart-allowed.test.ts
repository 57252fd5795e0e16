import assert from "node:assert/strict";
import { test } from "node:test";
import { createRestartAllowed } from "../../src/workflow/restart-allowed.ts";
import { NOW } from "../approval/intent.ts";
import { offer, openOffice } from "./office.ts";

const DAY_MS = 24 * 60 * 60_000;

for (const { what, sentMs, ok } of [
  { what: "less than 90 days ago", sentMs: NOW - 90 * DAY_MS + 1, ok: false },
  { what: "90 days ago", sentMs: NOW - 90 * DAY_MS, ok: false },
  { what: "longer ago", sentMs: NOW - 90 * DAY_MS - 1, ok: true },
]) {
  test(`a restart that was not proven ${what} ${ok ? "is forgotten" : "still blocks the next"}`, async (t) => {
    const { records, desk } = await openOffice(t);
    const { key, host } = await offer(records, { incident: desk.incident });
    const at = new Date(sentMs).toISOString();
    const verification = { status: "unproven", at, checks: [] } as const;
    await records.intents.move(
      key,
      { from: ["awaiting"], to: "done", sentAt: at, verification },
      { kind: "restart-unproven", actor: { kind: "bot" }, intent: key, text: "not proven" },
      [],
    );
    const restartAllowed = createRestartAllowed({ intents: records.intents, now: () => NOW });
    const wanted = { host, serviceId: "app.service", cause: "upstream-not-running", coolDownMs: 0 } as const;
    assert.equal((await restartAllowed(wanted)).ok, ok);
    assert.equal((await restartAllowed({ ...wanted, key })).ok, true, "never in its own way");
    assert.equal((await restartAllowed({ ...wanted, host: "origin-9" })).ok, true);
  });
}
