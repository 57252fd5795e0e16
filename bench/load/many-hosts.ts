import { median, percentile } from "../statistics.ts";
import { REAL_BOT, removePlace, startBotProcess } from "./bot-process.ts";
import { until } from "./eyes.ts";
import { approversOn, makePlace } from "./places.ts";
import { openPlatforms } from "./platforms.ts";
import type { Figure } from "./result.ts";
import { startSshdFleet } from "./sshd-fleet.ts";

const SITES = 20;
const HOSTS_A_SITE = 10;
const PATIENCE_MS = 120_000;

/**
 * L8: twenty sites of ten hosts, asked for at once. Each host is a real sshd with its usual limits, and its own log is the judge; what a look
 * says there is beside the point, so nothing is run for it.
 */
export async function measureManyHosts({
  profileTo,
}: {
  readonly profileTo?: string | undefined;
}): Promise<readonly Figure[]> {
  const platforms = await openPlatforms();
  const fleet = await startSshdFleet(SITES * HOSTS_A_SITE);
  const name = (site: number, host: number) => `h${site}-${host}`;
  const sites = Array.from({ length: SITES }, (_, site) => site);
  const hosts = Array.from({ length: HOSTS_A_SITE }, (_, host) => host);
  const place = await makePlace({
    hosts: Object.fromEntries(
      sites.flatMap((site) =>
        hosts.map((host) => [name(site, host), fleet.accessTo(site * HOSTS_A_SITE + host)]),
      ),
    ),
    sites: Object.fromEntries(
      sites.map((site) => [
        `s${site}`,
        {
          url: fleet.url,
          proxy: name(site, 0),
          upstream: hosts.slice(1).map((host) => name(site, host)),
          approvers: approversOn(platforms),
        },
      ]),
    ),
  });
  const bot = await startBotProcess(REAL_BOT, { place, platforms, profileTo });
  try {
    const { rssMb } = await bot.usage();
    bot.watch();
    const askedAt = performance.now();
    const answered = await Promise.all(
      sites.map(async (site) => {
        const { acked } = await platforms.slack.slashCommand(`s${site}`);
        return acked ? performance.now() - askedAt : Number.POSITIVE_INFINITY;
      }),
    );
    const { messages } = platforms.slack.world;
    const diagnosed = () =>
      messages.filter(({ blocks }) => JSON.stringify(blocks).includes('"Look again"')).length;
    await until("twenty diagnoses", () => diagnosed() >= SITES, PATIENCE_MS);
    const tookMs = performance.now() - askedAt;
    const usage = await bot.usage();
    const logs = fleet.logs();
    const counts = (what: RegExp) => logs.map((log) => [...log.matchAll(what)].length);
    const connections = counts(/^Connection from /gm);
    return [
      { name: "connections a host, most", value: Math.max(...connections), unit: "", atMost: 1 },
      { name: "hosts that were reached", value: connections.filter((count) => count > 0).length, unit: "" },
      {
        name: "hosts without a login",
        value: counts(/^Accepted publickey /gm).filter((count) => count === 0).length,
        unit: "",
        atMost: 0,
      },
      {
        name: "sessions a host, most",
        value: Math.max(...counts(/^Starting session: /gm)),
        unit: "",
        atMost: 8,
      },
      {
        name: "refused by sshd",
        value: Math.max(...counts(/drop connection|throttling|no more sessions|open failed/gm)),
        unit: "",
        atMost: 0,
      },
      { name: "all diagnosed after", value: tookMs, unit: "ms" },
      { name: "command → ack, p50", value: median(answered), unit: "ms" },
      { name: "command → ack, worst of 20 at once", value: percentile(answered, 1), unit: "ms", atMost: 250 },
      { name: "longest stall of the event loop", value: usage.stallMaxMs, unit: "ms" },
      { name: "stall of the event loop, p99", value: usage.stallP99Ms, unit: "ms" },
      { name: "longest work between two turns of it", value: usage.workMaxMs, unit: "ms" },
      { name: "work between two turns of it, p99", value: usage.workP99Ms, unit: "ms" },
      { name: "growth of RSS", value: usage.rssMb - rssMb, unit: "MB" },
    ];
  } finally {
    await bot.stop();
    await removePlace(place);
    await fleet.stop();
    await platforms.close();
  }
}
