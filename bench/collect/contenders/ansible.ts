import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mustRun, run } from "../../../test/lab/command.ts";
import { timed } from "../../statistics.ts";
import type { Contender, Endpoint, Login } from "../contender.ts";
import { commandsOf } from "../looks.ts";
import { NAMES } from "../names.ts";
import { sshOptions } from "./openssh.ts";

const LIMIT_MS = 300_000;

/**
 * A playbook with one task a look, both hosts at once, pipelining on, facts off. Cold: without a connection to begin
 * with. Warm: over masters that stand already (`ControlPersist`).
 */
export async function createAnsible(
  endpoints: readonly Endpoint[],
  login: Login,
  { warm }: { readonly warm: boolean },
): Promise<Contender> {
  const directory = join(login.directory, warm ? "aw" : "ac");
  const sockets = join(directory, "s");
  await mkdir(sockets, { recursive: true });
  const inventory = join(directory, "inventory.json");
  const playbook = join(directory, "playbook.json");
  await writeFile(inventory, JSON.stringify(makeInventory(endpoints, login)));
  await writeFile(playbook, JSON.stringify(makePlaybook(endpoints)));
  const env = {
    PATH: process.env.PATH,
    HOME: directory,
    LC_ALL: "C.UTF-8",
    ANSIBLE_HOME: directory,
    ANSIBLE_PIPELINING: "1",
    ANSIBLE_SSH_ARGS: [...sshOptions(login), "-o", "ControlMaster=auto", "-o", "ControlPersist=10m"].join(
      " ",
    ),
    ANSIBLE_SSH_CONTROL_PATH_DIR: sockets,
    ANSIBLE_SSH_CONTROL_PATH: "%(directory)s/%%C",
  };
  const play = () => mustRun(["ansible-playbook", "-i", inventory, playbook], { env, timeoutMs: LIMIT_MS });
  const endMasters = async () => {
    for (const name of await readdir(sockets)) {
      await run(["ssh", "-F", "none", "-S", join(sockets, name), "-O", "exit", "any"]);
    }
  };

  if (warm) await play();
  return {
    name: warm ? NAMES.ansibleWarm : NAMES.ansibleCold,
    async run() {
      if (!warm) await endMasters();
      return await timed(play);
    },
    close: endMasters,
  };
}

function makeInventory(endpoints: readonly Endpoint[], { user }: Login): unknown {
  const hosts = endpoints.map(({ name, address, port }) => [
    name,
    {
      ansible_host: address,
      ansible_port: port,
      ansible_user: user,
      ansible_python_interpreter: "/usr/bin/python3",
      looks: commandsOf(name),
    },
  ]);
  return { all: { hosts: Object.fromEntries(hosts) } };
}

function makePlaybook(endpoints: readonly Endpoint[]): unknown {
  const count = Math.max(...endpoints.map(({ name }) => commandsOf(name).length));
  const tasks = Array.from({ length: count }, (_, index) => ({
    name: `look ${index + 1}`,
    "ansible.builtin.command": { argv: `{{ looks[${index}] }}` },
    changed_when: false,
    failed_when: false,
  }));
  return [{ hosts: "all", gather_facts: false, tasks }];
}
