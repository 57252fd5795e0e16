import { randomInt } from "node:crypto";
import type { Told } from "./bot-orders.ts";
import { LINES, type Line } from "./death.ts";
import { clockOffsetMs, setClockBy } from "./settable-clock.ts";

/** What befalls a process that lives on: it is stopped until somebody lets it go on, or the wall clock is set by an hour. */
export type Mishap = "pause" | "clock";

/** It works undisturbed so long; a line that nobody comes by is then not waited for longer. */
const EVERY_MS = { pause: 4000, clock: 3000 } as const;
const GRACE_MS = 1500;
const HOUR_MS = 60 * 60_000;

export interface Mishaps {
  /** Called at each line of a restart's way. */
  readonly pass: (line: Line) => void;
  /** No more of them; the clock is left as it is. */
  readonly end: () => void;
}

/** The same mishap again and again: three of four at a line, all lines alike, the others whenever the clock says. */
export function createMishaps(mishap: Mishap, tell: (told: Told) => void): Mishaps {
  let hasEnded = false;
  let dueAt = 0;
  let wanted: Line | "clock" = "clock";
  let timer: NodeJS.Timeout | undefined;

  function prepare(): void {
    clearTimeout(timer);
    dueAt = performance.now() + EVERY_MS[mishap];
    wanted = draw();
    if (wanted === "clock")
      timer = setTimeout(befall, EVERY_MS[mishap] + randomInt(GRACE_MS), wanted).unref();
  }

  function befall(line: Line | "clock"): void {
    strike(mishap, line, tell);
    prepare();
  }

  prepare();
  return {
    pass(line) {
      const lateMs = performance.now() - dueAt;
      if (hasEnded || lateMs < 0) return;
      if (line === wanted || (wanted !== "clock" && lateMs > GRACE_MS)) befall(line);
    },
    end() {
      hasEnded = true;
      clearTimeout(timer);
    },
  };
}

function draw(): Line | "clock" {
  return randomInt(4) === 0 ? "clock" : (LINES[randomInt(LINES.length)] ?? "clock");
}

function strike(mishap: Mishap, line: Line | "clock", tell: (told: Told) => void): void {
  switch (mishap) {
    case "pause":
      tell({ kind: "pausing", line });
      process.kill(process.pid, "SIGSTOP");
      break;
    case "clock":
      // an hour forward or back, and from there to where it was
      setClockBy(clockOffsetMs() === 0 ? (randomInt(2) === 0 ? HOUR_MS : -HOUR_MS) : -clockOffsetMs());
      tell({ kind: "clock-set", line, offsetMs: clockOffsetMs() });
  }
}
