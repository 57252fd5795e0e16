import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StorePlace } from "../../src/store/store-place.ts";
import { mustRun } from "../lab/command.ts";
import type { BotLife } from "./bot-life.ts";
import { closeBooks } from "./close-books.ts";
import { createFleet } from "./fleet.ts";
import { holdsWithin } from "./holds-within.ts";
import type { ChaosOptions, ChaosRow } from "./row.ts";
import { openStandInHost } from "./stand-in-host.ts";

const ROUNDS = { full: 20, short: 1 } as const;
/** Whoever cannot start says so sooner. */
const START_MS = 8000;
const FULL_MS = 2000;
const PATIENCE_MS = 90_000;
const UNITS = [1, 2, 3, 4];
/** Enough for the logs of both files, and soon full. */
const SIZE = "24m";
const BLOCK = 4096;

/** A small file system that only the bots see, filled up to its last block while they work; then a start on a full one, and on a read-only one. */
export async function fillDisk({ short, deadline }: ChaosOptions): Promise<ChaosRow> {
  const directory = await mkdtemp(join(tmpdir(), "diagnose502-full-"));
  const state = join(directory, "state");
  await mkdir(state, { mode: 0o700 });
  const host = await openStandInHost({ socket: join(directory, "host.sock"), units: UNITS });
  const disk = await mountSmallDisk(state);
  const place: StorePlace = { kind: "sqlite", directory: state };
  const orders = { place, units: UNITS, host: { kind: "stand-in", socket: host.socket } } as const;
  const cache = join(directory, "compile-cache");
  const fleet = createFleet(orders, { cache, through: disk.through });
  const findings: string[] = [];

  async function untilApproved(life: BotLife, when: string): Promise<void> {
    const before = fleet.acknowledged.size;
    const isOver = life.ended.then(() => true);
    const isApproved = holdsWithin(PATIENCE_MS, () => fleet.acknowledged.size > before);
    if (!(await Promise.race([isApproved, isOver.then(() => false)])))
      findings.push(`${when}, nothing could be approved`);
  }

  async function startIn(how: string, isClear: boolean): Promise<void> {
    const life = fleet.start({ mode: "work" });
    const hasEnded = await Promise.race([life.ended.then(() => true), sleep(START_MS, false)]);
    life.kill();
    const { stderr } = await life.ended;
    if (isClear && !hasEnded) findings.push(`it worked on a ${how} disk`);
    if (hasEnded && !stderr.includes("StoreError: "))
      findings.push(`on a ${how} disk: ${stderr.slice(0, 500)}`);
  }

  try {
    const life = fleet.start({ mode: "work" });
    await untilApproved(life, "at the start");
    let rounds = 0;
    for (; rounds < ROUNDS[short ? "short" : "full"] && Date.now() < deadline; rounds++) {
      disk.fill();
      await sleep(FULL_MS);
      disk.free();
      await untilApproved(life, `after the disk was full for the ${rounds + 1}th time`);
    }
    await fleet.end(life, PATIENCE_MS);
    disk.fill();
    await startIn("full", false);
    disk.free();
    await disk.remount("ro");
    await startIn("read-only", true);
    await disk.remount("rw");
    await fleet.settle();
    const books = await closeBooks(
      [{ fleet, units: UNITS, place: { kind: "sqlite", directory: disk.path } }],
      host.readRecord,
    );
    const all = [...findings, ...books.findings];
    return {
      name: "F4 tmpfs",
      did: `a file system full to its last block, ${rounds} ×, at work: ${fleet.acknowledged.size} approvals; a start on a full and on a read-only one`,
      result: `${books.result}, ${findings.length} × trouble`,
      target: "0, heals alone",
      met: all.length === 0,
      counts: { rounds, ...books.counts },
      findings: all,
    };
  } finally {
    disk.close();
    await host.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** A tmpfs in a mount namespace of its own, which ends with it. */
async function mountSmallDisk(directory: string) {
  const script = `mount -t tmpfs -o size=${SIZE},mode=700 none "$0" && echo mounted && exec sleep infinity`;
  const holder = spawn("unshare", ["--mount", "--propagation", "private", "sh", "-c", script, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  const path = `/proc/${holder.pid}/root${directory}`;
  const ballast = `${path}/ballast`;
  const through = ["nsenter", `--mount=/proc/${holder.pid}/ns/mnt`];
  return {
    /** How this process sees it. */
    path,
    through,
    fill() {
      try {
        for (;;) appendFileSync(ballast, Buffer.alloc(BLOCK));
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
      }
    },
    free: () => rmSync(ballast, { force: true }),
    remount: (how: "ro" | "rw") => mustRun([...through, "mount", "-o", `remount,${how}`, directory]),
    close: () => void holder.kill("SIGKILL"),
  };
}
