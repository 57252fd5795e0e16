import { median, percentile } from "../statistics.ts";
import { removePlace, SIMULATED_BOT, sendAlert, startBotProcess } from "./bot-process.ts";
import { createEyes, until } from "./eyes.ts";
import { makeSimulatedPlace } from "./places.ts";
import { openPlatforms } from "./platforms.ts";
import type { Figure } from "./result.ts";

/** After so many restarts within an hour the bot sends no more. */
const CLICKS_A_BOT = 5;
const BOTS = 8;
const APPROVE = "Restart upstream only";

/** L5: from a click on “Restart upstream only” in Slack to the restart that is sent, on a quiet bot. The second look takes no time. */
export async function measureClicks({
  profileTo,
}: {
  readonly profileTo?: string | undefined;
}): Promise<readonly Figure[]> {
  const clickToSent: number[] = [];
  const acks: number[] = [];
  for (let bot = 0; bot < BOTS; bot++) {
    const once = await clickOnce({ profileTo });
    clickToSent.push(...once.clickToSent);
    acks.push(...once.acks);
  }
  return [
    { name: "click → restart sent, p50", value: median(clickToSent), unit: "ms" },
    { name: "click → restart sent, p95", value: percentile(clickToSent, 0.95), unit: "ms", atMost: 150 },
    { name: "click → acknowledged, p99", value: percentile(acks, 0.99), unit: "ms", atMost: 250 },
    {
      name: "clicks without a restart",
      value: CLICKS_A_BOT * BOTS - clickToSent.length,
      unit: "",
      atMost: 0,
    },
  ];
}

async function clickOnce({ profileTo }: { readonly profileTo: string | undefined }) {
  const platforms = await openPlatforms();
  const { slack } = platforms;
  const names = Array.from({ length: CLICKS_A_BOT }, (_, index) => `p${index}`);
  const place = await makeSimulatedPlace({ restartable: names, others: [] }, platforms);
  const bot = await startBotProcess(SIMULATED_BOT, { place, platforms, profileTo });
  const clickToSent: number[] = [];
  const acks: number[] = [];
  try {
    const eyes = createEyes(platforms);
    for (const site of names) await sendAlert(place.port, { site, id: site });
    for (const site of names) {
      const url = `http://${site}.example.com/`;
      await until(`a button for ${site}`, () => eyes.findButton(url, APPROVE) !== undefined);
    }
    for (const site of names) {
      const card = eyes.findButton(`http://${site}.example.com/`, APPROVE);
      if (card === undefined) continue;
      const clickedAt = performance.timeOrigin + performance.now();
      await slack.press(card, APPROVE);
      acks.push(performance.timeOrigin + performance.now() - clickedAt);
      const sent = () => bot.hostEvents.find((event) => event.kind === "restart" && event.site === site);
      await until(`the restart of ${site}`, () => sent() !== undefined);
      clickToSent.push((sent()?.at ?? Number.NaN) - clickedAt);
    }
  } finally {
    await bot.stop();
    await removePlace(place);
    await platforms.close();
  }
  return { clickToSent, acks };
}
