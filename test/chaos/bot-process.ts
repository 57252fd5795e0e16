import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import { Socket } from "node:net";
import timers from "node:timers/promises";
import type { Shell, ShellConnection } from "../../src/collect/shell.ts";
import { verifyChain } from "../../src/incident/audit-chain.ts";
import { createServiceControl } from "../../src/remediate/create-service-control.ts";
import type { ServiceControl } from "../../src/remediate/service-control.ts";
import { createShell } from "../../src/ssh/create-shell.ts";
import { openEngineBackends } from "../../src/store/open-engine-backends.ts";
import { openRecords } from "../../src/store/open-records.ts";
import { readAuditLog } from "../../src/store/read-audit-log.ts";
import { createRuntime, type RuntimeEdges } from "../../src/workflow/create-runtime.ts";
import { LANES } from "../../src/workflow/engine.ts";
import { stoppedDiagnosis } from "../fakes/canned-diagnosis.ts";
import { MemorySurface } from "../fakes/memory-surface.ts";
import type { BotOrders, Told } from "./bot-orders.ts";
import { unitOf } from "./chaos-host.ts";
import { createDeath } from "./death.ts";
import { createPerson } from "./person.ts";
import { makeSiteBook, numberOf } from "./sites.ts";

/**
 * One life of a bot: the real store, engine, SSH and hand on hosts; what is wrong with a site is canned, and so is its proof. It tells one
 * JSON line at a time, and dies where its orders say.
 */
const orders: BotOrders = JSON.parse(process.argv[2] ?? "");
const die = createDeath(orders.death);
const tell = (told: Told) => void writeSync(1, `${JSON.stringify(told)}\n`);
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
/** The restart that is being sent, wherever its call has come to. */
const sending = new AsyncLocalStorage<string>();
const control = createServiceControl({
  shell: dyingShell(shell),
  now: Date.now,
  random: randomBytes,
  neverRestart: [],
});
const sites = makeSiteBook(orders);
const diagnose: RuntimeEdges["diagnose"] = async (request) => {
  const startedAt = new Date().toISOString();
  const { site, url } = request;
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
  records: { ...records, intents: dyingIntents(records.intents) },
  backends: engine.backends,
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
  control: dyingControl(control),
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
});
if (orders.mode === "work") await person.work();
await person.untilSettled();
tell({ kind: "settled" });
await runtime.stop();
await engine.close();
await shell.close();
await records.close();

/** Restarts may follow each other at once: how often is not what is tried here. Who is under way is still seen. */
function dyingIntents(real: typeof records.intents): typeof records.intents {
  return {
    ...real,
    sentSince: async () => [],
    async create(...args) {
      const made = await real.create(...args);
      die("proposed");
      return made;
    },
    async decide(...args) {
      die("deciding");
      const decided = await real.decide(...args);
      die("decided");
      return decided;
    },
    async move(key, move, ...rest) {
      if (move.to === "sent") die("claiming");
      return await real.move(key, move, ...rest);
    },
  };
}

function dyingControl(real: ServiceControl): ServiceControl {
  return {
    ...real,
    restart: (host, intent, options) => sending.run(intent.key, () => real.restart(host, intent, options)),
    ask(...args) {
      die("asking");
      return real.ask(...args);
    },
    async forget(...args) {
      await real.forget(...args);
      die("forgotten");
    },
  };
}

function dyingShell(real: Shell): Shell {
  return {
    ...real,
    async connect(...args) {
      const connected = await real.connect(...args);
      const isSending = sending.getStore() !== undefined;
      if (!connected.ok || !isSending) return connected;
      return { ok: true, connection: dyingConnection(connected.connection) };
    },
  };
}

function dyingConnection(real: ShellConnection): ShellConnection {
  return {
    ...real,
    runScript(script, limits) {
      die("connected");
      afterWriteOf(script.length, () => die("written"));
      return real.runScript(script, {
        ...limits,
        onBytes(chunk) {
          die("begun");
          return limits.onBytes(chunk);
        },
      });
    },
  };
}

/** Calls back when the kernel has taken the encrypted packet that holds so many bytes of ours. */
function afterWriteOf(bytes: number, then: () => void): void {
  const { write } = Socket.prototype;
  Socket.prototype.write = function written(this: Socket, ...args: Parameters<typeof write>) {
    const [chunk] = args;
    if (chunk instanceof Uint8Array && chunk.length >= bytes && chunk.length < bytes + 512) {
      Socket.prototype.write = write;
      setImmediate(then);
    }
    return Reflect.apply(write, this, args);
  } as typeof write;
}
