import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type BaseLayer, LOGIN } from "../base-layer.ts";
import type { Finished } from "../command.ts";
import type { RunningStack } from "../stack.ts";
import type { Seen } from "./channel.ts";
import type { DriverOptions, Order } from "./driver.ts";

const MAIN = join(import.meta.dirname, "../../../src/main.ts");
const DRIVER = join(import.meta.dirname, "driver.ts");
const PATIENCE_MS = 90_000;

/** A bot in the lab, and somebody in its channel who may approve. */
export interface LabBot {
  /** Runs another command of the program with the bot's own config and home. */
  run(words: readonly string[]): Promise<Finished>;
  order(order: Order): Promise<void>;
  /** The first message that is so; looked at after every change. */
  until(what: string, isSo: (seen: Seen) => boolean, patienceMs?: number): Promise<Seen>;
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
    sites = ["shop"],
    path = "/",
    program = MAIN,
  }: {
    readonly base: BaseLayer;
    readonly surface: DriverOptions["surface"];
    readonly withAlerts?: boolean;
    /** Names for the stack's one site: each has incidents of its own. */
    readonly sites?: readonly string[];
    /** Of the site's URL. */
    readonly path?: string;
    /** Default: the source. */
    readonly program?: string;
  },
): Promise<LabBot> {
  const directory = await mkdtemp(join(base.directory, "bot-"));
  const home = join(directory, "home");
  await mkdir(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  const knownHosts = running.stack.hosts.map(({ ip }) => `${ip} ${base.hostKey}\n`).join("");
  await writeFile(join(home, ".ssh/known_hosts"), knownHosts);
  const file = join(directory, "diagnose502.yaml");
  const config = { hosts: hostsOf(running, base), sites: sitesOf(running, { names: sites, path }) };
  const log = join(directory, "bot.log");
  const options: DriverOptions = { main: program, surface, withAlerts, file, log, config };
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
    run: (words) => running.client([process.execPath, program, ...words, "--config", file], { env }),
    messages: () => messages,
    async order(order) {
      const { promise, resolve } = Promise.withResolvers<void>();
      done.push(resolve);
      child.stdin.write(`${JSON.stringify(order)}\n`);
      await Promise.race([promise, ended]);
    },
    async until(what, isSo, patienceMs = PATIENCE_MS) {
      const { promise, resolve, reject } = Promise.withResolvers<Seen>();
      const look = () => {
        const found = messages.find(isSo);
        if (found !== undefined) resolve(found);
      };
      const timer = setTimeout(() => {
        reject(
          new Error(
            `${what}: never seen. What is: ${JSON.stringify(messages, null, 1)}\n${readFileSync(log, "utf8")}`,
          ),
        );
      }, patienceMs);
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

function hostsOf({ stack }: RunningStack, { identityFile }: BaseLayer): object {
  const hosts = stack.hosts.map(({ name, ip }) => [name, { address: ip, user: LOGIN, identityFile }]);
  return Object.fromEntries(hosts);
}

function sitesOf(
  { stack }: RunningStack,
  { names, path }: { readonly names: readonly string[]; readonly path: string },
): Readonly<Record<string, object>> {
  const site = {
    url: `http://shop.test${path}`,
    proxy: stack.proxies,
    upstream: stack.upstreams.length > 0 ? stack.upstreams : undefined,
    restart: { soak: "5s" },
  };
  return Object.fromEntries(names.map((name) => [name, site]));
}
