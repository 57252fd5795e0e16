import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadIncident } from "../../src/store/load-incident.ts";
import { mustRun, run } from "../../test/lab/command.ts";
import { runDiagnose } from "../../test/lab/diagnose.ts";
import type { LabHost } from "../../test/lab/hosts.ts";
import { type LabHosts, withLabHosts } from "../lab-hosts.ts";
import { renderTable, renderVerdict } from "../render-table.ts";
import { median, timed } from "../statistics.ts";
import { countLinesSince, expectedLines, KNOWN_BY, writeLargeLog } from "./large-log.ts";
import { readUsage, usageOptions } from "./usage.ts";

const USAGE = `npm run bench:command -- [options]     the whole command, from process start to verdict (root, Debian)

  --runs N          diagnoses with each log, in turns (default 7)
  --log-bytes N     size of the large error log (default 1000000000)
`;
const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
/** What a package holds: compiled, so that no start has to strip types. */
const MAIN = join(PROJECT, "dist/main.js");
const LOG = "/var/log/nginx/error.log";
const ASIDE = "/var/log/aside.log";
const BUILD_LIMIT_MS = 120_000;
const WINDOW_MS = 15 * 60_000;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "7" },
    "log-bytes": { type: "string", default: "1000000000" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const runs = Number(values.runs);
if (values.help) process.stdout.write(USAGE);
else {
  await mustRun(["npm", "--prefix", PROJECT, "run", "build"], { timeoutMs: BUILD_LIMIT_MS });
  process.stdout.write(await measureStart());
  await withLabHosts(measureDiagnoses);
}

/** Help and wrong usage beside an empty Node process. */
async function measureStart(): Promise<string> {
  const commands = {
    "node -e 0": ["-e", "0"],
    "--help": [MAIN, "--help"],
    "wrong usage": [MAIN, "diagnos"],
  };
  const times = new Map<string, number[]>(Object.keys(commands).map((name) => [name, []]));
  for (let turn = 0; turn <= 2 * runs; turn++) {
    for (const [name, words] of Object.entries(commands)) {
      const ms = await timed(() => run([process.execPath, ...words]));
      if (turn > 0) times.get(name)?.push(ms);
    }
  }
  const ms = (name: string) => median(times.get(name) ?? []);
  const table = renderTable([
    ["start and end of a process", "median ms"],
    ...Object.keys(commands).map((name) => [name, ms(name).toFixed(0)]),
  ]);
  const verdicts = ["--help", "wrong usage"].map((name) =>
    renderVerdict(`${name}, of an empty process's time`, ms(name) / ms("node -e 0"), { atMost: 2 }),
  );
  return `${table}${verdicts.join("")}\n`;
}

interface Diagnosed {
  readonly ms: number;
  readonly rssMb: number;
  readonly cpuMs: number;
  /** What the host sent to anybody meanwhile, KiB: the most of all hosts. */
  readonly hostKib: number;
}

/** Diagnoses of a stopped application, with the log as it is and with a large one, in turns. */
async function measureDiagnoses(lab: LabHosts): Promise<void> {
  const { running } = lab;
  await running.on("app-1", "systemctl stop shop");
  await running.get("/");
  const edge = running.host("edge-1");
  await writeLargeLog(`/proc/${edge.rootPid}/root${ASIDE}`, { bytes: Number(values["log-bytes"]) });
  await edge.sh(`chown www-data:adm ${ASIDE}; chmod 640 ${ASIDE}`);
  const logEndMs = Date.now();

  const small: Diagnosed[] = [];
  const large: Diagnosed[] = [];
  await diagnoseOnce(lab);
  for (let turn = 0; turn < runs; turn++) {
    small.push(await diagnoseOnce(lab));
    await swapLogs(edge);
    large.push(await diagnoseOnce(lab));
    await swapLogs(edge);
  }
  await swapLogs(edge);
  const found = await countFoundLines(lab, { logEndMs });
  process.stdout.write(renderDiagnoses({ small, large, found }));
}

async function diagnoseOnce({ base, running }: LabHosts): Promise<Diagnosed> {
  const usage = join(base.directory, `usage-${randomBytes(4).toString("hex")}`);
  const before = await Promise.all(running.hosts.map(sentBytes));
  const startedAt = performance.now();
  const { exitCode, stderr } = await runDiagnose(running, {
    base,
    path: "/",
    program: MAIN,
    flags: ["--json"],
    env: { NODE_OPTIONS: usageOptions(usage) },
  });
  const ms = performance.now() - startedAt;
  if (exitCode !== 1) throw new Error(`The diagnosis ended with ${exitCode}: ${stderr.slice(-500)}`);
  const after = await Promise.all(running.hosts.map(sentBytes));
  const hostKib = Math.max(...after.map((bytes, index) => bytes - (before[index] ?? 0))) / 1024;
  return { ms, hostKib, ...(await readUsage(usage)) };
}

/** Bytes the host has sent so far; the tenth number of its line. */
async function sentBytes(host: LabHost): Promise<number> {
  const table = await host.sh("grep eth0: /proc/net/dev");
  return Number(
    table
      .slice(table.indexOf(":") + 1)
      .trim()
      .split(/ +/)[8],
  );
}

async function swapLogs(edge: LabHost): Promise<void> {
  await edge.sh(
    `mv ${LOG} ${LOG}.swap; mv ${ASIDE} ${LOG}; mv ${LOG}.swap ${ASIDE}; systemctl kill -s USR1 --kill-who=main nginx`,
  );
}

/** How many of the last 15 minutes' lines of the large log are in the evidence, as a share. */
async function countFoundLines(
  { base, running }: LabHosts,
  { logEndMs }: { readonly logEndMs: number },
): Promise<number> {
  const folder = join(base.directory, "incident");
  await runDiagnose(running, { base, path: "/", program: MAIN, flags: ["--json", "--save", folder] });
  const { results } = await loadIncident(folder);
  const sinceMs = Date.now() - WINDOW_MS;
  const log = results.find(({ output }) => output.includes(KNOWN_BY));
  return countLinesSince(log?.output ?? "", sinceMs) / expectedLines(sinceMs, logEndMs);
}

function renderDiagnoses(measured: {
  readonly small: readonly Diagnosed[];
  readonly large: readonly Diagnosed[];
  readonly found: number;
}): string {
  const { small, large, found } = measured;
  const of = (rows: readonly Diagnosed[], key: keyof Diagnosed) => median(rows.map((row) => row[key]));
  const row = (name: string, rows: readonly Diagnosed[]) => [
    name,
    ...(["ms", "cpuMs", "rssMb", "hostKib"] as const).map((key) => of(rows, key).toFixed(0)),
  ];
  const spread = (Math.max(...small.map(({ ms }) => ms)) - of(small, "ms")) / of(small, "ms");
  return [
    renderTable([
      ["diagnose, two hosts", "median ms", "our CPU ms", "peak RSS MB", "KiB from a host"],
      row("error log of some lines", small),
      row(`error log of ${(Number(values["log-bytes"]) / 1e9).toFixed(1)} GB`, large),
    ]),
    renderVerdict("process start to verdict, ms", of(small, "ms"), { atMost: 1500 }),
    renderVerdict("peak RSS, MB", Math.max(...large.map(({ rssMb }) => rssMb)), { atMost: 130 }),
    renderVerdict("received from a host, KiB", Math.max(...large.map(({ hostKib }) => hostKib)), {
      atMost: 512,
    }),
    renderVerdict("large log, of the small one's time", of(large, "ms") / of(small, "ms"), {
      atMost: 1 + spread,
    }),
    renderVerdict("share of the last 15 minutes' lines found", found, { atLeast: 1 }),
  ].join("");
}
