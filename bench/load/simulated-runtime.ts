import { randomBytes } from "node:crypto";
import timers from "node:timers/promises";
import type { SiteConfig } from "../../src/config/config.ts";
import { openEngineBackends } from "../../src/store/open-engine-backends.ts";
import { openRecords, type Records } from "../../src/store/open-records.ts";
import { createRuntime, type Runtime, type RuntimeEdges } from "../../src/workflow/create-runtime.ts";
import { LANES } from "../../src/workflow/engine.ts";
import type { Log } from "../../src/workflow/log.ts";

type Given = Pick<
  RuntimeEdges,
  "sites" | "createSurfaces" | "diagnose" | "http" | "control" | "verify" | "paceMs"
>;

/** The approvers of a simulated site, as its config would have them. */
const APPROVERS: SiteConfig["approvers"] = { slack: ["U0ANABELL01"], discord: [], console: [] };

/** Everything of the bot but its web server, its platforms and its hosts, on the real store: for more sites than a config file holds. */
export async function startSimulatedRuntime(
  directory: string,
  { aheadMs = () => 0, ...edges }: Given & { readonly aheadMs?: () => number },
): Promise<{ readonly runtime: Runtime; readonly records: Records; stop(): Promise<void> }> {
  const place = { kind: "sqlite", directory } as const;
  const now = () => Date.now() + aheadMs();
  const records = await openRecords(place, { now, random: randomBytes, holdLock: true });
  const { lock } = records;
  const engine = await openEngineBackends(place, { lanes: LANES, ...(lock === undefined ? {} : { lock }) });
  const runtime = createRuntime({
    records,
    backends: engine.backends,
    retryRuns: engine.retryNow,
    redact: (text) => text,
    log: LOG,
    now,
    steady: () => performance.now() + aheadMs(),
    random: randomBytes,
    sleep: (ms, signal) => timers.setTimeout(ms, undefined, { signal }).catch(() => undefined),
    ...edges,
  });
  await runtime.start();
  return {
    runtime,
    records,
    async stop() {
      await runtime.stop();
      await engine.close();
      await records.close();
    },
  };
}

/** A site of the config, with nothing but what simulated hosts need. */
export function simulatedSite(name: string, url: string): SiteConfig {
  return {
    name,
    url,
    proxies: ["edge"],
    upstreams: [],
    dependencies: [],
    approvers: APPROVERS,
    approval: { selfApproval: true, approvals: 1, expireAfterMs: 900_000 },
    restart: { resetStartBudget: false, coolDownMs: 600_000, soakMs: 1000 },
    channel: {},
  };
}

function tell(fields: object, message: string): void {
  if (process.env.LOAD_LOG !== undefined) process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
}

const LOG: Log = { debug: () => undefined, info: () => undefined, warn: tell, error: tell };
