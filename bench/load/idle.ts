import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { REAL_BOT, removePlace, startBotProcess } from "./bot-process.ts";
import { makeSimulatedPlace } from "./places.ts";
import { openPlatforms } from "./platforms.ts";
import type { Figure } from "./result.ts";

const SETTLE_MS = 15_000;
const WATCHED_MS = 60_000;
/** Of the kernel's processor times. Source: sysconf(_SC_CLK_TCK), 100 on Linux. */
const TICKS_PER_SECOND = 100;

/** The real program, connected to Slack and Discord, with fifty sites and nothing to do. What it costs is what the kernel says. */
export async function measureIdle(): Promise<readonly Figure[]> {
  const platforms = await openPlatforms();
  const others = Array.from({ length: 50 }, (_, index) => `s${index}`);
  const place = await makeSimulatedPlace({ restartable: [], others }, platforms);
  const bot = await startBotProcess(REAL_BOT, { place, platforms });
  try {
    await sleep(SETTLE_MS);
    const before = await costOf(bot.pid);
    await sleep(WATCHED_MS);
    const after = await costOf(bot.pid);
    const seconds = WATCHED_MS / 1000;
    return [
      { name: "RSS", value: after.rssMb, unit: "MB", atMost: 200 },
      {
        name: "processor time",
        value: ((after.cpuMs - before.cpuMs) / WATCHED_MS) * 100,
        unit: "%",
        atMost: 1,
      },
      { name: "woken a second", value: (after.switches - before.switches) / seconds, unit: "" },
      { name: "growth of RSS in a minute", value: after.rssMb - before.rssMb, unit: "MB" },
    ];
  } finally {
    await bot.stop();
    await removePlace(place);
    await platforms.close();
  }
}

async function costOf(pid: number) {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile(`/proc/${pid}/status`, "utf8"),
  ]);
  // behind the name, which may hold anything: user and system time are fields 14 and 15
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const numberOf = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  return {
    cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND,
    rssMb: numberOf("VmRSS") / 1024,
    switches: numberOf("voluntary_ctxt_switches"),
  };
}
