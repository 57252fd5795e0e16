import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mustRun } from "../../test/lab/command.ts";
import { renderTable } from "../render-table.ts";
import { measureAcks } from "./ack.ts";
import { measureBacklog } from "./backlog.ts";
import { measureClicks } from "./click.ts";
import { measureCrowd } from "./crowd.ts";
import { measureFlood } from "./flood.ts";
import { measureHistory } from "./history.ts";
import { measureIdle } from "./idle.ts";
import { measureManyHosts } from "./many-hosts.ts";
import { type Figure, isMissed, type Result } from "./result.ts";
import { measureSteady } from "./steady.ts";
import { measureStorm } from "./storm.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const BUILD_LIMIT_MS = 120_000;
const USAGE = `npm run load -- [names] [options]     the bot under load, connected to doubles of Slack and Discord

  names             ack, storm, flood, click, crowd, hosts, idle (default: these), steady, backlog, history
  --minutes N       how long steady goes on (default: 60)
  --scale SHARE     of backlog and history: so many of their incidents (0.01: one of a hundred; default: 1)
  --json FILE       writes what was measured
  --profile DIR     writes the bot's processor profiles there
  --publish         writes the table into bench/README.md
`;

const TESTS: Readonly<
  Record<
    string,
    {
      readonly did: string;
      readonly measure: (options: {
        readonly profileTo?: string | undefined;
        readonly minutes: number;
        readonly scale: number;
      }) => Promise<readonly Figure[]>;
      /** It takes too long to be run with all others. */
      readonly isLong?: true;
    }
  >
> = {
  ack: { did: "50 diagnoses under way, 100 commands/s and 20 clicks/s for 20 s", measure: measureAcks },
  storm: {
    did: "1,000 alerts in 10 s, 40 approvals meanwhile; then again with kill -9",
    measure: measureStorm,
  },
  flood: {
    did: "alerts from 64 connections for 60 s: no secret, a wrong one, the right one with invented sites; real ones meanwhile",
    measure: measureFlood,
  },
  click: { did: "40 approvals on a quiet bot", measure: measureClicks },
  crowd: { did: "10 clicks a second for 20 s while 500 incidents are open", measure: measureCrowd },
  hosts: { did: "20 sites of 10 hosts asked for at once, a real sshd each", measure: measureManyHosts },
  idle: { did: "connected, nothing to do, 60 s", measure: measureIdle },
  steady: {
    did: "10 alerts a second of 200 sites that break and are mended, for an hour or as long as was asked for",
    measure: measureSteady,
    isLong: true,
  },
  backlog: {
    did: "10,000 incidents wait for their look when the bot starts; hosts answer at once, the console is its only channel",
    measure: measureBacklog,
    isLong: true,
  },
  history: {
    did: "100,000 incidents that ended in the course of a year, cleaned up every day",
    measure: measureHistory,
    isLong: true,
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "60" },
    json: { type: "string" },
    profile: { type: "string" },
    scale: { type: "string", default: "1" },
    publish: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
const all = Object.entries(TESTS).flatMap(([name, { isLong = false }]) => (isLong ? [] : [name]));
const names = positionals.length === 0 ? all : positionals;
const minutes = Number(values.minutes);
const scale = Number(values.scale);
const isMisused = !names.every((name) => Object.hasOwn(TESTS, name)) || !(minutes > 0) || !(scale > 0);
if (values.help || isMisused) {
  process.stdout.write(USAGE);
  process.exitCode = isMisused ? 64 : 0;
} else {
  await mustRun(["npm", "--prefix", PROJECT, "run", "build"], { timeoutMs: BUILD_LIMIT_MS });
  const results: Result[] = [];
  for (const name of names) results.push(await runTest(name));
  process.stdout.write(renderTable([HEAD(), ...results.flatMap(rowsOf)]));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`);
}

async function runTest(name: string): Promise<Result> {
  const test = TESTS[name];
  if (test === undefined) throw new Error(`no test ${name}`);
  const [before = 0] = loadavg();
  const figures = await test.measure({ profileTo: values.profile, minutes, scale });
  const [after = 0] = loadavg();
  return { test: name, did: test.did, figures, load: [before, after] };
}

function HEAD(): readonly string[] {
  return ["test", "figure", "measured", "target", ""];
}

function rowsOf({ test, figures }: Result): readonly (readonly string[])[] {
  return figures.map((figure) => [
    test,
    figure.name,
    `${figure.value.toFixed(figure.value < 10 ? 2 : 0)} ${figure.unit}`,
    boundOf(figure),
    boundOf(figure) === "" ? "" : isMissed(figure) ? "MISSED" : "met",
  ]);
}

function boundOf({ atMost, atLeast }: Figure): string {
  if (atMost !== undefined) return `≤ ${atMost}`;
  return atLeast === undefined ? "" : `≥ ${atLeast}`;
}
