import assert from "node:assert/strict";
import { test } from "node:test";
import type { Verification } from "../../src/approval/intent.ts";
import type { Verify } from "../../src/verify/verify.ts";
import { createProveRestart } from "../../src/workflow/prove-restart.ts";
import { NOW } from "../approval/intent.ts";
import { makeDiagnosis } from "../store/sample-records.ts";
import { makeRequest } from "../topology/site.ts";
import { offer, openOffice, personOf } from "./office.ts";

const AT = new Date(NOW).toISOString();
const ENTRY = { kind: "restart-done", actor: { kind: "bot" }, text: "done" } as const;
const proofOf = (status: Verification["status"]): Verification => ({
  ...{ status, at: AT },
  checks: [{ hop: "public URL", before: "502", after: status, ok: status === "proven" }],
});

for (const { what, end, isLifted } of [
  { what: "was proven by another replica", end: "proven", isLifted: false },
  { what: "was not proven by another replica", end: "unproven", isLifted: false },
  { what: "was not proven by another replica, and that was set aside", end: "unproven", isLifted: true },
] as const) {
  for (const saysMore of [true, false]) {
    test(`who wakes up when a restart ${what} ${saysMore ? "stops" : "ends"} without a word`, async (t) => {
      const { records, desk } = await openOffice(t);
      const { incident } = desk;
      const diagnosis = await records.diagnoses.save({
        incident,
        diagnosis: makeDiagnosis(),
        evidence: "{}",
      });
      const { key } = await offer(records, { incident, diagnosis });
      await records.intents.move(key, { from: ["awaiting"], to: "done", sentAt: AT }, ENTRY, []);
      const intent = await records.intents.find(key);
      assert.ok(intent !== undefined);
      const woken: number[] = [];
      const forgotten: string[] = [];
      const unused = () => Promise.reject(new Error("a proof changes no service"));
      const proveBy = (verify: Verify) =>
        createProveRestart({
          ...{ ...records, verify, now: () => NOW },
          control: {
            ...{ read: unused, restart: unused, ask: unused },
            forget: async (_host, { key }) => void forgotten.push(key),
          },
          sites: {
            ...{ names: ["shop"], find: () => undefined, placesOf: () => [] },
            requestOf: async () =>
              makeRequest({ upstreams: [{ name: intent.host, how: { kind: "local" } }] }),
          },
          touch: () => undefined,
          wakeIncident: (number) => void woken.push(number),
          onLine: () => undefined,
        })(intent);
      const begun = Promise.withResolvers<void>();
      const resume = Promise.withResolvers<void>();
      let wasStopped = false;
      const paused = proveBy(async (_proof, { onCheck, signal }) => {
        await onCheck(proofOf("running"));
        begun.resolve();
        await resume.promise;
        if (saysMore) await onCheck(proofOf("running"));
        wasStopped = signal.aborted;
        return proofOf(end === "proven" ? "unproven" : "proven");
      });
      await begun.promise;
      await proveBy(async () => proofOf(end));
      if (isLifted) {
        const verification = { ...proofOf(end), lifted: { person: personOf("slack", "U1"), at: AT } };
        await records.intents.move(key, { from: ["done"], to: "done", verification }, ENTRY, []);
      }
      const readAll = async () => ({
        intent: await records.intents.find(key),
        incident: await records.incidents.find(incident),
        notes: await records.incidents.notes(incident),
        ...{ woken: [...woken], forgotten: [...forgotten] },
      });
      const told = await readAll();
      resume.resolve();
      assert.deepEqual(await paused, { done: true });
      assert.deepEqual(await readAll(), told);
      assert.equal(told.intent?.verification?.status, end);
      assert.equal(wasStopped, saysMore, "there is nothing more to look for");
    });
  }
}
