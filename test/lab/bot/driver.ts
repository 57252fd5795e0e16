import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { ConsoleChannel } from "./console-channel.ts";

/**
 * Inside the lab's client network: runs the bot as an operator does (`diagnose502 start`), and sits at its console. One JSON line in,
 * `{ "text": … }` or `{ "action": …, "value": …, "messageId": … }`; one JSON line out for each answer, card and note. When standard input
 * ends, the bot is told to end.
 */
const [main = "", config = "", key = ""] = process.argv.slice(2);
const bot = spawn(process.execPath, [main, "start", "--config", config], {
  stdio: ["ignore", "pipe", "inherit"],
  env: { ...process.env, DIAGNOSE502_CONSOLE_KEY: key },
});
const summary = createInterface({ input: bot.stdout });
const exited = once(bot, "exit");

const [address] = await Promise.race([
  addressIn(summary),
  exited.then(([status]) => {
    throw new Error(`the bot ended with ${status}`);
  }),
]);
const channel = await ConsoleChannel.open(address);
const watching = channel.watch(say);
say({ kind: "ready" });
for await (const line of createInterface({ input: process.stdin })) {
  const asked: Record<string, string> = JSON.parse(line);
  say({ kind: "reply", ...(await channel.post("text" in asked ? "command" : "press", asked)) });
}
bot.kill("SIGTERM");
await exited;
await watching;

async function addressIn(lines: AsyncIterable<string>): Promise<[string]> {
  for await (const line of lines) {
    const [found] = /http:\/\/[\d.:]+\/\?key=\S+/.exec(line) ?? [];
    if (found !== undefined) return [found];
  }
  throw new Error("the bot told no address");
}

function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
