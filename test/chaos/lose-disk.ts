import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DiskTrial, failOneWrite } from "./disk-trial.ts";
import { compileFaultyDisk, DISK_ERRORS, type DiskError } from "./faulty-disk.ts";
import { fillDisk } from "./fill-disk.ts";
import type { ChaosOptions, ChaosRow } from "./row.ts";
import { openStandInHost } from "./stand-in-host.ts";

/** Trials side by side: more would only wait for the processors. */
const SIDE_BY_SIDE = 4;
/** A gate tries so many of the write points, evenly. */
const SHORT_POINTS = 6;
const UNITS_EACH = 1;
/** Points that only longer lives reach. */
const MARGIN = 1.1;
const ERRORS = Object.keys(DISK_ERRORS) as readonly DiskError[];

/**
 * Every write of a bot's life fails once, from the tables it makes at its first start to the last row at its end: with an error of the
 * device, or as on a disk that is full or read-only from there on for a while.
 */
export async function loseDisk({ short, deadline, say }: ChaosOptions): Promise<readonly ChaosRow[]> {
  const directory = await mkdtemp(join(tmpdir(), "diagnose502-disk-"));
  const units = (index: number) => Array.from({ length: UNITS_EACH }, (_, n) => 1 + index * UNITS_EACH + n);
  const most = 4000;
  const host = await openStandInHost({
    socket: join(directory, "host.sock"),
    units: Array.from({ length: most * UNITS_EACH }, (_, index) => index + 1),
  });
  try {
    const library = await compileFaultyDisk(directory);
    const whole = await failOneWrite({ directory, library, host, units: units(0) }, undefined);
    const last = Math.min(most - 1, Math.ceil(whole.writes * MARGIN));
    const step = short ? Math.ceil(last / SHORT_POINTS) : 1;
    const points = Array.from({ length: Math.floor(last / step) }, (_, index) => 1 + index * step);
    say(`  ${whole.writes} writes in a life\n`);
    const trials: (DiskTrial & { readonly what: string })[] = [{ ...whole, what: "no error" }];
    const next = points.entries();
    const worker = async () => {
      for (const [index, write] of next) {
        if (Date.now() > deadline) return;
        const error = ERRORS[index % ERRORS.length] ?? "EIO";
        const ground = { directory, library, host, units: units(write) };
        const what = `${error} at write ${write}`;
        const trial = await failOneWrite(ground, { write, error });
        trials.push({ ...trial, what });
        for (const finding of trial.findings) say(`  ${what}: ${finding}\n`);
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
    return [rowOf(trials), await fillDisk({ short, deadline, say })];
  } finally {
    await host.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function rowOf(trials: readonly (DiskTrial & { readonly what: string })[]): ChaosRow {
  const failed = trials.filter((trial) => trial.failed > 0);
  const ended = trials.filter(({ hasEnded }) => hasEnded);
  const wrong = trials.filter(({ findings }) => findings.length > 0);
  const approvals = trials.reduce((sum, trial) => sum + trial.approvals, 0);
  return {
    name: "F4",
    did: `each write fails once (error, full, read-only): ${failed.length} write points, ${approvals} approvals`,
    result: `${wrong.length} wrong; the bot lived through ${failed.length - ended.length}, and ended ${ended.length} × with a clear error, all at its start or end`,
    target: "0 wrong",
    met: wrong.length === 0,
    counts: {
      points: failed.length,
      approvals,
      ended: ended.length,
      wrong: wrong.length,
      notReached: trials.length - 1 - failed.length,
    },
    findings: wrong.flatMap(({ what, findings }) => findings.map((finding) => `${what}: ${finding}`)),
  };
}
