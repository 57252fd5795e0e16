import { setTimeout as sleep } from "node:timers/promises";
import { percentile, timed } from "../statistics.ts";
import { arrivals } from "./arrivals.ts";
import {
  type BotPlace,
  type BotProcess,
  removePlace,
  SIMULATED_BOT,
  sendAlert,
  startBotProcess,
} from "./bot-process.ts";
import { until } from "./eyes.ts";
import { approveAll, offerRestarts, untilDiagnosed } from "./offered-restarts.ts";
import { makeSimulatedPlace } from "./places.ts";
import { openPlatforms } from "./platforms.ts";
import { count, readStore, stateOf } from "./read-store.ts";
import type { Figure } from "./result.ts";

const ALERTS = 1000;
/** Most fire again: their later alerts join. */
const STORM_SITES = 400;
const STORM_MS = 10_000;
const APPROVALS = 40;
/** What a look at hosts takes; the processor is not what is short then. */
const LOOK_MS = 200;
const KILL_AT_MS = 5000;
/** A sender that got no 2xx sends again after so long. */
const SEND_AGAIN_MS = 1000;
const PATIENCE_MS = 240_000;

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
/** Whose restart is offered before anything else happens. */
const OFFERED = names("p", APPROVALS);

/**
 * L2 and L1: 1,000 alerts in ten seconds while forty restarts that were offered before are approved; then as many once more, with kill -9 in
 * their middle and senders that send again what was not taken.
 */
export async function measureStorm({
  profileTo,
}: {
  readonly profileTo?: string | undefined;
}): Promise<readonly Figure[]> {
  const platforms = await openPlatforms();
  const place = await makeSimulatedPlace(
    { restartable: OFFERED, others: [...names("a", STORM_SITES), ...names("b", STORM_SITES)] },
    platforms,
  );
  const start = () => startBotProcess(SIMULATED_BOT, { place, platforms, profileTo, lookMs: LOOK_MS });
  let bot = await start();
  try {
    await offerRestarts(OFFERED, platforms, place);
    const { rssMb } = await bot.usage();
    bot.watch();
    const first = new Sender(place.port, "a");
    const [, approvals] = await Promise.all([
      first.storm(),
      approveAll(OFFERED, platforms, { durationMs: STORM_MS }),
    ]);
    await first.untilTaken();
    await until("all alerts of the first storm handled", () => pendingAlerts(place) === 0, PATIENCE_MS);
    const diagnosed = await timed(() => untilDiagnosed(place));
    const wakes = wakesOf(bot, place);
    const usage = await bot.usage();

    const second = new Sender(place.port, "b");
    const [, restartedMs] = await Promise.all([
      second.storm(),
      sleep(KILL_AT_MS).then(async () => {
        await bot.kill();
        const killedAt = performance.now();
        bot = await start();
        return performance.now() - killedAt;
      }),
    ]);
    await second.untilTaken();
    await until("all alerts of the second storm handled", () => pendingAlerts(place) === 0, PATIENCE_MS);

    return [
      {
        name: "click stored → restart begins, p95",
        value: percentile(wakes, 0.95),
        unit: "ms",
        atMost: 1000,
      },
      { name: "the same, worst", value: Math.max(...wakes), unit: "ms" },
      { name: "approvals that began nothing", value: APPROVALS - wakes.length, unit: "", atMost: 0 },
      { name: "click → acknowledged, p99", value: percentile(approvals, 0.99), unit: "ms", atMost: 250 },
      { name: "alert → 2xx, p99", value: percentile(first.answeredMs, 0.99), unit: "ms", atMost: 250 },
      { name: "alert → 2xx, worst", value: Math.max(...first.answeredMs), unit: "ms" },
      { name: "until the last of 400 sites was diagnosed", value: diagnosed, unit: "ms" },
      { name: "longest stall of the event loop", value: usage.stallMaxMs, unit: "ms" },
      { name: "growth of RSS", value: usage.rssMb - rssMb, unit: "MB" },
      { name: "kill -9 → connected again", value: restartedMs, unit: "ms" },
      {
        name: "alerts that were taken and lost",
        value: lostAlerts(place, [first, second]),
        unit: "",
        atMost: 0,
      },
      { name: "sites with two incidents", value: doubleIncidents(place), unit: "", atMost: 0 },
    ];
  } finally {
    await bot.stop();
    await removePlace(place);
    await platforms.close();
  }
}

/** A sender that keeps what it sent until it was taken. */
class Sender {
  /** From the first byte of a request to its 2xx; of first tries. */
  readonly answeredMs: number[] = [];
  readonly taken = new Set<string>();
  readonly #port: number;
  readonly #prefix: string;
  readonly #underWay: Promise<void>[] = [];

  constructor(port: number, prefix: string) {
    this.#port = port;
    this.#prefix = prefix;
  }

  async storm(): Promise<void> {
    await arrivals({ count: ALERTS, durationMs: STORM_MS }, (index) =>
      this.#underWay.push(this.#send(index)),
    );
  }

  async untilTaken(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #send(index: number): Promise<void> {
    const alert = { site: `${this.#prefix}${index % STORM_SITES}`, id: `${this.#prefix}-${index}` };
    for (let isFirst = true; ; isFirst = false) {
      const sentAt = performance.now();
      const status = await sendAlert(this.#port, alert);
      if (status >= 200 && status < 300) {
        if (isFirst) this.answeredMs.push(performance.now() - sentAt);
        this.taken.add(alert.id);
        return;
      }
      await sleep(SEND_AGAIN_MS);
    }
  }
}

/** From each stored decision to the look that comes before its restart. */
function wakesOf(bot: BotProcess, place: BotPlace): readonly number[] {
  return readStore(stateOf(place), "diagnose502.db", (db) =>
    db
      .prepare(
        "select site, at from decisions join intents on intents.key = intent join incidents on number = incident",
      )
      .all()
      .flatMap(({ site, at }) => {
        const storedAt = Date.parse(String(at));
        const begun = bot.hostEvents.find((event) => event.site === site && event.at >= storedAt);
        return begun === undefined ? [] : [begun.at - storedAt];
      }),
  );
}

function pendingAlerts(place: BotPlace): number {
  return count(place, "select count(*) as n from alerts where handled_at is null");
}

/** Of those that were answered with 2xx: without a row, or without an incident. */
function lostAlerts(place: BotPlace, senders: readonly Sender[]): number {
  const kept = readStore(stateOf(place), "diagnose502.db", (db) =>
    db
      .prepare(
        "select json_extract(alert_json, '$.fingerprint') as id from alerts where incident is not null",
      )
      .all(),
  );
  const ids = new Set(kept.map(({ id }) => String(id)));
  return senders.flatMap(({ taken }) => [...taken]).filter((id) => !ids.has(id)).length;
}

function doubleIncidents(place: BotPlace): number {
  return count(
    place,
    "select count(*) as n from (select site from incidents where site glob '[ab]*' group by site having count(*) > 1)",
  );
}
