import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Intent } from "../../src/approval/intent.ts";
import { diagnoseEvidence } from "../../src/workflow/diagnose-evidence.ts";
import { createRestartAllowed } from "../../src/workflow/restart-allowed.ts";
import { NOW } from "../approval/intent.ts";
import { makeEvidence, STOPPED } from "../classify/evidence.ts";
import { playbooks } from "../topology/site.ts";
import { offer, openOffice } from "./office.ts";

const DAY_MS = 24 * 60 * 60_000;

/** nginx on edge-1, and behind it shop.service on origin-1, which is stopped. */
const { target } = diagnoseEvidence(makeEvidence(STOPPED), { playbooks, durationMs: 0 });

/** A restart that was not proven, and the question whether shop.service may be restarted on another host. */
async function afterUnproven(t: TestContext, over: Partial<Intent>, sentMs = NOW) {
  const { records, desk } = await openOffice(t);
  const { key, host } = await offer(records, { incident: desk.incident, ...over });
  const at = new Date(sentMs).toISOString();
  const verification = { status: "unproven", at, checks: [] } as const;
  await records.intents.move(
    key,
    { from: ["awaiting"], to: "done", sentAt: at, verification },
    { kind: "restart-unproven", actor: { kind: "bot" }, intent: key, text: "not proven" },
    [],
  );
  const restartAllowed = createRestartAllowed({ intents: records.intents, now: () => NOW });
  const about = { site: "shop", target, host: "origin-2", serviceId: "shop.service" } as const;
  const wanted = { ...about, cause: "upstream-not-running", coolDownMs: 0 } as const;
  return { restartAllowed, wanted, key, host };
}

for (const { what, sentMs, ok } of [
  { what: "less than 90 days ago", sentMs: NOW - 90 * DAY_MS + 1, ok: false },
  { what: "90 days ago", sentMs: NOW - 90 * DAY_MS, ok: false },
  { what: "longer ago", sentMs: NOW - 90 * DAY_MS - 1, ok: true },
]) {
  test(`a restart that was not proven ${what} ${ok ? "is forgotten" : "still blocks the next"}`, async (t) => {
    const { restartAllowed, host, key, ...rest } = await afterUnproven(t, {}, sentMs);
    const wanted = { ...rest.wanted, host, serviceId: "app.service" };
    assert.equal((await restartAllowed(wanted)).ok, ok);
    assert.equal((await restartAllowed({ ...wanted, key })).ok, true, "never in its own way");
    assert.equal((await restartAllowed({ ...wanted, site: "blog", host: "origin-9" })).ok, true);
  });
}

const unit = (name: string) => ({
  identity: { id: name, invocation: "a".repeat(32), bootId: "b".repeat(32) },
  service: { manager: "systemd", unit: name } as const,
});
for (const { what, other, ok } of [
  { what: "another upstream of the site", other: { site: "shop", host: "origin-1" }, ok: false },
  { what: "another service of the site", other: { ...unit("cart.service"), site: "shop" }, ok: false },
  {
    what: "an upstream of it in another site's name",
    other: { ...unit("shop.service"), site: "www", host: "origin-1" },
    ok: false,
  },
  {
    what: "another unit beside its upstream, of another site",
    other: { ...unit("blog.service"), site: "blog", host: "origin-1" },
    ok: true,
  },
  {
    what: "a unit of that name on a host that it does not use",
    other: { ...unit("shop.service"), site: "www", host: "origin-7" },
    ok: true,
  },
  {
    what: "a container beside its upstream, of another site",
    other: { service: { manager: "docker", container: "blog" }, site: "blog", host: "origin-1" },
    ok: true,
  },
] as const) {
  test(`the next upstream of a site ${ok ? "may be" : "is not"} restarted after a failed proof of ${what}`, async (t) => {
    const { restartAllowed, wanted, key } = await afterUnproven(t, other);
    const allowed = await restartAllowed(wanted);
    assert.equal(allowed.ok, ok);
    assert.equal(allowed.ok ? undefined : allowed.unproven, ok ? undefined : key);
  });
}
