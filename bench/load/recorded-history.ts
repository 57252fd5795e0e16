import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { SQLOutputValue } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import type { Evidence } from "../../src/collect/evidence.ts";
import type { Person } from "../../src/incident/person.ts";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import type { Playbook } from "../../src/playbook/playbook.ts";
import { loadIncident } from "../../src/store/load-incident.ts";
import { diagnoseEvidence } from "../../src/workflow/diagnose-evidence.ts";
import type { SiteBook } from "../../src/workflow/site-book.ts";
import { MemorySurface } from "../../test/fakes/memory-surface.ts";
import { SimulatedSite } from "../../test/fakes/simulated-site.ts";
import { askStore, readStore } from "./read-store.ts";
import { simulatedSite, startSimulatedRuntime } from "./simulated-runtime.ts";

const INCIDENTS = join(import.meta.dirname, "../../test/incidents");
const PLAYBOOKS = join(import.meta.dirname, "../../playbooks");
/** Of the restarts that are offered, the first so many are approved; to the others somebody says no. */
const APPROVED = 5;
/** Between two incidents: neither cool-downs nor the limit in an hour stand in the way. */
const APART_MS = 6 * 60 * 60_000;
const PACE_MS = 20;
const PATIENCE_MS = 30_000;

/** As long as the platforms' own. */
const WORKSPACES = { slack: "T0ABCDEFGH1", discord: "1134567890123456789", console: "local" } as const;
const CHANNELS = { slack: "C0ABCDEFGH1", discord: "1134567890123456790", console: "console" } as const;
const ANA: Person = { surface: "slack", workspace: WORKSPACES.slack, id: "U0ANABELL01", name: "Ana Bell" };

/** The rows that one incident left, as they are stored. */
export interface IncidentRows {
  readonly openedAt: string;
  /** By table; of our records. */
  readonly records: Rows;
  /** By table; of the engine. */
  readonly engine: Rows;
}

export type Row = Readonly<Record<string, SQLOutputValue>>;
type Rows = Readonly<Record<string, readonly Row[]>>;

/**
 * Takes each recorded incident through the real runtime, one after the other: an alert opens it, what was recorded is what its look brings, a
 * restart is approved or denied where one is offered, then the site is well, the alert resolved and the incident closed.
 */
export async function recordHistory(directory: string): Promise<readonly IncidentRows[]> {
  const playbooks = await loadPlaybooks([{ path: PLAYBOOKS, origin: "shipped" }]);
  const folders = (await readdir(INCIDENTS)).sort();
  const cases = await Promise.all(
    folders.map(async (folder, index) =>
      makeCase(await loadIncident(join(INCIDENTS, folder)), { index, playbooks }),
    ),
  );
  const known = new Map(cases.map((one) => [one.site.name, one]));
  const caseOf = (site: string) => {
    const found = known.get(site);
    if (found === undefined) throw new Error(`no site ${site}`);
    return found;
  };
  const byHost = (host: string) => caseOf(host.slice(0, host.indexOf("-")));
  const sites: SiteBook = {
    names: [...known.keys()],
    find: (name) => known.get(name)?.site,
    requestOf: async (name) => caseOf(name).evidence.request,
    placesOf: (_site, shownOn) =>
      shownOn.map(({ name }) => ({ surface: name, workspace: WORKSPACES[name], channel: CHANNELS[name] })),
  };
  let aheadMs = 0;
  const surfaces: MemorySurface[] = [];
  const bot = await startSimulatedRuntime(directory, {
    aheadMs: () => aheadMs,
    sites,
    createSurfaces(asked) {
      for (const name of ["slack", "discord", "console"] as const) {
        const surface = new MemorySurface(name, asked);
        surface.home = WORKSPACES[name];
        surfaces.push(surface);
      }
      return surfaces;
    },
    diagnose: async ({ site }) => {
      const { evidence, made } = caseOf(site);
      return { evidence, ...made };
    },
    http: {
      sample: (url, options) =>
        caseOf(new URL(url).hostname.split(".")[0] ?? "").world.http.sample(url, options),
    },
    control: {
      read: async (host, ...rest) => {
        const { unit, world } = byHost(host.name);
        const reading = await world.control.read(host, ...rest);
        return reading.kind === "read"
          ? { ...reading, identity: { ...reading.identity, id: unit } }
          : reading;
      },
      restart: (host, ...rest) => byHost(host.name).world.control.restart(host, ...rest),
      ask: (host, ...rest) => byHost(host.name).world.control.ask(host, ...rest),
      forget: async () => undefined,
    },
    verify: (proof, options) => caseOf(proof.intent.site).world.verify(proof, options),
    paceMs: () => PACE_MS,
  });
  const slack = surfaces.find(({ name }) => name === "slack");
  if (slack === undefined) throw new Error("no surface was made");
  try {
    let approved = 0;
    for (const { site, world } of cases) {
      const { inbox, incidents, intents } = bot.records;
      const tell = async (status: "firing" | "resolved") => {
        const alert = {
          source: "prometheus",
          status,
          fingerprint: `${site.name}-1f0c55a2d94b`,
          candidates: [site.name, `${site.name}-edge.example.com:443`, site.url],
          title: `BadGateway on ${site.name}: more than 5 % of the answers are 502`,
          statusCode: 502,
          startedAt: new Date().toISOString(),
        };
        await inbox.store({ source: "prometheus", key: `${site.name}-${status}` }, [
          { alert, site: site.name },
        ]);
        bot.runtime.alertsArrived();
      };
      await tell("firing");
      const open = () => incidents.findOpen(site.name);
      await untilSo(`a look at ${site.name}`, async () => ((await open())?.looksDone ?? 0) > 0);
      const number = (await open())?.number ?? 0;
      const [offered] = await intents.ofIncident(number);
      if (offered !== undefined) {
        const message = await slack.until(
          ({ card }) => card.incident === number && card.buttons.some(({ value }) => value === offered.key),
        );
        await slack.press(message, approved++ < APPROVED ? "approve" : "deny", ANA);
        await untilSo(`the end of the restart of ${site.name}`, async () => {
          const intent = await intents.find(offered.key);
          return intent?.endedAt !== undefined;
        });
      }
      await tell("resolved");
      world.isUp = true;
      await untilSo(`the end of ${site.name}`, async () => {
        const { state } = (await incidents.find(number)) ?? {};
        return state === "closed" && (await incidents.incidentsWithDuePosts()).length === 0;
      });
      await untilSo("its runs ended", async () => askStore(directory, "engine.db", UNFINISHED) === 0);
      await untilSo("its alerts handled", async () => (await inbox.pending(1)).length === 0);
      aheadMs += APART_MS;
    }
  } finally {
    await bot.stop();
  }
  return readRows(directory, cases.length);
}

