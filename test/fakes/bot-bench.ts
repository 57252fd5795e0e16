import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import timers from "node:timers/promises";
import type { SiteConfig } from "../../src/config/config.ts";
import type { Person } from "../../src/incident/person.ts";
import { OperatorError } from "../../src/operator-error.ts";
import { openEngineBackends } from "../../src/store/open-engine-backends.ts";
import { openRecords } from "../../src/store/open-records.ts";
import type { StorePlace } from "../../src/store/store-place.ts";
import { createRuntime, type RuntimeEdges } from "../../src/workflow/create-runtime.ts";
import { LANES } from "../../src/workflow/engine.ts";
import type { Log } from "../../src/workflow/log.ts";
import type { SiteBook } from "../../src/workflow/site-book.ts";
import { MemorySurface } from "./memory-surface.ts";
import { SimulatedSite } from "./simulated-site.ts";

export const ANA: Person = { surface: "console", workspace: "local", id: "ana", name: "Ana" };
export const BEN: Person = { surface: "console", workspace: "local", id: "ben", name: "Ben" };
export const EVE: Person = { surface: "console", workspace: "local", id: "eve", name: "Eve" };

const SHOP: SiteConfig = {
  name: "shop",
  url: "https://shop.example.com/",
  proxies: ["edge-1"],
  upstreams: ["origin-1"],
  dependencies: [],
  approvers: { slack: [], discord: [], console: ["ana", "ben"] },
  approval: { selfApproval: true, approvals: 1, expireAfterMs: 900_000 },
  restart: { resetStartBudget: false, coolDownMs: 600_000, soakMs: 1000 },
  channel: {},
};

class NoSuchSiteError extends OperatorError {
  readonly code = "NO_SUCH_SITE";
}

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** A whole bot on a store and an engine of its own, with a simulated site behind it and a channel in memory before it. */
export async function openBench(
  given: {
    readonly site?: Partial<SiteConfig>;
    readonly edges?: Partial<RuntimeEdges>;
    /** Beside the channel in memory; shown where somebody asks there. */
    readonly surfaces?: RuntimeEdges["createSurfaces"];
    /** Else files of its own. */
    readonly place?: StorePlace;
  } = {},
) {
  const directory = await mkdtemp(join(tmpdir(), "diagnose502-bench-"));
  const world = new SimulatedSite();
  const place = given.place ?? { kind: "sqlite", directory };
  const config: SiteConfig = { ...SHOP, ...given.site };
  const sites: SiteBook = {
    names: ["shop"],
    find: (name) => (name === "shop" ? config : undefined),
    requestOf: async (name) => {
      if (name !== "shop") throw new NoSuchSiteError(`${name} is no site.`, { hint: "Describe it." });
      return {
        site: "shop",
        url: config.url,
        proxies: [{ name: "edge-1", how: { kind: "local" } }],
        upstreams: [{ name: "origin-1", how: { kind: "local" } }],
        dependencies: [],
        pinnedAddresses: [],
      };
    },
    placesOf: (_site, surfaces) =>
      surfaces
        .filter(({ name }) => name === "console")
        .map(({ name }) => ({ surface: name, workspace: "local", channel: "console" })),
  };

  async function boot() {
    const clock = {
      /** The wall clock was set by so much. */
      aheadMs: 0,
      /** So long nothing went on. */
      heldUpMs: 0,
    };
    const now = () => Date.now() + clock.aheadMs + clock.heldUpMs;
    const records = await openRecords(place, { now, random: randomBytes, holdLock: false });
    const { backends, retryNow, close } = await openEngineBackends(place, { lanes: LANES });
    const surfaces: MemorySurface[] = [];
    const runtime = createRuntime({
      records,
      backends,
      retryRuns: retryNow,
      sites,
      createSurfaces: (bot) => {
        surfaces.push(new MemorySurface("console", bot));
        return [...surfaces, ...(given.surfaces?.(bot) ?? [])];
      },
      diagnose: world.diagnose,
      http: world.http,
      control: world.control,
      verify: world.verify,
      redact: (text) => text,
      log: SILENT,
      now,
      steady: () => performance.now() + clock.heldUpMs,
      random: randomBytes,
      sleep: (ms, signal) => timers.setTimeout(ms, undefined, { signal }).catch(() => undefined),
      ...given.edges,
    });
    await runtime.start();
    const [surface] = surfaces;
    if (surface === undefined) throw new Error("no surface was made");
    return {
      runtime,
      records,
      surface,
      clock,
      async stop() {
        await runtime.stop();
        await records.close();
        await close();
      },
    };
  }

  return { world, sites, directory, boot, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** The same, booted for one test and gone with it. */
export async function bootBench(
  context: { after(done: () => Promise<void>): void },
  given: Parameters<typeof openBench>[0] = {},
) {
  const opened = await openBench(given);
  const running = await opened.boot();
  context.after(async () => {
    await running.stop();
    await opened.remove();
  });
  return { ...opened, ...running };
}
