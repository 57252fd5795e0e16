import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import {
  createDiscordSurface,
  type DiscordMode,
  type DiscordSurface,
} from "../../../src/chat/discord/create-discord-surface.ts";
import type { Place } from "../../../src/incident/person.ts";
import type { Card } from "../../../src/report/card.ts";
import type { Log } from "../../../src/workflow/log.ts";
import type { Bot, Press } from "../../../src/workflow/surface.ts";
import { PUBLIC_THREAD } from "../../fakes/discord/channel-rules.ts";
import { type FakeDiscord, type SeenMessage, startDiscord } from "../../fakes/discord/start-discord.ts";
import type { Channel, Interaction } from "../../fakes/discord/world.ts";

/** A bot that remembers what it was asked. */
export interface FakeBot extends Bot {
  readonly commands: { readonly text: string; readonly person: string; readonly place: Place }[];
  readonly presses: Press[];
  cards: Card[];
}

export function fakeBot(replies: Partial<Bot> = {}): FakeBot {
  const bot: FakeBot = {
    commands: [],
    presses: [],
    cards: [],
    async command(text, { person, place }) {
      bot.commands.push({ text, person: person.id, place });
      return text === "" ? { text: "Which site?", sites: ["shop", "blog"] } : { text: `Looking at ${text}.` };
    },
    suggestSites: (prefix, limit) =>
      ["shop", "shop-eu", "blog"].filter((site) => site.startsWith(prefix)).slice(0, limit),
    async press(press) {
      bot.presses.push(press);
      return { text: `Noted: ${press.action}.` };
    },
    buttonsOn: async ({ surface }) =>
      surface === "discord" ? bot.cards.flatMap(({ buttons }) => buttons) : [],
    openIncidents: async () => bot.cards,
    incident: async () => undefined,
    ...replies,
  };
  return bot;
}

type IsNewProof = (proof: string) => Promise<boolean>;

/** What several processes share of their store. */
export function proofBook(): IsNewProof {
  const proofs = new Set<string>();
  return async (proof) => proofs.size < proofs.add(proof).size;
}

/** A log that keeps what was said. */
export function fakeLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const say = (level: string) => (fields: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  return { lines, debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
}

/** Discord, a bot, and a surface between them; all of it ends with the test. */
export async function startBench(
  context: { after(end: () => Promise<void>): void },
  options: {
    readonly bot?: FakeBot;
    readonly mode?: (discord: FakeDiscord) => DiscordMode;
    readonly isNewProof?: IsNewProof;
    readonly start?: boolean;
  } = {},
): Promise<{
  discord: FakeDiscord;
  bot: FakeBot;
  surface: DiscordSurface;
  log: ReturnType<typeof fakeLog>;
  place: Place;
}> {
  const discord = await startDiscord();
  context.after(() => discord.close());
  const bot = options.bot ?? fakeBot();
  const log = fakeLog();
  const surface = surfaceOf(discord, bot, {
    log,
    ...(options.mode === undefined ? {} : { mode: options.mode(discord) }),
    ...(options.isNewProof === undefined ? {} : { isNewProof: options.isNewProof }),
  });
  context.after(() => surface.stop());
  if (options.start !== false) await surface.start();
  return {
    discord,
    bot,
    surface,
    log,
    place: { surface: "discord", workspace: discord.guildId, channel: discord.channelId },
  };
}

/** A bench with a card, its thread, and a thread that people began. */
export async function startThreads(context: Parameters<typeof startBench>[0]) {
  const bench = await startBench(context);
  const { discord, surface, place } = bench;
  const posted = await surface.post(place, CARD, "1-1");
  const beneath = discord.world.channels.get(posted.threadId);
  assert.ok(beneath);
  const talk: Channel = {
    id: "555000000000000001",
    guildId: discord.guildId,
    name: "talk",
    type: PUBLIC_THREAD,
    parentId: place.channel,
  };
  discord.world.channels.set(talk.id, talk);
  return { ...bench, posted, beneath, talk, inTalk: { ...place, channel: talk.id } satisfies Place };
}

export function surfaceOf(
  discord: FakeDiscord,
  bot: Bot,
  {
    log = fakeLog(),
    mode = { kind: "gateway" },
    isNewProof = proofBook(),
    sleep = (ms, signal) => delay(ms, undefined, { signal }),
  }: {
    readonly log?: Log;
    readonly mode?: DiscordMode;
    readonly isNewProof?: IsNewProof;
    readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  } = {},
): DiscordSurface {
  const { token, apiUrl, guildId: guild, world } = discord;
  return createDiscordSurface({ token, apiUrl, mode, guild, bot, isNewProof, log, now: world.now, sleep });
}

/** What the person sees once the bot has answered. */
export async function answerTo(discord: FakeDiscord, interaction: Interaction): Promise<SeenMessage> {
  const find = () => discord.answers(interaction).find(({ text }) => text.trim() !== "");
  await discord.until("an answer", () => find() !== undefined);
  const answer = find();
  assert.ok(answer);
  return answer;
}

export const INTENT = "0123456789abcdef0123456789abcdef";

/** A fault with a restart that waits for approval. */
export const CARD: Card = {
  incident: 42,
  site: "shop",
  url: "https://shop.example.com/",
  tone: "fault",
  headline: "php8.2-fpm on origin-1 is down: it was OOM-killed 3 min ago",
  progress: [],
  hops: [
    { name: "edge", host: "", state: "ok" },
    { name: "proxy", host: "edge-1", state: "ok" },
    { name: "upstream", host: "origin-1", state: "broken" },
  ],
  restart: {
    answer: "briefly",
    what: "php8.2-fpm.service on origin-1",
    why: "Its memory limit is unchanged.",
  },
  proof: [
    {
      says: "The kernel killed php-fpm8.2 for lack of memory.",
      host: "origin-1",
      when: { at: "2026-11-20T03:09:12.000Z", clock: "03:09:12 UTC", ago: "3 min ago" },
      quote: "kernel: Out of memory: Killed process 812 (php-fpm8.2)",
    },
  ],
  since: { percent: 100, shares: [0, 0.5, 1] },
  lastChange: null,
  advice: ["Raise MemoryMax."],
  action: {
    title: "Restart php8.2-fpm.service on origin-1",
    status: "waiting for approval until 03:27 UTC",
    tone: "asking",
    facts: [{ name: "runs", value: "systemctl restart php8.2-fpm.service" }],
    checks: [],
  },
  buttons: [
    {
      action: "approve",
      value: INTENT,
      label: "Restart upstream only",
      style: "danger",
      confirm: {
        title: "Restart the upstream?",
        text: "php8.2-fpm.service on origin-1 will be restarted once.",
        yes: "Restart it",
        no: "Not now",
      },
    },
    { action: "deny", value: INTENT, label: "Deny", style: "plain" },
    { action: "look-again", value: "42", label: "Look again", style: "plain" },
  ],
  footer: ["incident #42, opened by ana at 03:12 UTC"],
};