const UNFINISHED = "select count(*) as n from workflow_runs where finished_at is null";

/** Hosts get a name of their own, so that what one incident had restarted does not stand in the way of the next. */
function makeCase(
  recorded: Evidence,
  { index, playbooks }: { readonly index: number; readonly playbooks: readonly Playbook[] },
) {
  const name = `h${index}`;
  const site = simulatedSite(name, `http://${name}.example.com/`);
  const made = diagnoseEvidence(recorded, { playbooks, durationMs: 1800 });
  const { request } = recorded;
  const rename = <Host extends { readonly name: string }>(host: Host): Host => ({
    ...host,
    name: `${name}-${host.name}`,
  });
  const { remediation } = made.diagnosis;
  return {
    site,
    world: new SimulatedSite(),
    unit: remediation?.unit ?? "app.service",
    evidence: {
      ...recorded,
      request: {
        ...request,
        site: name,
        url: site.url,
        proxies: request.proxies.map(rename),
        upstreams: request.upstreams.map(rename),
      },
    },
    made: {
      ...made,
      diagnosis: {
        ...made.diagnosis,
        remediation: remediation === null ? null : { ...remediation, host: `${name}-${remediation.host}` },
      },
    },
  };
}

async function untilSo(what: string, holds: () => Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > endsAt) throw new Error(`never happened: ${what}`);
    await sleep(5);
  }
}

function readRows(directory: string, incidents: number): readonly IncidentRows[] {
  const numbers = Array.from({ length: incidents }, (_, index) => index + 1);
  const keysOf = new Map<number, readonly string[]>();
  const records = readStore(directory, "diagnose502.db", (db) =>
    numbers.map((number) => {
      const all = (query: string) => db.prepare(query).all(number);
      const intents = all("select * from intents where incident = ?");
      keysOf.set(
        number,
        intents.map(({ key }) => String(key)),
      );
      return {
        incidents: all("select * from incidents where number = ?"),
        notes: all("select * from notes where incident = ? order by seq"),
        posts: all("select * from posts where incident = ? order by id"),
        intents,
        decisions: all(
          "select * from decisions where intent in (select key from intents where incident = ?)",
        ),
        diagnoses: all("select * from diagnoses where incident = ?"),
        alerts: all("select * from alerts where incident = ? order by id"),
        audit: all("select * from audit where incident = ? order by seq"),
      };
    }),
  );
  const engine = readStore(directory, "engine.db", (db) =>
    numbers.map((number) => {
      const ids = JSON.stringify([String(number), ...(keysOf.get(number) ?? [])]);
      const runs = db
        .prepare(
          "select * from workflow_runs where json_extract(input, '$.id') in (select value from json_each(?))",
        )
        .all(ids);
      const runIds = JSON.stringify(runs.map(({ id }) => id));
      const of = (table: string) =>
        db
          .prepare(`select * from ${table} where workflow_run_id in (select value from json_each(?))`)
          .all(runIds);
      return {
        workflow_runs: runs,
        step_attempts: of("step_attempts"),
        workflow_signals: of("workflow_signals"),
      };
    }),
  );
  return numbers.map((_, index) => {
    const [rows, runs] = [records[index], engine[index]];
    if (rows === undefined || runs === undefined) throw new Error("an incident left no rows");
    return { openedAt: String(rows.incidents[0]?.opened_at), records: rows, engine: runs };
  });
}
