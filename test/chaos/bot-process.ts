import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeSync } from "node:fs";
import timers from "node:timers/promises";
import { redact } from "../../src/collect/redact.ts";
import { verifyChain } from "../../src/incident/audit-chain.ts";
import { createServiceControl } from "../../src/remediate/create-service-control.ts";
import { createShell } from "../../src/ssh/create-shell.ts";
import { openEngineBackends } from "../../src/store/open-engine-backends.ts";
import { openRecords } from "../../src/store/open-records.ts";
import { readAuditLog } from "../../src/store/read-audit-log.ts";
import { createRuntime, type RuntimeEdges } from "../../src/workflow/create-runtime.ts";
import { LANES } from "../../src/workflow/engine.ts";
import { stoppedDiagnosis } from "../fakes/canned-diagnosis.ts";
import { MemorySurface } from "../fakes/memory-surface.ts";
import type { BotOrders, Told } from "./bot-orders.ts";
import { createDeath } from "./death.ts";
import { dyingControl, dyingIntents, dyingShell } from "./dying-edges.ts";
import { createMishaps } from "./mishap.ts";
import { createPerson } from "./person.ts";
import { makeSiteBook, numberOf, unitOf } from "./sites.ts";
import { createStandInControl } from "./stand-in-control.ts";

/**
 * One life of a bot: the real store, engine, SSH and hand on hosts; what is wrong with a site is canned, and so is its proof. It tells one
 * JSON line at a time, and dies where its orders say.
 */
const orders: BotOrders = JSON.parse(process.argv[2] ?? "");
const tell = (told: Told) => void writeSync(1, `${JSON.stringify(told)}\n`);
const mishaps = orders.mishap === undefined ? undefined : createMishaps(orders.mishap, tell);
const die = mishaps?.pass ?? createDeath(orders.death);
const { place } = orders;

const records = await openRecords(place, { now: Date.now, random: randomBytes, holdLock: true });
if (orders.mode === "tell") {
  const audit = await readAuditLog(place, ({ rows, head }) => verifyChain(rows, { head }));
  for (const intent of await records.intents.createdSince("")) tell({ kind: "intent", intent });
  tell({ kind: "audit", status: audit.status });
  await records.close();
  process.exit();
}
for (const { state } of await records.intents.open())
  if (state !== "awaiting") tell({ kind: "found", state });

const { lock } = records;
const engine = await openEngineBackends(place, { lanes: LANES, ...(lock === undefined ? {} : { lock }) });
const shell = createShell({
  env: () => undefined,
  loadSecret: () => Promise.reject(new Error("the lab's keys have no passphrase")),
  warn: () => undefined,
});
const { host } = orders;
const control =
  host.kind === "stand-in"
    ? createStandInControl(host.socket)
    : createServiceControl({
        shell: dyingShell(shell, die),
        redact,
        now: Date.now,
        random: randomBytes,
        neverRestart: [],
      });
const sites = makeSiteBook(orders);
const diagnose: RuntimeEdges["diagnose"] = async (request) => {
  const startedAt = new Date().toISOString();
  const { site, url } = request;
  if (site === orders.poison) process.kill(process.pid, "SIGKILL");
  return {
    evidence: { request, startedAt, visits: [], results: [], samples: [] },
    target: { site, url, proxies: [], dependencies: [], mismatches: [] },
    diagnosis: stoppedDiagnosis(request, { startedAt, host: site, unit: unitOf(numberOf(site)) }),
  };
};
const log = {
  debug() {},
  info() {},
  warn() {},
  error: (fields: object, message: string) => tell({ kind: "error", message, fields }),
};
const runtime = createRuntime({
  records: { ...records, intents: dyingIntents(records.intents, die) },
  backends: engine.backends,
  retryRuns: engine.retryNow,
  sites,
  createSurfaces: (bot) => [new MemorySurface("console", bot)],
  diagnose,
  http: {
    sample: async () => ({
      via: "public",
      at: new Date().toISOString(),
      status: 502,
      headers: {},
      bodyStart: "",
      phasesMs: { total: 1 },
    }),
  },
  control: dyingControl(control, die),
  verify: async (_proof, { onCheck }) => {
    const at = new Date().toISOString();
    const checks = [{ hop: "public URL", before: "502", after: "200", ok: true }];
    await onCheck({ status: "running", at, checks });
    die("verifying");
    return { status: "proven", at, checks };
  },
  redact: (text) => text,
  log,
  now: Date.now,
  steady: () => performance.now(),
  random: randomBytes,
  sleep: async (ms, signal) => {
    await timers.setTimeout(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
  paceMs: () => 60_000,
  onLine: die,
});
await runtime.start();
tell({ kind: "ready" });

const person = createPerson({
  bot: runtime.bot,
  records,
  sites: sites.names,
  onApproved: (key) => tell({ kind: "approved", key }),
  onTrouble: (error) => tell({ kind: "error", message: String(error), fields: {} }),
});
// whoever started this life says when people have had enough
const enough = new AbortController();
enough.signal.addEventListener("abort", () => mishaps?.end());
process.stdin.once("end", () => enough.abort()).resume();
if (orders.mode === "work") await person.work(enough.signal);
if (orders.mode === "watch") await once(enough.signal, "abort");
await person.untilSettled();
tell({ kind: "settled" });
process.stdin.destroy();
await runtime.stop();
await engine.close();
await shell.close();
await records.close();
