import { mkdir } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import type { StorePlace } from "../../src/store/store-place.ts";
import { startPostgres, type TestPostgres } from "../fakes/postgres.ts";
import { type ChaosHost, openChaosHost } from "./chaos-host.ts";
import { type HostRecord, judge, type Verdict } from "./judge.ts";
import type { ChaosOptions, ChaosRow } from "./row.ts";
import { runWorld, type WorldEnd, type WorldSpec } from "./world.ts";

/** Worlds of each store, side by side: more would only wait for the processors. */
const WORLDS = { sqlite: 4, postgres: 2 } as const;
/** A dead worker's lease ends after half a minute there: enough others must be free meanwhile. */
const UNITS = { sqlite: 4, postgres: 12 } as const;
const DEATHS = { full: { sqlite: 650, postgres: 250 }, short: { sqlite: 35, postgres: 30 } } as const;

type StoreKind = StorePlace["kind"];

/** kill -9 of the bot at every named line of a restart and by the clock, over and over, on both stores. */
export async function killBot({ short, deadline, say }: ChaosOptions): Promise<readonly ChaosRow[]> {
  const budget = short ? DEATHS.short : DEATHS.full;
  const units = WORLDS.sqlite * UNITS.sqlite + WORLDS.postgres * UNITS.postgres;
  const host = await openChaosHost({ units });
  let postgres: TestPostgres | undefined;
  try {
    postgres = await startPostgres({ network: host.network, maxConnections: 200 });
    const specs = await makeSpecs(host, postgres);
    const ends = await Promise.all(
      specs.map((spec) => runWorld(spec, { deaths: budget[spec.place.kind], deadline })),
    );
    const record = await host.readRecord();
    const rows = (["sqlite", "postgres"] as const).map((kind) => {
      const mine = specs.flatMap((spec, index) => {
        const end = ends[index];
        return end === undefined || spec.place.kind !== kind ? [] : [{ spec, end }];
      });
      return makeRow(kind, mine, record);
    });
    for (const { findings } of rows) for (const finding of findings) say(`  ${finding}\n`);
    return rows;
  } finally {
    await postgres?.remove();
    await host.close();
  }
}

async function makeSpecs(host: ChaosHost, postgres: TestPostgres): Promise<readonly WorldSpec[]> {
  const specs: WorldSpec[] = [];
  let next = 1;
  const takeUnits = (count: number) => Array.from({ length: count }, () => next++);
  for (let index = 0; index < WORLDS.sqlite; index++) {
    const directory = `${host.directory}/state-${index}`;
    await mkdir(directory, { mode: 0o700 });
    specs.push({ host, place: { kind: "sqlite", directory }, units: takeUnits(UNITS.sqlite) });
  }
  for (let index = 0; index < WORLDS.postgres; index++) {
    const url = await postgres.createDatabase(`bot${index}`);
    specs.push({ host, place: { kind: "postgres", url }, units: takeUnits(UNITS.postgres) });
  }
  return specs;
}

interface World {
  readonly spec: WorldSpec;
  readonly end: WorldEnd;
}

function makeRow(kind: StoreKind, worlds: readonly World[], record: HostRecord): ChaosRow {
  const verdicts = worlds.map((world) => judgeWorld(world, record));
  const sum = (count: (end: WorldEnd) => number) => worlds.reduce((total, { end }) => total + count(end), 0);
  const all = (pick: (verdict: Verdict) => readonly string[]) => verdicts.flatMap(pick);
  const { doubles, unresolved, wrongClaims, lost } = {
    doubles: all((verdict) => verdict.doubles),
    unresolved: all((verdict) => verdict.unresolved),
    wrongClaims: all((verdict) => verdict.wrongClaims),
    lost: all((verdict) => verdict.lost),
  };
  const trouble = worlds.flatMap(({ spec, end }) => [
    ...end.crashes,
    ...(end.audit === "ok" ? [] : [`the audit log is ${end.audit}`]),
    ...checkFile(spec.place),
  ]);
  const deaths = sum((end) => end.deaths);
  const counts = {
    deaths,
    deathsUnderWay: sum((end) => end.deathsUnderWay),
    approvals: sum((end) => end.acknowledged.size),
    "seconds of killing": Math.round(Math.max(...worlds.map(({ end }) => end.dyingMs)) / 1000),
    "seconds to settle": Math.round(Math.max(...worlds.map(({ end }) => end.settledAfterMs)) / 1000),
    ...countStates(worlds),
    ...countLines(worlds),
    doubles: doubles.length,
    unresolved: unresolved.length,
    wrongClaims: wrongClaims.length,
    lost: lost.length,
  };
  const wrong = [...doubles, ...unresolved, ...wrongClaims, ...lost, ...trouble];
  return {
    name: `F1 ${kind}`,
    did: `${deaths} × kill -9, ${counts.deathsUnderWay} with a restart under way, ${counts.approvals} approvals`,
    result: `${doubles.length} double, ${unresolved.length} unresolved, ${wrongClaims.length} wrong claims, ${lost.length} lost${trouble.length === 0 ? "" : `; ${trouble.length} × trouble`}`,
    target: "0, 0, 0, 0",
    met: wrong.length === 0 && deaths > 0,
    counts,
    findings: wrong,
  };
}

function judgeWorld({ spec, end }: World, record: HostRecord): Verdict {
  const names = spec.units.map((number) => `app@${number}.service`);
  const starts = new Map([...record.starts].filter(([unit]) => names.includes(unit)));
  return judge(end.intents, { record: { ...record, starts }, acknowledged: end.acknowledged });
}

function countStates(worlds: readonly World[]): { readonly [state: string]: number } {
  const counts: { [state: string]: number } = {};
  for (const { end } of worlds) {
    for (const { state } of end.intents) counts[`intents ${state}`] = (counts[`intents ${state}`] ?? 0) + 1;
  }
  return counts;
}

function countLines(worlds: readonly World[]): { readonly [line: string]: number } {
  const counts: { [line: string]: number } = {};
  for (const { end } of worlds) {
    for (const [line, deaths] of end.deathsAt)
      counts[`died at ${line}`] = (counts[`died at ${line}`] ?? 0) + deaths;
  }
  return counts;
}

/** A file says by itself whether it is whole. */
function checkFile(place: StorePlace): readonly string[] {
  if (place.kind === "postgres") return [];
  return ["diagnose502.db", "engine.db"].flatMap((name) => {
    const database = new DatabaseSync(`${place.directory}/${name}`);
    const [answer] = Object.values(database.prepare("PRAGMA integrity_check").get() ?? {});
    database.close();
    return answer === "ok" ? [] : [`${name}: ${String(answer)}`];
  });
}
