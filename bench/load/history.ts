import { randomBytes } from "node:crypto";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { keepStore } from "../../src/store/keep-store.ts";
import { type EngineBackends, openEngineBackends } from "../../src/store/open-engine-backends.ts";
import { openRecords, type Records } from "../../src/store/open-records.ts";
import { readAuditLog } from "../../src/store/read-audit-log.ts";
import { LANES } from "../../src/workflow/engine.ts";
import { percentile, timed } from "../statistics.ts";
import { type BotPlace, removePlace, SIMULATED_BOT, startBotProcess } from "./bot-process.ts";
import { GUARDED_MS, measureClaims } from "./claims.ts";
import { IncidentCopier } from "./copy-incidents.ts";
import { makeSimulatedPlace } from "./places.ts";
import { openPlatforms, type Platforms } from "./platforms.ts";
import { count, stateOf } from "./read-store.ts";
import { type IncidentRows, recordHistory } from "./recorded-history.ts";
import type { Figure } from "./result.ts";

const INCIDENTS = 100_000;
const DAYS = 365;
const DAY_MS = 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;
/** Still open at the end: what `status` and App Home show. */
const OPEN = 20;
const SITES = 50;
const ASKED = 20;
/** More than one round of the bot's sweep. */
const WATCHED_MS = 20_000;

const siteOf = (number: number) => `s${number % SITES}`;

/**
 * L7: a year of incidents that ended, each like one of those that were recorded, cleaned up every day by the bot's own retention on a clock that
 * goes along. Then claims and a start on what is left.
 */
export async function measureHistory({
  profileTo,
  scale,
}: {
  readonly profileTo?: string | undefined;
  readonly scale: number;
}): Promise<readonly Figure[]> {
  const incidents = Math.round(INCIDENTS * scale);
  const platforms = await openPlatforms();
  const others = Array.from({ length: SITES }, (_, index) => siteOf(index));
  const [model, empty, place] = await Promise.all(
    [0, 1, 2].map(() => makeSimulatedPlace({ restartable: [], others }, platforms)),
  );
  if (model === undefined || empty === undefined || place === undefined) throw new Error("no place");
  try {
    await mkdir(stateOf(model), { mode: 0o700 });
    const templates = await recordHistory(stateOf(model));
    const longestCleanup = await writeYear(place, templates, incidents);
    const sizes = await measureSizes(place, incidents);
    const claims = await claimsOn(place, incidents);
    const first = await startOn(empty, platforms, { profileTo: undefined });
    const later = await startOn(place, platforms, { profileTo });
    return [
      ...sizes,
      { name: "longest daily cleanup", value: longestCleanup, unit: "ms" },
      ...claims,
      { name: "start until connected, nothing stored", value: first.startMs, unit: "ms" },
      { name: "start until connected", value: later.startMs, unit: "ms" },
      { name: "“status” → its answer, p95", value: percentile(later.statusMs, 0.95), unit: "ms" },
      { name: "App Home opened → shown, p95", value: percentile(later.homeMs, 0.95), unit: "ms" },
      { name: "work between two turns of the event loop, longest", value: later.workMaxMs, unit: "ms" },
      { name: "the same, nothing stored", value: first.workMaxMs, unit: "ms" },
    ];
  } finally {
    for (const one of [model, empty, place]) await removePlace(one);
    await platforms.close();
  }
}

async function openStore(place: BotPlace, now: () => number) {
  const at = { kind: "sqlite", directory: stateOf(place) } as const;
  const records = await openRecords(at, { now, random: randomBytes, holdLock: true });
  const engine = await openEngineBackends(at, { lanes: LANES });
  return {
    records,
    engine,
    async close() {
      await engine.close();
      await records.close();
    },
  };
}

/** Day by day; gives how long the longest cleanup of a day took, ms. */
async function writeYear(
  place: BotPlace,
  templates: readonly IncidentRows[],
  incidents: number,
): Promise<number> {
  await mkdir(stateOf(place), { mode: 0o700 });
  const endsAt = Date.now() - HOUR_MS;
  let clock = endsAt - DAYS * DAY_MS;
  const store = await openStore(place, () => clock);
  const copier = new IncidentCopier(stateOf(place));
  const openedAt = (index: number) => Math.round(endsAt - ((incidents - index) / incidents) * DAYS * DAY_MS);
  const cleanupMs: number[] = [];
  let done = 0;
  while (clock < endsAt) {
    clock += DAY_MS;
    copier.together(() => {
      for (; done < incidents && openedAt(done) < clock; done++) {
        const template = templates[done % templates.length];
        if (template === undefined) throw new Error("nothing was recorded");
        copier.copy(template, { number: done + 1, site: siteOf(done), openedAtMs: openedAt(done) });
      }
    });
    cleanupMs.push(await timed(() => cleanUp(place, store, clock)));
  }
  const quiet = templates.find(({ records }) => records.intents?.length === 0);
  copier.together(() => {
    for (let nth = 0; nth < OPEN && quiet !== undefined; nth++) {
      copier.copy(quiet, {
        number: incidents + nth + 1,
        site: siteOf(nth),
        openedAtMs: endsAt,
        isOpen: true,
      });
    }
  });
  copier.close();
  await store.close();
  return Math.max(...cleanupMs);
}

