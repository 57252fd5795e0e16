import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Diagnosis } from "../../src/classify/diagnosis.ts";
import { type BaseLayer, LOGIN } from "./base-layer.ts";
import type { Finished } from "./command.ts";
import type { RunningStack } from "./stack.ts";

const MAIN = join(import.meta.dirname, "../../src/main.ts");
const LIMIT_MS = 60_000;

/** Runs the tool as an operator would, from the lab's client network. */
export async function runDiagnose(
  running: RunningStack,
  options: {
    readonly base: BaseLayer;
    readonly path: string;
    readonly flags: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
    /** Default: the source. */
    readonly program?: string;
  },
): Promise<Finished> {
  const { base, path, flags, program = MAIN } = options;
  const knownHosts = join(base.directory, "known_hosts");
  await writeFile(knownHosts, running.stack.hosts.map(({ ip }) => `${ip} ${base.hostKey}\n`).join(""), {
    flag: "a",
  });
  const home = join(base.directory, "home");
  await mkdir(home, { recursive: true });
  const access = (option: string, names: readonly string[]) =>
    names.flatMap((name) => [option, `${LOGIN}@${running.host(name).ip}`]);
  const argv = [
    ...[process.execPath, program, "diagnose", `http://shop.test${path}`],
    ...access("--proxy", running.stack.proxies),
    ...access("--upstream", running.stack.upstreams),
    ...["-i", base.identityFile, "--known-hosts", knownHosts, ...flags],
  ];
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    TERM: process.env.TERM,
    COLUMNS: process.env.COLUMNS,
    ...options.env,
  };
  return await running.client(argv, { env, timeoutMs: LIMIT_MS });
}

/** The diagnosis as JSON. @throws {Error} with what the tool printed when there is none. */
export async function diagnose(
  running: RunningStack,
  options: { readonly base: BaseLayer; readonly path: string; readonly save?: string },
): Promise<Diagnosis> {
  const flags = ["--json", ...(options.save ? ["--save", options.save] : [])];
  const { stdout, stderr, exitCode } = await runDiagnose(running, { ...options, flags });
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(
      `no diagnosis (exit status ${exitCode}): ${stderr.trim().split("\n").slice(-3).join(" | ")}`,
    );
  }
}
