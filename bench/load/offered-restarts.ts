import { arrivals } from "./arrivals.ts";
import { type BotPlace, sendAlert } from "./bot-process.ts";
import { createEyes, until } from "./eyes.ts";
import type { Platforms } from "./platforms.ts";
import { count } from "./read-store.ts";

const APPROVE = "Restart upstream only";
const PATIENCE_MS = 240_000;

const urlOf = (site: string) => `http://${site}.example.com/`;

/** An alert for each of these sites; until each has its button in Slack. */
export async function offerRestarts(
  sites: readonly string[],
  platforms: Platforms,
  { port }: BotPlace,
): Promise<void> {
  const eyes = createEyes(platforms);
  for (const site of sites) await sendAlert(port, { site, id: site });
  for (const site of sites) {
    await until(`a button for ${site}`, () => eyes.findButton(urlOf(site), APPROVE) !== undefined);
  }
}

/** Evenly over the time; gives how long each click waited for its acknowledgement. */
export async function approveAll(
  sites: readonly string[],
  platforms: Platforms,
  { durationMs }: { readonly durationMs: number },
): Promise<readonly number[]> {
  const eyes = createEyes(platforms);
  const cards = sites.map((site) => eyes.findButton(urlOf(site), APPROVE));
  const clicks: Promise<number>[] = [];
  await arrivals({ count: sites.length, durationMs }, (index) => {
    const card = cards[index];
    if (card === undefined) throw new Error(`nothing to press for ${sites[index]}`);
    clicks.push(timedPress(platforms, card, APPROVE));
  });
  return await Promise.all(clicks);
}

/** Until it was acknowledged, ms; for ever when Slack gave up. */
export async function timedPress(
  { slack }: Platforms,
  card: Parameters<Platforms["slack"]["press"]>[0],
  label: string,
): Promise<number> {
  const pressedAt = performance.now();
  const { acked } = await slack.press(card, label);
  return acked ? performance.now() - pressedAt : Number.POSITIVE_INFINITY;
}

/** The looks that were asked for have ended. */
export async function untilDiagnosed(place: BotPlace): Promise<void> {
  const waiting = () => count(place, "select count(*) as n from incidents where looks_done < looks_wanted");
  await until("all sites diagnosed", () => waiting() === 0, PATIENCE_MS);
}
