import { percentile } from "../statistics.ts";
import { arrivals } from "./arrivals.ts";
import { removePlace, SIMULATED_BOT, sendAlert, startBotProcess } from "./bot-process.ts";
import { approveAll, offerRestarts, timedPress, untilDiagnosed } from "./offered-restarts.ts";
import { makeSimulatedPlace } from "./places.ts";
import { openPlatforms, type Platforms } from "./platforms.ts";
import { count } from "./read-store.ts";
import type { Figure } from "./result.ts";

const OPEN = 500;
const APPROVALS = 40;
const LOOKS = 160;
const LOOK_AGAIN = "Look again";
const DURATION_MS = 20_000;
const LOOK_MS = 200;

const isOfOther = (blocks: string) => blocks.includes("http://o") && blocks.includes(`"${LOOK_AGAIN}"`);
const names = (prefix: string, length: number) => Array.from({ length }, (_, index) => `${prefix}${index}`);

/** L4: clicks in Slack, eight looks and two approvals a second, while 500 other incidents are open. */
export async function measureCrowd({
  profileTo,
}: {
  readonly profileTo?: string | undefined;
}): Promise<readonly Figure[]> {
  const platforms = await openPlatforms();
  const [offered, others] = [names("p", APPROVALS), names("o", OPEN)];
  const place = await makeSimulatedPlace({ restartable: offered, others }, platforms);
  const bot = await startBotProcess(SIMULATED_BOT, { place, platforms, profileTo, lookMs: LOOK_MS });
  try {
    await offerRestarts(offered, platforms, place);
    for (const site of others) await sendAlert(place.port, { site, id: site });
    await untilDiagnosed(place);
    const open = count(place, "select count(*) as n from incidents where state = 'open'");
    bot.watch();
    const [approvals, looks] = await Promise.all([
      approveAll(offered, platforms, { durationMs: DURATION_MS }),
      lookAgain(platforms),
    ]);
    const decided = count(place, "select count(*) as n from decisions");
    const usage = await bot.usage();
    await untilDiagnosed(place);
    return [
      { name: "incidents open", value: open, unit: "" },
      {
        name: "click on “Look again” → acknowledged, p99",
        value: percentile(looks, 0.99),
        unit: "ms",
        atMost: 300,
      },
      {
        name: "click on approve → acknowledged, p99",
        value: percentile(approvals, 0.99),
        unit: "ms",
        atMost: 300,
      },
      { name: "decisions not stored", value: APPROVALS - decided, unit: "", atMost: 0 },
      { name: "stall of the event loop, p99", value: usage.stallP99Ms, unit: "ms" },
      { name: "longest stall", value: usage.stallMaxMs, unit: "ms" },
    ];
  } finally {
    await bot.stop();
    await removePlace(place);
    await platforms.close();
  }
}

/** Evenly, on the cards that Slack shows by then; a look at a site whose restart is offered would take the offer back. */
async function lookAgain(platforms: Platforms): Promise<readonly number[]> {
  const clicks: Promise<number>[] = [];
  await arrivals({ count: LOOKS, durationMs: DURATION_MS }, (index) => {
    const cards = platforms.slack.world.messages.filter(
      ({ threadTs, blocks }) => threadTs === undefined && isOfOther(JSON.stringify(blocks)),
    );
    const card = cards[index % cards.length];
    if (card === undefined) throw new Error("Slack shows no card");
    clicks.push(timedPress(platforms, card, LOOK_AGAIN));
  });
  return await Promise.all(clicks);
}
