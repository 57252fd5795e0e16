import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { percentile } from "../statistics.ts";
import { arrivals } from "./arrivals.ts";
import { LOUD_TOKEN, removePlace, SIMULATED_BOT, sendAlert, startBotProcess } from "./bot-process.ts";
import { makeSimulatedPlace } from "./places.ts";
import { openPlatforms } from "./platforms.ts";
import type { Figure } from "./result.ts";

const FLOOD_MS = 60_000;
const SITES = 20;
const ALERTS = 120;
const SETTLE_MS = 5000;

const Told = z.object({ statuses: z.record(z.string(), z.number()) });

/** T01: a minute of alerts from a stranger and from a source whose secret leaked, while another source sends real ones. */
export async function measureFlood({
  profileTo,
}: {
  readonly profileTo?: string | undefined;
}): Promise<readonly Figure[]> {
  const platforms = await openPlatforms();
  const others = Array.from({ length: SITES }, (_, index) => `a${index}`);
  const place = await makeSimulatedPlace({ restartable: [], others }, platforms);
  const bot = await startBotProcess(SIMULATED_BOT, { place, platforms, profileTo });
  try {
    // what every bot has loaded once it has seen an alert of each kind
    for (const site of others) await sendAlert(place.port, { site, id: `warm-${site}` });
    await flood(place.port, SETTLE_MS);
    await sleep(SETTLE_MS);
    const { rssMb } = await bot.usage();
    bot.watch();

    const answers: { readonly status: number; readonly ms: number }[] = [];
    const [statuses] = await Promise.all([
      flood(place.port, FLOOD_MS),
      arrivals({ count: ALERTS, durationMs: FLOOD_MS }, async (index) => {
        const sentAt = performance.now();
        const status = await sendAlert(place.port, { site: `a${index % SITES}`, id: `real-${index}` });
        answers.push({ status, ms: performance.now() - sentAt });
      }),
    ]);
    const usage = await bot.usage();
    while (answers.length < ALERTS) await sleep(50);
    const waited = answers.map(({ ms }) => ms);
    const of = (...wanted: readonly number[]) => wanted.reduce((sum, one) => sum + (statuses[one] ?? 0), 0);
    const all = Object.values(statuses).reduce((sum, one) => sum + one, 0);
    return [
      { name: "requests a second", value: all / (FLOOD_MS / 1000), unit: "" },
      { name: "refused: no proof (401, 429)", value: of(401, 429), unit: "" },
      { name: "asked to come back: too many with the right secret (503)", value: of(503), unit: "" },
      { name: "taken, of invented sites (200)", value: of(200), unit: "" },
      { name: "anything else", value: all - of(200, 401, 429, 503), unit: "", atMost: 0 },
      {
        name: "real alerts not answered 2xx",
        value: answers.filter(({ status }) => status < 200 || status >= 300).length,
        unit: "",
        atMost: 0,
      },
      { name: "real alert → 2xx, p99", value: percentile(waited, 0.99), unit: "ms", atMost: 250 },
      {
        name: "work between two turns of the event loop, p99",
        value: usage.workP99Ms,
        unit: "ms",
        atMost: 50,
      },
      { name: "longest", value: usage.workMaxMs, unit: "ms" },
      { name: "stall of the event loop, p99", value: usage.stallP99Ms, unit: "ms", atMost: 50 },
      { name: "longest stall", value: usage.stallMaxMs, unit: "ms" },
      { name: "growth of RSS", value: usage.rssMb - rssMb, unit: "MB", atMost: 50 },
    ];
  } finally {
    await bot.stop();
    await removePlace(place);
    await platforms.close();
  }
}

/** In a process of its own; how many requests got which status. */
async function flood(port: number, durationMs: number): Promise<Readonly<Record<string, number>>> {
  const child = fork(join(import.meta.dirname, "flood-sender.ts"), [String(port), String(durationMs)], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    env: { PATH: process.env.PATH, LOUD_TOKEN },
  });
  const exited = once(child, "exit");
  const [told] = await once(child, "message");
  await exited;
  return Told.parse(told).statuses;
}
