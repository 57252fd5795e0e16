import { readFile } from "node:fs/promises";
import { median, percentile } from "../statistics.ts";
import { arrivals } from "./arrivals.ts";
import { BAD_DAY_SITES, createBadDay } from "./bad-day.ts";
import {
  type BotPlace,
  type BotProcess,
  removePlace,
  SIMULATED_BOT,
  sendAlert,
  startBotProcess,
} from "./bot-process.ts";
import { until } from "./eyes.ts";
import { makeSimulatedPlace } from "./places.ts";
import { openPlatforms } from "./platforms.ts";
import { count, readStore, stateOf } from "./read-store.ts";
import type { Figure } from "./result.ts";

const ALERTS_PER_SECOND = 10;
const WARM_UP_MS = 120_000;
/** What a look at hosts takes. */
const LOOK_MS = 200;
const SAMPLE_MS = 1000;
/** One reading of RSS says when garbage was collected last. */
const SAMPLES = 10;
const PATIENCE_MS = 60_000;

/**
 * L3: ten alerts a second; stalls count from the first one on. Every alert says something of its own, and is sent once; each that was
 * answered 2xx is looked for in the store afterwards. RSS grows from the end of the first two minutes on, in a run shorter than ten from
 * the end of its first fifth.
 */
export async function measureSteady({
  profileTo,
  minutes,
}: {
  readonly profileTo?: string | undefined;
  readonly minutes: number;
}): Promise<readonly Figure[]> {
  const durationMs = minutes * 60_000;
  const alerts = Math.round((ALERTS_PER_SECOND * durationMs) / 1000);
  const platforms = await openPlatforms();
  const place = await makeSimulatedPlace({ restartable: [], others: BAD_DAY_SITES }, platforms);
  const bot = await startBotProcess(SIMULATED_BOT, { place, platforms, profileTo, lookMs: LOOK_MS });
  try {
    const nextAlert = createBadDay(bot.turnSite);
    const taken = new Set<string>();
    const answeredMs: number[] = [];
    let answers = 0;
    const { cpuMs } = await bot.usage();
    bot.watch();
    const memory = watchMemory(bot);
    const sentLateMs = await arrivals({ count: alerts, durationMs }, async (index) => {
      const title = `502 for visitors, measurement ${index}`;
      const sentAt = performance.now();
      const status = await sendAlert(place.port, { ...nextAlert(index), title });
      answers++;
      if (status < 200 || status >= 300) return;
      answeredMs.push(performance.now() - sentAt);
      taken.add(title);
    });
    const usage = await bot.usage();
    const rss = memory.stop({ warmUpMs: Math.min(WARM_UP_MS, durationMs / 5) });
    await until("an answer to each alert", () => answers === alerts, PATIENCE_MS);
    await until("all alerts handled", () => pendingAlerts(place) === 0, PATIENCE_MS);
    await until("all incidents shown", () => postsBehind(place) === 0, PATIENCE_MS);
    const kept = keptAlerts(place);

    return [
      { name: "minutes, of 60", value: minutes, unit: "" },
      { name: "alerts sent", value: alerts, unit: "" },
      {
        name: "of those that were kept, resolved",
        value: count(
          place,
          "select count(*) as n from alerts where json_extract(alert_json, '$.status') = 'resolved'",
        ),
        unit: "",
      },
      { name: "not answered 2xx", value: alerts - taken.size, unit: "", atMost: 0 },
      {
        name: "taken and not in the store",
        value: [...taken].filter((title) => !kept.has(title)).length,
        unit: "",
        atMost: 0,
      },
      { name: "alert → 2xx, p99", value: percentile(answeredMs, 0.99), unit: "ms", atMost: 250 },
      { name: "alert → 2xx, worst", value: Math.max(...answeredMs), unit: "ms" },
      { name: "incidents opened", value: count(place, "select count(*) as n from incidents"), unit: "" },
      { name: "looks at their sites", value: bot.hostEvents.length, unit: "" },
      {
        name: "incidents closed again",
        value: count(place, "select count(*) as n from incidents where state = 'closed'"),
        unit: "",
      },
      {
        name: "incidents of a site open at the same time",
        value: overlappingIncidents(place),
        unit: "",
        atMost: 0,
      },
      { name: "stall of the event loop, p99", value: usage.stallP99Ms, unit: "ms", atMost: 50 },
      { name: "longest stall", value: usage.stallMaxMs, unit: "ms", atMost: 200 },
      { name: "work between two turns of it, p99", value: usage.workP99Ms, unit: "ms" },
      { name: "longest work", value: usage.workMaxMs, unit: "ms" },
      { name: "RSS after the warm-up", value: rss.warmMb, unit: "MB" },
      { name: "growth of RSS until the end", value: rss.endMb - rss.warmMb, unit: "MB", atMost: 50 },
      { name: "at most in between", value: rss.highestMb - rss.warmMb, unit: "MB" },
      {
        name: "the bot's processor time",
        value: ((usage.cpuMs - cpuMs) / durationMs) * 100,
        unit: "%",
      },
      { name: "sent late by the bench, at most", value: sentLateMs, unit: "ms" },
    ];
  } finally {
    await bot.stop();
    await removePlace(place);
    await platforms.close();
  }
}

/** Reads RSS every second, as the kernel tells it. */
function watchMemory({ pid }: BotProcess) {
  const startedAt = performance.now();
  const samples: { readonly atMs: number; readonly rssMb: number }[] = [];
  const timer = setInterval(async () => {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(status) ?? [];
    if (kilobytes === undefined) return;
    samples.push({ atMs: performance.now() - startedAt, rssMb: Number(kilobytes) / 1024 });
  }, SAMPLE_MS);

  return {
    stop({ warmUpMs }: { readonly warmUpMs: number }) {
      clearInterval(timer);
      const of = (some: typeof samples) => some.map(({ rssMb }) => rssMb);
      const later = samples.filter(({ atMs }) => atMs > warmUpMs);
      return {
        warmMb: median(of(samples.filter(({ atMs }) => atMs <= warmUpMs).slice(-SAMPLES))),
        endMb: median(of(samples.slice(-SAMPLES))),
        highestMb: Math.max(...of(later)),
      };
    },
  };
}

function pendingAlerts(place: BotPlace): number {
  return count(place, "select count(*) as n from alerts where handled_at is null");
}

function postsBehind(place: BotPlace): number {
  return count(
    place,
    "select count(*) as n from posts join incidents on number = incident where gone = 0 and (shown_version < version or notes_shown < notes)",
  );
}

/** Titles of those that are in the store, with the incident that they belong to. */
function keptAlerts(place: BotPlace): ReadonlySet<string> {
  const rows = readStore(stateOf(place), "diagnose502.db", (db) =>
    db
      .prepare("select json_extract(alert_json, '$.title') as title from alerts where incident is not null")
      .all(),
  );
  return new Set(rows.map(({ title }) => String(title)));
}

/** Pairs, at any moment of the run. */
function overlappingIncidents(place: BotPlace): number {
  return count(
    place,
    `select count(*) as n from incidents as later join incidents as earlier using (site)
     where earlier.number < later.number and (earlier.closed_at is null or earlier.closed_at > later.opened_at)`,
  );
}
