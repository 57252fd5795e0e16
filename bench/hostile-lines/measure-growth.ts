import { fill, type Pump } from "./pump.ts";

const LINE = 64 * 1024;
/** Where the worst is looked for: short enough that what is not linear ends, long enough to tell. */
const LADDER = [24, 28, 32, 256, 1024, 8192];
const TOO_SLOW_MS = 50;
const FINALISTS = 3;
const ROUNDS = 7;

/** The worst that was found: its time for a line of 64 KiB, and by how much it is longer than for half of that. */
export interface Growth {
  readonly ms: number;
  readonly growth: number;
  readonly worst: string;
}

/** Runs on all hostile lines, the longest of them only where the shorter ones ended in time. */
export function measureGrowth(run: (text: string) => unknown, pumps: readonly Pump[]): Growth {
  const searched: { readonly pump: Pump; readonly ms: number }[] = [];
  for (const pump of pumps) {
    const ms = climb(run, pump);
    searched.push({ pump, ms });
    if (ms >= TOO_SLOW_MS) break;
  }
  const finalists = searched.toSorted((a, b) => b.ms - a.ms).slice(0, FINALISTS);
  return finalists
    .map(({ pump, ms }): Growth => {
      const worst = JSON.stringify({ ...pump, behind: pump.behind.slice(0, 20) });
      if (ms >= TOO_SLOW_MS) return { ms: Number.POSITIVE_INFINITY, growth: Number.POSITIVE_INFINITY, worst };
      const half = fastest(run, () => fill(pump, LINE / 2));
      const whole = fastest(run, () => fill(pump, LINE));
      return { ms: whole, growth: whole / half, worst };
    })
    .reduce((a, b) => (b.ms > a.ms ? b : a), { ms: 0, growth: 0, worst: "" });
}

/** Time for the longest text that was reached. */
function climb(run: (text: string) => unknown, pump: Pump): number {
  let ms = 0;
  for (const length of LADDER) {
    ms = timeOf(run, fill(pump, length));
    // a busy machine is not a slow pattern
    if (ms >= TOO_SLOW_MS) ms = Math.min(ms, timeOf(run, fill(pump, length)));
    if (ms >= TOO_SLOW_MS) break;
  }
  return ms;
}

function fastest(run: (text: string) => unknown, makeText: () => string): number {
  let ms = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const once = timeOf(run, makeText());
    ms = Math.min(ms, once);
    if (once >= TOO_SLOW_MS && round > 0) break;
  }
  return ms;
}

function timeOf(run: (text: string) => unknown, text: string): number {
  const start = process.cpuUsage();
  const at = performance.now();
  run(text);
  const wall = performance.now() - at;
  const { user, system } = process.cpuUsage(start);
  // waiting for a processor does not count, and its own clock is too coarse for what is short
  return wall > 5 ? Math.min(wall, (user + system) / 1000) : wall;
}
