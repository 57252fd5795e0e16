import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ButtonAction, Card } from "../../../src/report/card.ts";
import { type BaseLayer, LOGIN } from "../base-layer.ts";
import type { RunningStack } from "../stack.ts";

const MAIN = join(import.meta.dirname, "../../../src/main.ts");
const DRIVER = join(import.meta.dirname, "driver.ts");
const PATIENCE_MS = 90_000;

interface Shown {
  readonly id: string;
  card: Card;
  readonly notes: { readonly text: string; readonly loud: boolean }[];
}

/** A bot in the lab, and somebody at its console who may approve. */
export interface LabBot {
  type(text: string): Promise<string>;
  press(shown: { readonly id: string; readonly card: Card }, action: ButtonAction): Promise<string>;
  until(isSo: (shown: Shown) => boolean): Promise<Shown>;
  close(): Promise<void>;
}

/** Starts `diagnose502 start` where the lab's client is, with a config that names the stack's hosts. */
export async function openBot(
  running: RunningStack,
  { base }: { readonly base: BaseLayer },
): Promise<LabBot> {
  const directory = await mkdtemp(join(base.directory, "bot-"));
  const home = join(directory, "home");
  await mkdir(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  const knownHosts = running.stack.hosts.map(({ ip }) => `${ip} ${base.hostKey}\n`).join("");
  await writeFile(join(home, ".ssh/known_hosts"), knownHosts);
  const config = join(directory, "diagnose502.yaml");
  await writeFile(config, configOf(running, base), { mode: 0o600 });

  const env = { PATH: process.env.PATH, HOME: home, DIAGNOSE502_STATE: join(directory, "state") };
  const key = randomBytes(32).toString("base64url");
  const child = running.startClient([process.execPath, DRIVER, MAIN, config, key], env);
  const messages = new Map<string, Shown>();
  const replies: ((text: string) => void)[] = [];
  const watchers = new Set<() => void>();
  const ready = Promise.withResolvers<void>();
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  ended.then(() => ready.reject(new Error("the bot did not start")));
  createInterface({ input: child.stdout }).on("line", (line) => {
    const told = JSON.parse(line);
    if (told.kind === "ready") ready.resolve();
    if (told.kind === "reply") replies.shift()?.(told.text);
    if (told.kind === "message") {
      const known = messages.get(told.id);
      if (known) known.card = told.card;
      else messages.set(told.id, { id: told.id, card: told.card, notes: [] });
    }
    if (told.kind === "note") messages.get(told.id)?.notes.push(told.note);
    for (const look of watchers) look();
  });
  await ready.promise;

  async function ask(body: object): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    replies.push(resolve);
    child.stdin.write(`${JSON.stringify(body)}\n`);
    return await promise;
  }

  return {
    type: (text) => ask({ text }),
    press({ id, card }, action) {
      const button = card.buttons.find((one) => one.action === action);
      if (button === undefined) throw new Error(`no button ${action} beneath “${card.headline}”`);
      return ask({ action, value: button.value, messageId: id });
    },
    until(isSo) {
      const { promise, resolve, reject } = Promise.withResolvers<Shown>();
      const look = () => {
        const found = [...messages.values()].find(isSo);
        if (found !== undefined) resolve(found);
      };
      const timer = setTimeout(
        () => reject(new Error(`never shown: ${JSON.stringify([...messages.values()], null, 1)}`)),
        PATIENCE_MS,
      );
      watchers.add(look);
      look();
      return promise.finally(() => {
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

function configOf({ stack, host }: RunningStack, { identityFile }: BaseLayer): string {
  const hosts = stack.hosts.map(({ name, ip }) => [name, { address: ip, user: LOGIN, identityFile }]);
  return JSON.stringify({
    hosts: Object.fromEntries(hosts),
    sites: {
      shop: {
        url: "http://shop.test/",
        proxy: stack.proxies.map((name) => host(name).name),
        upstream: stack.upstreams.length > 0 ? stack.upstreams : undefined,
        approvers: { console: ["root"] },
        restart: { soak: "5s" },
      },
    },
    web: { listen: "127.0.0.1:0" },
  });
}
