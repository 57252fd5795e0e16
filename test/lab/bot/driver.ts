import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createWriteStream, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { startAlertmanager } from "../../fakes/alertmanager.ts";
import type { Channel } from "./channel.ts";
import { openConsoleChannel } from "./console-channel.ts";
import { openDiscordChannel } from "./discord-channel.ts";
import { openSlackChannel } from "./slack-channel.ts";

/**
 * Inside the lab's client network: a chat platform's double, a stock Alertmanager where it is wanted, and the bot as an operator runs it
 * (`diagnose502 start`). One JSON order a line on standard input (`Order`), one JSON line a change and a done order on standard output. When
 * standard input ends, the bot is told to end.
 */
export type Order =
  | { readonly do: "command"; readonly site: string }
  | { readonly do: "press"; readonly messageId: string; readonly label: string }
  | { readonly do: "fire" | "resolve" }
  /** `kill -9`, and a new start. */
  | { readonly do: "kill" };

export interface DriverOptions {
  readonly main: string;
  readonly surface: "console" | "slack" | "discord";
  readonly withAlerts: boolean;
  /** Where the config is written. */
  readonly file: string;
  /** Where the bot's own log goes. */
  readonly log: string;
  /** Its sites get this channel's approvers. */
  readonly config: { readonly hosts: object; readonly sites: Readonly<Record<string, object>> };
}

const ORIGIN = "http://127.0.0.1:8502";
const ALERT = { alertname: "ShopDown", instance: "http://shop.test/" };
const LOOK_EVERY_MS = 25;

const options: DriverOptions = JSON.parse(process.argv[2] ?? "");
const key = randomBytes(32).toString("hex");
const token = randomBytes(32).toString("hex");
const channel = await openChannel();
writeFileSync(options.file, JSON.stringify(configOf(channel)), { mode: 0o600 });
const alertmanager = options.withAlerts
  ? await startAlertmanager({ webhookUrl: `${ORIGIN}/alerts/am`, token })
  : undefined;
let bot = await startBot();
// whatever goes wrong here, the bot does not outlive it
process.on("exit", () => bot.kill("SIGKILL"));
const looking = setInterval(tellChanges, LOOK_EVERY_MS);
let told = "";
say({ kind: "ready" });
for await (const line of createInterface({ input: process.stdin })) {
  await obey(JSON.parse(line));
  say({ kind: "done" });
}
clearInterval(looking);
await end(bot, "SIGTERM");
await alertmanager?.stop();
await channel.close();

function openChannel(): Promise<Channel> {
  switch (options.surface) {
    case "console":
      return openConsoleChannel(key, ORIGIN);
    case "slack":
      return openSlackChannel();
    case "discord":
      return openDiscordChannel();
  }
}

function configOf({ chat, approvers }: Channel): object {
  const { hosts, sites } = options.config;
  return {
    hosts,
    sites: Object.fromEntries(Object.entries(sites).map(([name, site]) => [name, { ...site, approvers }])),
    chat,
    ...(options.withAlerts
      ? { alerts: { am: { mapping: "alertmanager", token: { env: "AM_TOKEN" } } } }
      : {}),
  };
}

async function startBot(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [options.main, "start", "--config", options.file], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...channel.env, DIAGNOSE502_CONSOLE_KEY: key, AM_TOKEN: token },
  });
  child.stderr.pipe(createWriteStream(options.log, { flags: "a" }));
  // what it prints once it is there
  await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  if (child.exitCode !== null) throw new Error(`the bot ended with ${child.exitCode}`);
  child.stdout.resume();
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

async function obey(order: Order): Promise<void> {
  switch (order.do) {
    case "command":
      return await channel.command(order.site);
    case "press":
      return await channel.press(order.messageId, order.label);
    case "fire":
      return await alertmanager?.fire(ALERT, { summary: "shop is down" });
    case "resolve":
      return await alertmanager?.resolve(ALERT);
    case "kill":
      await end(bot, "SIGKILL");
      bot = await startBot();
  }
}

function tellChanges(): void {
  const messages = channel.messages();
  const now = JSON.stringify(messages);
  if (now === told) return;
  told = now;
  say({ kind: "seen", messages });
}

function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