/** The bot's own, once. */
async function cleanUp(
  place: BotPlace,
  { records, engine }: { readonly records: Records; readonly engine: EngineBackends<string> },
  nowMs: number,
): Promise<void> {
  const once = new AbortController();
  await keepStore({
    records,
    engine,
    auditHead: () => readAuditLog({ kind: "sqlite", directory: stateOf(place) }, async ({ head }) => head),
    log: {
      info: () => undefined,
      warn({ reason }) {
        throw new Error(String(reason));
      },
    },
    now: () => nowMs,
    sleep: async () => once.abort(),
    signal: once.signal,
  });
}

async function measureSizes(place: BotPlace, incidents: number): Promise<readonly Figure[]> {
  const bytesOf = async (file: string) => (await stat(join(stateOf(place), file))).size;
  const [records, engine] = [await bytesOf("diagnose502.db"), await bytesOf("engine.db")];
  const ask = (query: string) => count(place, query);
  const audit = ask(`select sum(pgsize) as n from dbstat where aggregate = true and name in
    (select name from sqlite_schema where tbl_name = 'audit')`);
  // in pages of its own, four bytes of each for the next one
  const evidence = ask("select sum((length(evidence) + 4091) / 4092 * 4096) as n from diagnoses");
  const alerts = ask(`select sum(pgsize) as n from dbstat where aggregate = true and name in
    (select name from sqlite_schema where tbl_name = 'alerts')`);
  const free = ask("select freelist_count * page_size as n from pragma_freelist_count, pragma_page_size");
  const rows = ask("select seq as n from audit_head");
  const since = new Date(Date.now() - GUARDED_MS).toISOString();
  const sent = ask(`select count(*) as n from intents where sent_at > '${since}'`);
  const each = (bytes: number) => bytes / incidents / 1000;
  const size = (name: string, bytes: number): Figure => ({ name, value: each(bytes), unit: "kB" });
  return [
    { ...size("both files, each incident", records + engine), atMost: 25 },
    size("of it: the audit log, kept for good", audit),
    size(
      "of it: incidents, notes, messages, restarts and diagnoses, kept for good",
      records - audit - evidence - alerts - free,
    ),
    size("of it: alerts of 90 days", alerts),
    size("of it: raw evidence of 90 days", evidence),
    size("of it: the engine, runs of 7 days", engine),
    size("of it: free for the next", free),
    { name: "rows of the audit log", value: rows, unit: "" },
    { name: "restarts sent in the last 90 days", value: sent, unit: "" },
    { name: "both files", value: (records + engine) / 1e6, unit: "MB" },
  ];
}

async function claimsOn(place: BotPlace, incidents: number): Promise<readonly Figure[]> {
  const store = await openStore(place, Date.now);
  try {
    const open = Array.from({ length: OPEN }, (_, nth) => incidents + nth + 1);
    return await measureClaims(store, { posts: incidents * 3, open });
  } finally {
    await store.close();
  }
}

/** A start, and what people who look at the bot then wait for. */
async function startOn(
  place: BotPlace,
  platforms: Platforms,
  { profileTo }: { readonly profileTo: string | undefined },
) {
  const { slack } = platforms;
  const startedAt = performance.now();
  const bot = await startBotProcess(SIMULATED_BOT, { place, platforms, profileTo });
  const startMs = performance.now() - startedAt;
  try {
    bot.watch();
    const watchedUntil = performance.now() + WATCHED_MS;
    const statusMs: number[] = [];
    const homeMs: number[] = [];
    for (let nth = 0; nth < ASKED; nth++) {
      const told = slack.world.ephemerals.length;
      statusMs.push(
        await timed(async () => {
          await slack.slashCommand("status");
          while (slack.world.ephemerals.length === told) await sleep(1);
        }),
      );
      slack.world.homes.clear();
      homeMs.push(
        await timed(async () => {
          await slack.openHome();
          while (slack.world.homes.size === 0) await sleep(1);
        }),
      );
      await sleep(100);
    }
    await sleep(Math.max(0, watchedUntil - performance.now()));
    const { workMaxMs } = await bot.usage();
    return { startMs, statusMs, homeMs, workMaxMs };
  } finally {
    await bot.stop();
  }
}
