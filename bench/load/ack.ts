import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Interaction } from "../../test/fakes/discord/world.ts";
import type { StoredMessage } from "../../test/fakes/slack/world.ts";
import { median, percentile } from "../statistics.ts";
import { arrivals } from "./arrivals.ts";
import { type BotPlace, removePlace, SIMULATED_BOT, startBotProcess } from "./bot-process.ts";
import { DECIDED_SITES, offerDecisions } from "./decisions.ts";
import { until } from "./eyes.ts";
import { approversOn, makePlace, simulatedConfig } from "./places.ts";
import { openPlatforms, type Platforms } from "./platforms.ts";
import { count } from "./read-store.ts";
import type { Figure } from "./result.ts";

const SITES = 75;
const DURATION_MS = 20_000;
const COMMANDS_PER_SECOND = 100;
const CLICKS_PER_SECOND = 20;
const LOOK_AGAIN = "Look again";
const LATE_MS = 3000;

/**
 * The real program with fifty diagnoses always under way: over SSH and HTTP, of hosts that answer as they were recorded. Meanwhile 100 commands
 * a second arrive, half from Slack and half from Discord, 20 clicks that ask for something, and 4 that decide about a restart of hosts in
 * memory, which is then done or not; each is timed where the person sits.
 */
export async function measureAcks({
  profileTo,
}: {
  readonly profileTo?: string | undefined;
}): Promise<readonly Figure[]> {
  const platforms = await openPlatforms();
  const directory = await mkdtemp(join(tmpdir(), "diagnose502-hosts-"));
  const hosts = await startRecordedHosts(directory);
  const place = await makePlace(configOf(hosts, platforms));
  const bot = await startBotProcess(SIMULATED_BOT, { place, platforms, profileTo });
  try {
    const people = createPeople(platforms);
    for (let site = 0; site < SITES; site++) people.askSlack(`s${site}`);
    await until(
      "a diagnosis of each site on both platforms",
      () => people.cards().every((cards) => cards.length >= SITES),
      120_000,
    );
    const decisions = await offerDecisions(place, platforms);
    people.forget();
    const { rssMb, cpuMs } = await bot.usage();
    bot.watch();

    const running: number[] = [];
    const ended = new AbortController();
    const sampling = (async () => {
      while (!ended.signal.aborted) {
        running.push(underWay(place));
        await sleep(500);
      }
    })();
    const [sentLateMs] = await Promise.all([
      arrivals(
        { count: (COMMANDS_PER_SECOND * DURATION_MS) / 1000, durationMs: DURATION_MS },
        people.command,
      ),
      arrivals({ count: (CLICKS_PER_SECOND * DURATION_MS) / 1000, durationMs: DURATION_MS }, people.click),
      arrivals({ count: DECIDED_SITES.length, durationMs: DURATION_MS }, decisions.decide),
    ]);
    ended.abort();
    await sampling;
    const usage = await bot.usage();
    await sleep(LATE_MS);
    const looked = looksDone(place);
    const stored = count(place, "select count(*) as n from decisions");
    const restarts = bot.hostEvents.filter(({ kind }) => kind === "restart").length;

    const decided = decisions.waitedMs();
    const { slack, discord } = people.waited();
    return [
      { name: "diagnoses under way, median", value: median(running), unit: "" },
      { name: "diagnoses done meanwhile", value: looked, unit: "" },
      { name: "Slack: command → ack, p50", value: median(slack.commands), unit: "ms" },
      { name: "Slack: command → ack, p99", value: percentile(slack.commands, 0.99), unit: "ms", atMost: 250 },
      { name: "Slack: click → ack, p99", value: percentile(slack.clicks, 0.99), unit: "ms", atMost: 250 },
      { name: "Discord: command → ack, p50", value: median(discord.commands), unit: "ms" },
      {
        name: "Discord: command → ack, p99",
        value: percentile(discord.commands, 0.99),
        unit: "ms",
        atMost: 250,
      },
      { name: "Discord: click → ack, p99", value: percentile(discord.clicks, 0.99), unit: "ms", atMost: 250 },
      {
        name: "Slack: decision → ack, worst",
        value: Math.max(...decided.slack),
        unit: "ms",
        atMost: 250,
      },
      {
        name: "Discord: decision → ack, worst",
        value: Math.max(...decided.discord),
        unit: "ms",
        atMost: 250,
      },
      { name: `decisions stored, of ${DECIDED_SITES.length}`, value: stored, unit: "" },
      { name: "restarts that began", value: restarts, unit: "" },
      { name: "not acknowledged within 3 s", value: people.dropped(), unit: "", atMost: 0 },
      { name: "sent late by the bench, at most", value: sentLateMs, unit: "ms" },
      { name: "longest stall of the event loop", value: usage.stallMaxMs, unit: "ms" },
      { name: "stall of the event loop, p99", value: usage.stallP99Ms, unit: "ms" },
      { name: "work between two turns of it, p99", value: usage.workP99Ms, unit: "ms" },
      { name: "the bot's processor time", value: (usage.cpuMs - cpuMs) / (DURATION_MS / 100), unit: "%" },
      { name: "growth of RSS", value: usage.rssMb - rssMb, unit: "MB" },
    ];
  } finally {
    await bot.stop();
    await hosts.stop();
    await removePlace(place);
    await rm(directory, { recursive: true, force: true });
    await platforms.close();
  }
}

