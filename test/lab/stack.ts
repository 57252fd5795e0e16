import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { BaseLayer } from "./base-layer.ts";
import { type Finished, type RunOptions, run } from "./command.ts";
import { bootHost, type HostSpec, type LabHost } from "./hosts.ts";
import type { LabNetwork } from "./network.ts";

/** One site as it is built in the field: its hosts, and which of them the operator would name. */
export interface Stack {
  readonly name: string;
  readonly hosts: readonly HostSpec[];
  /** Names of hosts given to the tool as `--proxy` and `--upstream`. */
  readonly proxies: readonly string[];
  readonly upstreams: readonly string[];
}

/** What the lab's client saw; status null when no HTTP answer came. */
export interface Answer {
  readonly status: number | null;
  readonly seconds: number;
  readonly error: string;
}

export interface RunningStack {
  readonly stack: Stack;
  readonly hosts: readonly LabHost[];
  host(name: string): LabHost;
  /** Runs a shell script as root on one host. */
  on(name: string, script: string): Promise<string>;
  /** Services go down there, as by a person's `systemctl stop`. */
  stop(name: string, ...units: readonly string[]): Promise<unknown>;
  /** Asks the site through its proxy. */
  get(path: string, options?: { readonly post?: string; readonly siteName?: string }): Promise<Answer>;
  /** Keeps `count` requests open until the stack goes down. */
  hold(path: string, count: number): void;
  /** Runs a program where the client is: the site's name resolves, and only the lab is reachable. */
  client(argv: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Starts a program there that is talked to through its standard streams, until the stack goes down. */
  startClient(argv: readonly string[], env: NodeJS.ProcessEnv): ChildProcessByStdio<Writable, Readable, null>;
  /** Takes one host away, as if the power were cut. */
  powerOff(name: string): Promise<void>;
  isOff(name: string): boolean;
  /** Something to clean up once the hosts are down. */
  defer(cleanUp: () => Promise<unknown>): void;
  close(): Promise<void>;
}

/** Site names that resolve to the first proxy. The second one is the other site on the same proxy. */
const SITE_NAMES = ["shop.test", "blog.test"];
const HEALTHY_LIMIT_MS = 40_000;
/** As a person with a browser would wait; longer than any timer a case sets. */
const CLIENT_PATIENCE_SECONDS = 12;

/** Boots all hosts of a stack. It need not be healthy yet. */
export async function startStack(
  stack: Stack,
  lab: { readonly base: BaseLayer; readonly network: LabNetwork },
): Promise<RunningStack> {
  const peers = stack.hosts.map(({ ip, name }) => `${ip} ${name}\n`).join("");
  const booted = await Promise.allSettled(stack.hosts.map((spec) => bootHost(spec, { ...lab, peers })));
  const hosts = booted.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const running: ChildProcess[] = [];
  const gone = new Set<string>();
  const deferred: (() => Promise<unknown>)[] = [];

  async function close(): Promise<void> {
    for (const child of running) child.kill("SIGKILL");
    await Promise.all(hosts.filter(({ name }) => !gone.has(name)).map((host) => host.close()));
    for (const cleanUp of deferred) await cleanUp();
  }

  const failed = booted.find((result) => result.status === "rejected");
  if (failed) {
    await close();
    throw failed.reason;
  }

  const inClient = await clientCommand(stack, lab);
  const client = (argv: readonly string[], options: RunOptions = {}) => run([...inClient, ...argv], options);

  function host(name: string): LabHost {
    const found = hosts.find((candidate) => candidate.name === name);
    if (!found) throw new Error(`Stack ${stack.name} has no host ${name}.`);
    return found;
  }

  return {
    stack,
    hosts,
    host,
    on: (name, script) => host(name).sh(script),
    stop: (name, ...units) => host(name).sh(`systemctl stop ${units.join(" ")}`),
    async get(path, options = {}) {
      const post = options.post === undefined ? [] : ["--data", options.post];
      const url = `http://${options.siteName ?? SITE_NAMES[0]}${path}`;
      const format = "%{http_code} %{time_total} %{errormsg}";
      const curl = [
        "curl",
        "-q",
        "-sg",
        "-o",
        "/dev/null",
        "-m",
        String(CLIENT_PATIENCE_SECONDS),
        "-w",
        format,
      ];
      const { stdout } = await client([...curl, ...post, url]);
      const [code, seconds, ...error] = stdout.split(" ");
      return { status: Number(code) || null, seconds: Number(seconds), error: error.join(" ") };
    },
    hold(path, count) {
      for (let n = 0; n < count; n++) {
        const curl = ["curl", "-q", "-s", "-o", "/dev/null", "-m", "120", `http://${SITE_NAMES[0]}${path}`];
        const [program = "", ...args] = [...inClient, ...curl];
        running.push(spawn(program, args, { stdio: "ignore" }));
      }
    },
    client,
    startClient(argv, env) {
      const [program = "", ...args] = [...inClient, ...argv];
      const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "inherit"] });
      running.push(child);
      return child;
    },
    async powerOff(name) {
      gone.add(name);
      await host(name).close();
    },
    isOff: (name) => gone.has(name),
    defer: (cleanUp) => deferred.push(cleanUp),
    close,
  };
}

/** What visitors got while hosts were still booting is no incident. */
const FORGET = "find /var/log -name '*.log' -type f -exec truncate -s 0 {} +";

/** Waits until the site answers 200, and forgets earlier answers. @throws {Error} with the last answer when it does not. */
export async function waitUntilHealthy(running: RunningStack): Promise<void> {
  const deadline = Date.now() + HEALTHY_LIMIT_MS;
  for (let tries = 1; ; tries++) {
    const answer = await running.get("/");
    if (answer.status === 200) {
      if (tries > 1) await Promise.all(running.hosts.map((host) => host.sh(FORGET)));
      return;
    }
    if (Date.now() > deadline) {
      throw new Error(`${running.stack.name} never became healthy: ${answer.status} ${answer.error}`);
    }
    await pause(100);
  }
}

/** Words to put before a program so that it runs in the client's network, with the client's idea of names. */
async function clientCommand(
  stack: Stack,
  lab: { readonly base: BaseLayer; readonly network: LabNetwork },
): Promise<readonly string[]> {
  const directory = join(lab.base.directory, "clients", lab.network.clientNamespace);
  await mkdir(directory, { recursive: true });
  const address = stack.hosts.find(({ name }) => name === stack.proxies[0])?.ip;
  await writeFile(join(directory, "hosts"), `127.0.0.1 localhost\n${address} ${SITE_NAMES.join(" ")}\n`);
  await writeFile(join(directory, "resolv.conf"), "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
  const script =
    'mount --bind "$0/hosts" /etc/hosts && mount --bind "$0/resolv.conf" /etc/resolv.conf && exec "$@"';
  const namespace = `--net=/run/netns/${lab.network.clientNamespace}`;
  return ["nsenter", namespace, "unshare", "--mount", "sh", "-c", script, directory];
}
