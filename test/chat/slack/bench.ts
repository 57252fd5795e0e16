import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import {
  createSlackSurface,
  type SlackMode,
  type SlackSurface,
} from "../../../src/chat/slack/create-slack-surface.ts";
import type { Person, Place } from "../../../src/incident/person.ts";
import type { Card } from "../../../src/report/card.ts";
import type { LogFields } from "../../../src/workflow/log.ts";
import type { Bot, Press } from "../../../src/workflow/surface.ts";
import { diagnosedCard, lookingCard } from "../../fakes/bot.ts";
import { type FakeSlack, startSlack } from "../../fakes/slack/start-slack.ts";

export const LOOKING: Card = lookingCard(42, "shop", "ana");
export const DIAGNOSED: Card = diagnosedCard(LOOKING);

export interface RecordingBot extends Bot {
  readonly commands: { readonly text: string; readonly person: Person; readonly place: Place }[];
  readonly presses: Press[];
}

/** A bot that answers at once and remembers what it was asked. */
export function recordingBot(changes: Partial<Bot> = {}): RecordingBot {
  const commands: RecordingBot["commands"] = [];
  const presses: Press[] = [];
  const sites = ["shop", "shop-staging", "blog"];
  return {
    commands,
    presses,
    async command(text, { person, place }) {
      commands.push({ text, person, place });
      if (text === "" || !sites.includes(text)) return { text: "Which site?", sites };
      return { text: `Looking at ${text} (incident #42).` };
    },
    async press(press) {
      presses.push(press);
      return { text: "Approved. Checking once more, then restarting." };
    },
    suggestSites: (prefix, limit) => sites.filter((site) => site.includes(prefix)).slice(0, limit),
    buttonsOn: async () => DIAGNOSED.buttons,
    openIncidents: async () => [DIAGNOSED],
    incident: async () => undefined,
    ...changes,
  };
}

export interface Bench<AnyBot extends Bot = RecordingBot> {
  readonly slack: FakeSlack;
  readonly surface: SlackSurface;
  readonly bot: AnyBot;
  readonly place: Place;
  /** What was logged: `warn no connection to Slack`. */
  readonly lines: readonly string[];
  /** What the surface wanted to wait for, in ms. */
  readonly waits: readonly number[];
}

/** A workspace with the app in it, connected; everything ends with the test. */
export async function startBench(
  context: TestContext,
  options: { readonly slack?: FakeSlack; readonly bot?: RecordingBot; readonly mode?: SlackMode } = {},
): Promise<Bench> {
  const slack = options.slack ?? (await startSlack());
  const bench = makeBench(slack, { bot: recordingBot(), ...options });
  // in this order: the app says goodbye while there is somebody to say it to
  context.after(() => bench.surface.stop());
  if (options.slack === undefined) context.after(() => slack.stop());
  await bench.surface.start();
  return bench;
}

/** The same, not started. */
export function makeBench<AnyBot extends Bot>(
  slack: FakeSlack,
  options: {
    readonly bot: AnyBot;
    readonly mode?: SlackMode;
    readonly botToken?: string;
    readonly appToken?: string;
  },
): Bench<AnyBot> {
  const { bot, botToken = slack.world.botToken, appToken = slack.world.appToken } = options;
  const lines: string[] = [];
  const waits: number[] = [];
  const say = (level: string) => (_: LogFields, message: string) => void lines.push(`${level} ${message}`);
  const surface = createSlackSurface({
    ...(options.mode ?? { mode: "socket", appToken }),
    botToken,
    apiUrl: slack.apiUrl,
    bot,
    log: { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") },
    now: slack.world.now,
    // what takes minutes with Slack takes moments here
    sleep: (ms, signal) => {
      waits.push(ms);
      return delay(Math.min(ms, 250), undefined, { signal }).catch(() => undefined);
    },
  });
  const place: Place = { surface: "slack", workspace: slack.world.teamId, channel: slack.channelId };
  return { slack, surface, bot, place, lines, waits };
}