const RecordedHosts = z.object({
  url: z.string(),
  sites: z.array(z.array(z.record(z.string(), z.unknown()))),
});

async function startRecordedHosts(directory: string) {
  const child = fork(join(import.meta.dirname, "recorded-hosts.ts"), [directory, String(SITES)], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const exited = once(child, "exit");
  const [told] = await once(child, "message");
  return {
    ...RecordedHosts.parse(told),
    async stop() {
      child.disconnect();
      await exited;
    },
  };
}

function configOf({ url, sites }: z.infer<typeof RecordedHosts>, platforms: Platforms): BotPlace["config"] {
  const approvers = approversOn(platforms);
  const simulated = simulatedConfig({ restartable: DECIDED_SITES, others: [] }, platforms);
  return {
    hosts: {
      ...simulated.hosts,
      ...Object.fromEntries(
        sites.flatMap(([edge, origin], index) => [
          [`edge${index}`, edge],
          [`origin${index}`, origin],
        ]),
      ),
    },
    sites: {
      ...simulated.sites,
      ...Object.fromEntries(
        sites.map((_, index) => [
          `s${index}`,
          { url, proxy: `edge${index}`, upstream: `origin${index}`, approvers },
        ]),
      ),
    },
  };
}

interface Waited {
  readonly commands: number[];
  readonly clicks: number[];
}

/** Who types and presses, and how long each waited for the first answer, ms. */
function createPeople({ slack, discord }: Platforms) {
  const waited: { slack: Waited } = { slack: { commands: [], clicks: [] } };
  const interactions: { commands: Interaction[]; clicks: Interaction[] } = { commands: [], clicks: [] };
  let refused = 0;

  function time(answer: Promise<{ readonly acked: boolean }>, into: number[]): void {
    const sentAt = performance.now();
    void answer.then(({ acked }) => {
      if (acked) into.push(performance.now() - sentAt);
      else refused++;
    });
  }

  const slackCards = (): readonly StoredMessage[] =>
    slack.world.messages.filter(
      ({ threadTs, blocks }) => threadTs === undefined && JSON.stringify(blocks).includes(`"${LOOK_AGAIN}"`),
    );
  const discordCards = () =>
    [...discord.world.messages.values()].filter(
      ({ channelId, body }) =>
        channelId === discord.channelId && JSON.stringify(body.components ?? []).includes(`"${LOOK_AGAIN}"`),
    );
  const waitOf = (all: readonly Interaction[]) =>
    all.flatMap(({ ack, createdAt }) => (ack === undefined ? [] : [ack.at - createdAt]));
  const lookAgainOf = (message: StoredMessage): StoredMessage => ({ ...message });
  let toPress: readonly [readonly StoredMessage[], readonly string[]] = [[], []];

  return {
    askSlack: (site: string) => time(slack.slashCommand(site), waited.slack.commands),
    /** Those that can be pressed now, of either platform. */
    cards(): readonly [readonly StoredMessage[], readonly string[]] {
      toPress = [slackCards().map(lookAgainOf), discordCards().map(({ id }) => id)];
      return toPress;
    },
    /** What was so far does not count. */
    forget() {
      waited.slack.commands.length = 0;
    },
    /** Three of four name a site; the others want a list. */
    command(index: number): void {
      const kind = index % 8;
      const text = kind === 7 ? "status" : kind === 6 ? "list" : `s${(index >> 1) % SITES}`;
      if (index % 2 === 0) time(slack.slashCommand(text), waited.slack.commands);
      else interactions.commands.push(discord.command(text));
    },
    click(index: number): void {
      const [slackMessages, discordMessages] = toPress;
      const nth = (index >> 1) % SITES;
      const message = slackMessages[nth];
      const id = discordMessages[nth];
      if (index % 2 === 0 && message !== undefined)
        time(slack.press(message, LOOK_AGAIN), waited.slack.clicks);
      else if (id !== undefined) interactions.clicks.push(pressDiscord(id));
    },
    waited: () => ({
      slack: waited.slack,
      discord: { commands: waitOf(interactions.commands), clicks: waitOf(interactions.clicks) },
    }),
    dropped(): number {
      const all = [...interactions.commands, ...interactions.clicks];
      return (
        refused + all.filter(({ ack, createdAt }) => ack === undefined || ack.at - createdAt > LATE_MS).length
      );
    },
  };

  function pressDiscord(id: string): Interaction {
    // the button goes away while a look runs; what is pressed was on the screen before
    const evidence = "Raw evidence";
    try {
      return discord.press(id, LOOK_AGAIN);
    } catch {
      return discord.press(id, evidence);
    }
  }
}

function underWay(place: BotPlace): number {
  return count(
    place,
    "select count(*) as n from incidents where state = 'open' and looks_done < looks_wanted",
  );
}

function looksDone(place: BotPlace): number {
  return count(place, "select count(*) as n from diagnoses");
}
