import { monitorEventLoopDelay } from "node:perf_hooks";

/**
 * Preloaded into the bot by `node --import`: tells the bench what the process costs, and runs no timer of its own until it is asked to
 * watch the event loop.
 */
const loop = monitorEventLoopDelay({ resolution: 5 });

process.on("message", (asked) => {
  if (asked === "watch") {
    loop.reset();
    loop.enable();
  }
  if (asked !== "tell") return;
  const { maxRSS } = process.resourceUsage();
  const { user, system } = process.cpuUsage();
  process.send?.({
    kind: "usage",
    stallMaxMs: loop.max / 1e6,
    stallP99Ms: loop.percentile(99) / 1e6,
    rssMb: process.memoryUsage.rss() / 2 ** 20,
    peakRssMb: maxRSS / 1024,
    cpuMs: (user + system) / 1000,
  });
  loop.disable();
});
// the bot must end by itself
process.channel?.unref();
