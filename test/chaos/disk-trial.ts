import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readAuditLog } from "../../src/store/read-audit-log.ts";
import type { StorePlace } from "../../src/store/store-place.ts";
import type { BotLife } from "./bot-life.ts";
import { closeBooks } from "./close-books.ts";
import { type DiskError, openFaultyDisk } from "./faulty-disk.ts";
import { createFleet } from "./fleet.ts";
import { holdsWithin } from "./holds-within.ts";
import type { StandInHost } from "./stand-in-host.ts";

/** Where one trial takes place. */
export interface DiskGround {
  readonly directory: string;
  readonly library: string;
  readonly host: StandInHost;
  /** Its own, on the one host. */
  readonly units: readonly number[];
}

/** What became of one write that failed. */
export interface DiskTrial {
  readonly writes: number;
  readonly failed: number;
  /** The bot ended by itself, and said why. */
  readonly hasEnded: boolean;
  readonly approvals: number;
  readonly findings: readonly string[];
}

/** Restarts that people approve in one life: all that the bot writes comes by. */
const APPROVALS = 1;
/** A full or read-only disk stays so for so long; an error is over at once. */
const LASTS_MS = 1200;
const PATIENCE_MS = 90_000;
const FOR_GOOD = 1_000_000_000;

/** One life of a bot on a store of its own, in which the write of this number fails; then what it left is compared with what the host saw. */
export async function failOneWrite(
  { directory, library, host, units }: DiskGround,
  fault: { readonly write: number; readonly error: DiskError } | undefined,
): Promise<DiskTrial> {
  const state = await mkdtemp(join(directory, "state-"));
  const disk = openFaultyDisk(library, { control: `${state}.control`, files: state });
  const place: StorePlace = { kind: "sqlite", directory: state };
  const orders = { place, units, host: { kind: "stand-in", socket: host.socket } } as const;
  const cache = join(directory, "compile-cache");
  const fleet = createFleet(orders, { cache, through: disk.through });
  const findings: string[] = [];
  const isLasting = fault !== undefined && fault.error !== "EIO";
  if (fault !== undefined) disk.fail(fault.write, { error: fault.error, many: isLasting ? FOR_GOOD : 1 });

  const told = (life: BotLife) => life.told.filter(({ kind }) => kind === "approved").length;
  async function live(): Promise<{ readonly exitCode: number | null; readonly stderr: string }> {
    const life = fleet.start({ mode: "work" });
    let hasEnded = false;
    life.ended.then(() => {
      hasEnded = true;
    });
    const hasFailed = () => disk.counts().failed > 0;
    await holdsWithin(PATIENCE_MS, () => hasEnded || hasFailed() || told(life) >= APPROVALS);
    if (hasFailed()) {
      if (isLasting) await sleep(LASTS_MS);
      disk.heal();
      const before = told(life);
      if (!(await holdsWithin(PATIENCE_MS, () => hasEnded || told(life) > before)))
        findings.push("after the disk was well again nothing could be approved");
    }
    const wasReached = hasFailed();
    life.settle();
    // else it may be met on the way out
    if (isLasting && !wasReached && (await holdsWithin(5000, () => hasEnded || hasFailed())) && !hasEnded)
      await sleep(LASTS_MS);
    disk.heal();
    if (!(await holdsWithin(PATIENCE_MS, () => hasEnded))) {
      life.kill();
      findings.push("it did not bring what was approved to its end");
    }
    for (const one of life.told) {
      // what a person got instead of an answer
      const isPersons = one.kind === "error" && Object.keys(one.fields).length === 0;
      if (isPersons && !one.message.startsWith("StoreError: "))
        findings.push(`people were told: ${one.message}`);
    }
    return await life.ended;
  }

  try {
    const { exitCode, stderr } = await live();
    const hasEnded = exitCode !== 0;
    if (hasEnded) {
      if (!stderr.includes("StoreError: "))
        findings.push(`it ended with ${exitCode}: ${stderr.slice(0, 700)}`);
      const again = await live();
      if (again.exitCode !== 0) findings.push(`started again, it ended: ${again.stderr.slice(-500)}`);
    }
    const books = await closeBooks([{ fleet, place, units }], host.readRecord);
    findings.push(...books.findings, ...(await unrecorded(place, host)));
    const { writes, failed } = disk.counts();
    return { writes, failed, hasEnded, approvals: fleet.acknowledged.size, findings };
  } finally {
    disk.close();
    await rm(state, { recursive: true, force: true });
    await rm(`${state}.control`, { force: true });
  }
}

/** Restarts that reached the host without a row of the audit log. */
async function unrecorded(place: StorePlace, host: StandInHost): Promise<readonly string[]> {
  const keys = { "restart-proposed": new Set<string>(), "restart-sent": new Set<string>() };
  await readAuditLog(place, async ({ rows }) => {
    for await (const { kind, intent = "" } of rows) {
      if (kind === "restart-proposed" || kind === "restart-sent") keys[kind].add(intent);
    }
  });
  const { arrivals } = host.readRecord();
  return [...keys["restart-proposed"]]
    .filter((key) => arrivals.has(key) && !keys["restart-sent"].has(key))
    .map((key) => `${key} reached the host, and the audit log does not know`);
}
