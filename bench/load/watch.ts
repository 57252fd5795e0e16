import { createHistogram, monitorEventLoopDelay } from "node:perf_hooks";

/**
 * Preloaded into the bot by `node --import`: tells the bench what the process costs, and runs no timer of its own until it is asked to
 * watch the event loop.
 */
const RESOLUTION_MS = 5;
const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
/** Processor time of our thread from one turn of the loop to the next, µs: what a stall would be on a machine of our own. */
const work = createHistogram();
let ticking: NodeJS.Timeout | undefined;

function watchWork(): void {
  let before = process.threadCpuUsage();
  clearInterval(ticking);
  work.reset();
  ticking = setInterval(() => {
    const { user, system } = process.threadCpuUsage(before);
    before = process.threadCpuUsage();
    work.record(Math.max(1, Math.round(user + system)));
  }, RESOLUTION_MS).unref();
}

process.on("message", (asked) => {
  if (asked === "watch") {
    loop.reset();
    loop.enable();
    watchWork();
  }
  if (asked !== "tell") return;
  const { maxRSS } = process.resourceUsage();
  const { user, system } = process.cpuUsage();
  process.send?.({
    kind: "usage",
    stallMaxMs: loop.max / 1e6,
    stallP99Ms: loop.percentile(99) / 1e6,
    workMaxMs: work.max / 1e3,
    workP99Ms: work.percentile(99) / 1e3,
    rssMb: process.memoryUsage.rss() / 2 ** 20,
    peakRssMb: maxRSS / 1024,
    cpuMs: (user + system) / 1000,
  });
  loop.disable();
  clearInterval(ticking);
});
// the bot must end by itself
process.channel?.unref();
