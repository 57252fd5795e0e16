import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type BaseLayer, LOGIN } from "../base-layer.ts";
import type { RunningStack } from "../stack.ts";
import type { Seen } from "./channel.ts";
import type { DriverOptions, Order } from "./driver.ts";

const MAIN = join(import.meta.dirname, "../../../src/main.ts");
const DRIVER = join(import.meta.dirname, "driver.ts");
const PATIENCE_MS = 90_000;

/** A bot in the lab, and somebody in its channel who may approve. */
export interface LabBot {
  order(order: Order): Promise<void>;
  /** The first message that is so; looked at after every change. */
  until(what: string, isSo: (seen: Seen) => boolean): Promise<Seen>;
  messages(): readonly Seen[];
  close(): Promise<void>;
}

/** Starts `diagnose502 start` where the lab's client is, with a config that names the stack's hosts. */
export async function openBot(
  running: RunningStack,
  {
    base,
    surface,
    withAlerts = false,
  }: {
    readonly base: BaseLayer;
    readonly surface: DriverOptions["surface"];
    readonly withAlerts?: boolean;
  },
): Promise<LabBot> {
  const directory = await mkdtemp(join(base.directory, "bot-"));
  const home = join(directory, "home");
  await mkdir(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  const knownHosts = running.stack.hosts.map(({ ip }) => `${ip} ${base.hostKey}\n`).join("");
  await writeFile(join(home, ".ssh/known_hosts"), knownHosts);
  const file = join(directory, "diagnose502.yaml");
  const options: DriverOptions = { main: MAIN, surface, withAlerts, file, config: configOf(running, base) };
  const env = { PATH: process.env.PATH, HOME: home, DIAGNOSE502_STATE: join(directory, "state") };
  const child = running.startClient([process.execPath, DRIVER, JSON.stringify(options)], env);

  let messages: readonly Seen[] = [];
  const done: (() => void)[] = [];
  const watchers = new Set<() => void>();
  const ready = Promise.withResolvers<void>();
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  ended.then(() => ready.reject(new Error("the bot did not start")));
  createInterface({ input: child.stdout }).on("line", (line) => {
    const told = JSON.parse(line);
    if (told.kind === "ready") ready.resolve();
    if (told.kind === "done") done.shift()?.();
    if (told.kind !== "seen") return;
    messages = told.messages;
    for (const look of watchers) look();
  });
  await ready.promise;

  return {
    messages: () => messages,
    async order(order) {
      const { promise, resolve } = Promise.withResolvers<void>();
      done.push(resolve);
      child.stdin.write(`${JSON.stringify(order)}\n`);
      await Promise.race([promise, ended]);
    },
    async until(what, isSo) {
      const { promise, resolve, reject } = Promise.withResolvers<Seen>();
      const look = () => {
        const found = messages.find(isSo);
        if (found !== undefined) resolve(found);
      };
      const timer = setTimeout(() => {
        reject(new Error(`${what}: never seen. What is: ${JSON.stringify(messages, null, 1)}`));
      }, PATIENCE_MS);
      watchers.add(look);
      look();
      return await promise.finally(() => {
        clearTimeout(timer);
        watchers.delete(look);
      });
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

function configOf({ stack }: RunningStack, { identityFile }: BaseLayer): DriverOptions["config"] {
  const hosts = stack.hosts.map(({ name, ip }) => [name, { address: ip, user: LOGIN, identityFile }]);
  const shop = {
    url: "http://shop.test/",
    proxy: stack.proxies,
    upstream: stack.upstreams.length > 0 ? stack.upstreams : undefined,
    restart: { soak: "5s" },
  };
  return { hosts: Object.fromEntries(hosts), sites: { shop } };
}
