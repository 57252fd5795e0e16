import assert from "node:assert/strict";
import { test } from "node:test";
import type { Diagnosis } from "../../src/classify/diagnosis.ts";
import { OperatorError } from "../../src/operator-error.ts";
import type { ServiceReading } from "../../src/remediate/service-control.ts";
import type { SiteBook } from "../../src/workflow/site-book.ts";
import { ANA, EVE, openBench } from "../fakes/bot-bench.ts";

class HostKeyError extends OperatorError {
  readonly code = "HOST_KEY_CHANGED";
}

type Read = Extract<ServiceReading, { readonly kind: "read" }>;

/** One thing that is another at the last check than it was when people were asked. */
const CHANGES: readonly {
  readonly what: string;
  readonly reading?: (before: Read) => Partial<Read>;
  readonly verdict?: (before: Diagnosis) => Partial<Diagnosis>;
  readonly sites?: (before: SiteBook) => Partial<SiteBook>;
  readonly failure?: Error;
  readonly told: RegExp;
}[] = [
  {
    what: "the host was booted since",
    reading: ({ identity }) => ({ identity: { ...identity, bootId: "c".repeat(32) } }),
    told: /was rebooted since/,
  },
  {
    what: "the name leads to another unit",
    reading: ({ identity }) => ({ identity: { ...identity, id: "other.service" } }),
    told: /app\.service is now other\.service/,
  },
  {
    what: "the restart would take another unit along",
    reading: ({ risk }) => ({ risk: { ...risk, takesAlong: ["worker.service"] } }),
    told: /would now take worker\.service along/,
  },
  {
    what: "the start limit would be reset first",
    reading: ({ risk }) => ({ risk: { ...risk, resetsBudget: true } }),
    told: /no longer what was approved/,
  },
  {
    what: "other words would run",
    reading: ({ argv }) => ({ argv: ["sudo", "-n", ...argv] }),
    told: /no longer what was approved/,
  },
  {
    what: "the cause is another",
    verdict: ({ cause }) => ({ cause: cause && { ...cause, id: "upstream-crash-loop" } }),
    told: /the cause is now/,
  },
  {
    what: "a restart would no longer help",
    verdict: ({ remediation }) => ({ remediation: remediation && { ...remediation, recommended: false } }),
    told: /would no longer help/,
  },
  {
    what: "it is the service of another host",
    verdict: ({ remediation }) => ({ remediation: remediation && { ...remediation, host: "edge-1" } }),
    told: /it is now app\.service on edge-1/,
  },
  {
    what: "the cause cannot be seen any more",
    verdict: () => ({ outcome: "inconclusive", cause: null, remediation: null }),
    told: /can no longer be seen/,
  },
  {
    what: "a fault has no cause that could be seen",
    verdict: () => ({ cause: null }),
    told: /can no longer be seen/,
  },
  {
    what: "a restart is not even thought of any more",
    verdict: ({ cause }) => ({ remediation: null, cause: cause && { ...cause, restartWhy: "No." } }),
    told: /a restart would no longer help: No\./,
  },
  {
    what: "the site has recovered by itself",
    verdict: () => ({ outcome: "recovered" }),
    told: /the site is well again\./,
  },
  {
    what: "the host is no longer one of the site",
    sites: ({ requestOf }) => ({
      requestOf: async (name) => ({ ...(await requestOf(name)), upstreams: [] }),
    }),
    told: /origin-1 is no longer a host of shop\./,
  },
  {
    what: "the hosts cannot be looked at",
    failure: new HostKeyError("edge-1 has another key.", { hint: "Look." }),
    told: /the hosts could not be looked at again: edge-1 has another key\./,
  },
];

for (const { what, told, failure, ...change } of CHANGES) {
  const { reading = () => ({}), verdict = () => ({}), sites = () => ({}) } = change;
  test(`an approval is void when ${what}: nothing is sent, and it is said`, async (context) => {
    const opened = await openBench();
    const { world } = opened;
    const { diagnose, control } = world;
    const { read } = control;
    let isOther = false;
    Object.assign(world, {
      diagnose: async (...args: Parameters<typeof diagnose>) => {
        if (isOther && failure !== undefined) throw failure;
        const looked = await diagnose(...args);
        if (!isOther) return looked;
        return { ...looked, diagnosis: { ...looked.diagnosis, ...verdict(looked.diagnosis) } };
      },
    });
    Object.assign(control, {
      read: async (...args: Parameters<typeof read>) => {
        const now = await read(...args);
        return isOther && now.kind === "read" ? { ...now, ...reading(now) } : now;
      },
    });
    const running = await opened.boot();
    context.after(async () => {
      await running.stop();
      await opened.remove();
    });
    const { surface } = running;
    await surface.type("shop", EVE);
    const asking = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
    isOther = true;
    Object.assign(opened.sites, sites({ ...opened.sites }));
    await surface.press(asking, "approve", ANA);
    const cancelled = await surface.until(({ card }) => card.action?.status.startsWith("cancelled") === true);
    assert.match(cancelled.card.action?.status ?? "", told);
    assert.deepEqual(world.restarts, []);
  });
}

test("an approval is void when the bot was started with another config or playbook since it asked", async (context) => {
  const edges = { basis: "a".repeat(64) };
  const opened = await openBench({ edges });
  context.after(opened.remove);
  const first = await opened.boot();
  await first.surface.type("shop", EVE);
  const asking = await first.surface.until(({ card }) =>
    card.buttons.some(({ action }) => action === "approve"),
  );
  await first.stop();

  edges.basis = "b".repeat(64);
  const { surface, stop } = await opened.boot();
  context.after(stop);
  // the channel is another one now: what it held before is on the platform
  for (const [id, message] of first.surface.messages) surface.messages.set(id, message);
  await surface.press(asking, "approve", ANA);
  const { card } = await surface.until(({ card }) => card.action?.status.startsWith("cancelled") === true);
  assert.match(card.action?.status ?? "", /the config or a playbook was changed since\./);
  assert.deepEqual(opened.world.restarts, []);
});
