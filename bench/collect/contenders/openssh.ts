import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { START_COMMAND } from "../../../src/ssh/start-command.ts";
import { run } from "../../../test/lab/command.ts";
import { timed } from "../../statistics.ts";
import type { Contender, Endpoint, Login } from "../contender.ts";
import { NAMES } from "../names.ts";
import { runScript } from "../run-script.ts";

const MASTER_LIMIT_MS = 15_000;

/** OpenSSH options that log in without asking, with the key exchange ours uses too. */
export function sshOptions({ identityFile, knownHostsFile }: Login): readonly string[] {
  const options = [
    ...["KexAlgorithms=curve25519-sha256", "BatchMode=yes", "IdentitiesOnly=yes"],
    ...[`IdentityFile=${identityFile}`, `UserKnownHostsFile=${knownHostsFile}`],
    "GlobalKnownHostsFile=/dev/null",
  ];
  return ["-F", "none", ...options.flatMap((option) => ["-o", option])];
}

function sshTo({ address, port }: Endpoint, login: Login, more: readonly string[]): readonly string[] {
  return ["ssh", ...sshOptions(login), ...more, "-p", String(port), `${login.user}@${address}`];
}

function runOn(endpoints: readonly Endpoint[], command: (endpoint: Endpoint) => readonly string[]) {
  return timed(() =>
    Promise.all(endpoints.map((endpoint) => runScript([...command(endpoint), START_COMMAND], endpoint.name))),
  );
}

/** One `ssh` a host, both at once, each with one script that makes all looks side by side. */
export function createOpensshCold(endpoints: readonly Endpoint[], login: Login): Contender {
  return {
    name: NAMES.opensshCold,
    run: () => runOn(endpoints, (endpoint) => sshTo(endpoint, login, ["-S", "none", "-T"])),
    close: async () => undefined,
  };
}

/** The same over connections that stand already (`ControlMaster`). */
export async function createOpensshWarm(endpoints: readonly Endpoint[], login: Login): Promise<Contender> {
  const socketOf = ({ name }: Endpoint) => join(login.directory, `warm-${name}`);
  const masters: ChildProcess[] = [];
  async function openMaster(endpoint: Endpoint): Promise<void> {
    const [program = "", ...args] = sshTo(endpoint, login, ["-M", "-N", "-S", socketOf(endpoint)]);
    masters.push(spawn(program, args, { stdio: "ignore" }));
    const deadline = performance.now() + MASTER_LIMIT_MS;
    const check = sshTo(endpoint, login, ["-S", socketOf(endpoint), "-O", "check"]);
    while ((await run(check)).exitCode !== 0) {
      if (performance.now() > deadline) throw new Error(`No ControlMaster came up for ${endpoint.name}.`);
      await pause(100);
    }
  }
  await Promise.all(endpoints.map(openMaster));
  return {
    name: NAMES.opensshWarm,
    run: () => runOn(endpoints, (endpoint) => sshTo(endpoint, login, ["-S", socketOf(endpoint), "-T"])),
    async close() {
      for (const master of masters) master.kill();
    },
  };
}
