import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { LOGIN } from "../../test/lab/base-layer.ts";
import { run } from "../../test/lab/command.ts";
import { installPackages } from "../../test/lab/packages.ts";
import { type LabHosts, withLabHosts } from "../lab-hosts.ts";
import { FILL_LOGS } from "./looks.ts";
import { Measurement, type Settings } from "./measurement.ts";
import { renderMeasurement } from "./render-measurement.ts";

const USAGE = `npm run bench:collect -- [options]     twelve looks on each of two hosts, against OpenSSH and Ansible (root, Debian)

  --rtt LIST        round trips in ms, with commas (default 0,20,80)
  --runs N          runs a contender, interleaved (default 7)
  --ansible-runs N  runs of Ansible (default 3); 0 leaves it out
`;
const LIMIT_MS = 1_800_000;
const MEASURE = fileURLToPath(new URL("./measure.ts", import.meta.url));

const { values } = parseArgs({
  options: {
    rtt: { type: "string", default: "0,20,80" },
    runs: { type: "string", default: "7" },
    "ansible-runs": { type: "string", default: "3" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) process.stdout.write(USAGE);
else await withLabHosts(measureAll);

async function measureAll(lab: LabHosts): Promise<void> {
  await Promise.all(lab.running.hosts.map((host) => host.sh(FILL_LOGS)));
  const ansibleRuns = (await hasAnsible()) ? Number(values["ansible-runs"]) : 0;
  for (const rttMs of values.rtt.split(",").map(Number)) {
    const measurement = await measure(lab, { rttMs, ansibleRuns });
    process.stdout.write(renderMeasurement(measurement, { rttMs }));
  }
}

/** Ansible comes from the distribution; where it cannot be had, its rows say so. */
async function hasAnsible(): Promise<boolean> {
  const isThere = async () => (await run(["sh", "-c", "command -v ansible-playbook"])).exitCode === 0;
  if (Number(values["ansible-runs"]) > 0 && !(await isThere())) {
    await installPackages(["ansible-core"]).catch((error: Error) =>
      process.stderr.write(`Ansible is left out: ${error.message}\n`),
    );
  }
  return await isThere();
}

async function measure(
  { base, running }: LabHosts,
  { rttMs, ansibleRuns }: { readonly rttMs: number; readonly ansibleRuns: number },
): Promise<Measurement> {
  const directory = join(base.directory, `b${rttMs}`);
  await mkdir(directory);
  const settings: Settings = {
    rttMs,
    runs: Number(values.runs),
    ansibleRuns,
    endpoints: running.hosts.map(({ name, ip, rootPid }) => ({ name, address: ip, port: 22, rootPid })),
    login: {
      user: LOGIN,
      identityFile: base.identityFile,
      knownHostsFile: join(directory, "known_hosts"),
      directory,
    },
  };
  const argv = [process.execPath, MEASURE, JSON.stringify(settings), base.hostKey];
  const { exitCode, stdout, stderr } = await running.client(argv, { timeoutMs: LIMIT_MS });
  if (exitCode !== 0) throw new Error(`The measuring process ended with ${exitCode}: ${stderr.trim()}`);
  return Measurement.parse(JSON.parse(stdout));
}
