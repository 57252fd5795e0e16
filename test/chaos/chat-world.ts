import { randomBytes } from "node:crypto";
import {
  type BotPlace,
  type BotProcess,
  removePlace,
  SIMULATED_BOT,
  sendAlert,
  startBotProcess,
} from "../../bench/load/bot-process.ts";
import { approversOn, makePlace } from "../../bench/load/places.ts";
import { openPlatforms } from "../../bench/load/platforms.ts";
import { readEnvironment } from "../../src/config/environment.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { openRecords, type Records } from "../../src/store/open-records.ts";
import { createLoadView } from "../../src/workflow/load-view.ts";
import { makeCard } from "../../src/workflow/make-card.ts";
import { makeThreadNote } from "../../src/workflow/make-thread-note.ts";
import { createProgressBoard } from "../../src/workflow/progress-board.ts";
import { createSiteBook } from "../../src/workflow/site-book.ts";
import { type FakeModel, startFakeModel } from "../fakes/openai.ts";
import { holdsWithin } from "./holds-within.ts";
import type { TrueIncident } from "./judge-chat.ts";

export type ChatPlatforms = Awaited<ReturnType<typeof openPlatforms>>;

/** When something happened on a simulated host, epoch ms. */
type HostEvent = BotProcess["hostEvents"][number];

/** A bot as people start it, between doubles of Slack, Discord and a model; it may be killed and started again. */
export interface ChatWorld {
  readonly platforms: ChatPlatforms;
  readonly model: FakeModel;
  /** The bot's own rows, read beside it. */
  readonly records: Records;
  /** All that its hosts saw, over all its lives. */
  hostEvents(): readonly HostEvent[];
  /** @throws unless it is taken. */
  alert(site: string): Promise<void>;
  /** Over the console, which no platform can take away. Gives what was answered. */
  approveOnConsole(site: string): Promise<string>;
  command(text: string): Promise<string>;
  /** kill -9, and another life at once; resolves when it answers. */
  startAnew(): Promise<void>;
  /** What is to be shown. */
  truth(): Promise<readonly TrueIncident[]>;
  close(): Promise<void>;
}

const KEY = randomBytes(32).toString("base64url");
/** Machines of a gate are slow. */
const READY_MS = 120_000;

export async function openChatWorld(options: {
  /** With a service that a restart would help. */
  readonly sites: readonly string[];
  readonly beatEveryMs: number;
}): Promise<ChatWorld> {
  const [platforms, model] = await Promise.all([
    openPlatforms({ beatEveryMs: options.beatEveryMs }),
    startFakeModel(),
  ]);
  const place = await makeChatPlace(options.sites, { platforms, model });
  const environment = { ...platforms.environment, DIAGNOSE502_CONSOLE_KEY: KEY, FAKE_MODEL_KEY: "none" };
  const start = (untilConnected: () => Promise<void>) =>
    startBotProcess(SIMULATED_BOT, { place, platforms: { ...platforms, environment, untilConnected } });
  const lives = [await start(() => untilConnected(platforms))];
  const config = await loadConfig(readEnvironment(), { file: `${place.directory}/diagnose502.yaml` });
  const records = await openRecords(
    { kind: "sqlite", directory: `${place.directory}/state` },
    { now: Date.now, random: randomBytes, holdLock: false },
  );
  const { incidents, intents, diagnoses } = records;
  const sites = createSiteBook(config, { loadRequest: () => Promise.reject(new Error("nobody looks here")) });
  const board = createProgressBoard({ now: Date.now, onChange: () => undefined });
  const loadView = createLoadView({ ...records, sites, board });
  const base = `http://127.0.0.1:${place.port}`;

  async function ask(path: string, body: object): Promise<string> {
    const { headers } = await fetch(`${base}/?key=${KEY}`, { redirect: "manual" });
    const response = await fetch(`${base}${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        cookie: (headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "",
        origin: base,
        "idempotency-key": randomBytes(16).toString("hex"),
      },
      body: JSON.stringify(body),
    });
    return await response.text();
  }

  return {
    platforms,
    model,
    records,
    hostEvents: () => lives.flatMap(({ hostEvents }) => hostEvents),
    async alert(site) {
      const status = await sendAlert(place.port, { site, id: site });
      if (status !== 200 && status !== 202) throw new Error(`the alert for ${site} was answered ${status}`);
    },
    async approveOnConsole(site) {
      const intent = (await intents.open()).find((one) => one.site === site && one.state === "awaiting");
      if (intent === undefined) throw new Error(`nothing is offered for ${site}`);
      const posts = await incidents.posts(intent.incident);
      const messageId = posts.find((post) => post.place.surface === "console")?.messageId;
      return await ask("/console/press", { action: "approve", value: intent.key, messageId });
    },
    command: (text) => ask("/console/command", { text: `/diagnose502 ${text}` }),
    async startAnew() {
      await lives.at(-1)?.kill();
      lives.push(await start(async () => undefined));
      const isUp = () =>
        fetch(`${base}/healthz`).then(
          ({ ok }) => ok,
          () => false,
        );
      if (!(await holdsWithin(READY_MS, isUp))) throw new Error("the next life did not begin");
    },
    async truth() {
      const all = await incidents.list({ limit: 1000 });
      return await Promise.all(
        all.map(async ({ number }) => {
          const view = await loadView(number);
          if (view === undefined) throw new Error(`#${number} is gone`);
          const notes = await incidents.notes(number);
          return {
            number,
            cards: { slack: makeCard(view, "slack"), discord: makeCard(view, "discord") },
            notes: await Promise.all(notes.map((note) => makeThreadNote(number, note, { diagnoses }))),
          };
        }),
      );
    },
    async close() {
      await lives.at(-1)?.stop();
      await records.close();
      await removePlace(place);
      await platforms.close();
      await model.stop();
    },
  };
}

async function untilConnected({ slack, discord }: ChatPlatforms): Promise<void> {
  const isConnected = () =>
    slack.sockets.count() > 0 &&
    discord.gateway.connected() > 0 &&
    (discord.world.commands.get(discord.guildId) ?? []).length > 0;
  if (!(await holdsWithin(READY_MS, isConnected))) throw new Error("the bot did not connect");
}

async function makeChatPlace(
  names: readonly string[],
  { platforms, model }: { readonly platforms: ChatPlatforms; readonly model: FakeModel },
): Promise<BotPlace> {
  const { userName } = readEnvironment();
  const host = { address: "192.0.2.1", user: "nobody" };
  const approvers = { ...approversOn(platforms), console: [userName] };
  return await makePlace({
    hosts: Object.fromEntries(["edge", ...names].map((name) => [name, host])),
    sites: Object.fromEntries(
      names.map((name) => [
        name,
        {
          url: `http://${name}.example.com/`,
          proxy: "edge",
          upstream: name,
          approvers,
          approval: { selfApproval: true },
        },
      ]),
    ),
    model: { name: "fake", baseUrl: model.baseUrl, key: { env: "FAKE_MODEL_KEY" } },
  });
}
