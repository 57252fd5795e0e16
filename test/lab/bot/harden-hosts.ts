import { join } from "node:path";
import { type BaseLayer, LOGIN } from "../base-layer.ts";
import { mustRun } from "../command.ts";
import type { HostSpec } from "../hosts.ts";
import type { RunningStack } from "../stack.ts";

const MAIN = join(import.meta.dirname, "../../../src/main.ts");
/** Units of the lab's stacks that an operator would let a bot restart. */
const APPLICATION = /^(?:shop|php|uwsgi-shop|tomcat)/;
/** What `harden` printed for a host that is made like this one. */
const printed = new Map<string, Promise<string>>();

/** Does on every host, as root, what `diagnose502 harden` prints for it; the bot's key gets the restricted line it prints as a comment. */
export async function hardenHosts(running: RunningStack, base: BaseLayer): Promise<void> {
  await Promise.all(
    running.stack.hosts.map(async (spec) => {
      const host = running.host(spec.name);
      const script = await printScript(spec, base);
      await host.sh(script);
      const restricted = /^# (restrict.*)$/m.exec(script)?.[1] ?? "";
      await host.write(`/home/${LOGIN}/.ssh/authorized_keys`, `${restricted}\n`);
    }),
  );
}

function printScript({ ip, units }: HostSpec, { identityFile }: BaseLayer): Promise<string> {
  const services = units.filter((unit) => APPLICATION.test(unit)).flatMap((unit) => ["--service", unit]);
  const words = ["harden", `${LOGIN}@${ip}`, ...services, "--key", `${identityFile}.pub`];
  const script = printed.get(words.join(" ")) ?? mustRun([process.execPath, MAIN, ...words]);
  printed.set(words.join(" "), script);
  return script;
}
