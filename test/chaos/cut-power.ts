import { randomInt } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startBotLife } from "./bot-life.ts";
import { createDisk, LUCKS } from "./disk-image.ts";
import { createFleet } from "./fleet.ts";
import { type Findings, heal, openImage } from "./open-image.ts";
import { type Deed, readDeeds, recordingTo } from "./record-deeds.ts";
import type { ChaosOptions, ChaosRow } from "./row.ts";
import { openStandInHost } from "./stand-in-host.ts";

const FILES = new Set(["diagnose502.db", "diagnose502.db-wal", "engine.db", "engine.db-wal"]);
const UNITS = [1, 2, 3, 4];
const SIZE = {
  full: { workMs: 25_000, images: 1200, healed: 24 },
  short: { workMs: 4000, images: 80, healed: 2 },
} as const;
/** Tables are being made then: each of these moments is tried. */
const FIRST_SYNCS = 40;

/**
 * The kernel writes down what a bot at work does to its files, what it tells people and what it sends to hosts. From that the files are
 * made as a power cut at any moment would leave them, and opened by the real store; some are given to a bot that must bring all to its end.
 */
export async function cutPower({ short, deadline }: ChaosOptions): Promise<readonly ChaosRow[]> {
  const size = short ? SIZE.short : SIZE.full;
  const directory = await mkdtemp(join(tmpdir(), "diagnose502-power-"));
  const host = await openStandInHost({ socket: join(directory, "host.sock"), units: UNITS });
  const orders = { units: UNITS, host: { kind: "stand-in", socket: host.socket } } as const;
  const cache = join(directory, "compile-cache");
  const fleetOn = (state: string) =>
    createFleet({ ...orders, place: { kind: "sqlite", directory: state } }, { cache });
  try {
    const state = join(directory, "state");
    const record = join(directory, "record");
    await mkdir(state, { mode: 0o700 });
    const life = startBotLife(
      { ...orders, place: { kind: "sqlite", directory: state }, mode: "work" },
      { cache, through: recordingTo(record) },
    );
    await life.until("ready");
    await sleep(size.workMs);
    life.settle();
    const { exitCode, stderr } = await life.ended;
    if (exitCode !== 0) throw new Error(`the bot ended with ${exitCode}: ${stderr}`);
    const { intents } = await fleetOn(state).tell();
    const done = new Set(intents.filter((intent) => intent.state === "done").map(({ key }) => key));
    const deeds = await readDeeds(record, FILES);
    const cuts = chooseCuts(deeds, size.images);
    const found: Findings = { corrupt: [], lost: [], forgotten: [], unhealed: [] };
    const told = new Set<string>();
    const sent = new Set<string>();
    const disk = createDisk();
    let images = 0;
    for (const [index, deed] of deeds.entries()) {
      disk.pass(deed);
      if (deed.kind === "told") told.add(deed.key);
      if (deed.kind === "sent") sent.add(deed.key);
      for (const _ of Array.from({ length: cuts.get(index) ?? 0 })) {
        if (Date.now() > deadline) break;
        const image = join(directory, "image");
        await mkdir(image, { mode: 0o700 });
        await disk.cut(image, LUCKS[randomInt(LUCKS.length)] ?? "nothing");
        images++;
        await openImage(image, { name: `image ${images} after deed ${index}`, told, sent, found });
        if (images % (size.images / size.healed) === 0)
          await heal(fleetOn(image), { done: [...sent].filter((key) => done.has(key)), found });
        await rm(image, { recursive: true });
      }
    }
    const syncs = deeds.filter((deed) => deed.kind === "sync");
    const checkpoints = syncs.filter(({ file }) => file.endsWith(".db")).length;
    return [rowOf(found, { images, syncs: syncs.length, checkpoints, told: told.size })];
  } finally {
    await host.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Index of a deed → images of the moment after it: one at a sync, and others until the next. */
function chooseCuts(deeds: readonly Deed[], images: number): ReadonlyMap<number, number> {
  const syncs = deeds.flatMap(({ kind }, index) => (kind === "sync" ? [index] : []));
  const cuts = new Map<number, number>();
  const add = (index: number, count: number) => void cuts.set(index, (cuts.get(index) ?? 0) + count);
  for (const index of syncs.slice(0, FIRST_SYNCS)) add(index, 1);
  const left = Math.max(0, images - Math.min(FIRST_SYNCS, syncs.length));
  for (let image = 0; image < left; image++) {
    const share = Math.floor((image * syncs.length) / left);
    const from = syncs[share] ?? 0;
    const until = syncs[share + 1] ?? deeds.length;
    // every second one right at the sync
    add(image % 2 === 0 ? from : from + randomInt(until - from), 1);
  }
  return cuts;
}

function rowOf(
  { corrupt, lost, forgotten, unhealed }: Findings,
  counts: {
    readonly images: number;
    readonly syncs: number;
    readonly told: number;
    readonly checkpoints: number;
  },
): ChaosRow {
  const findings = [...corrupt, ...lost, ...forgotten, ...unhealed];
  return {
    name: "F3",
    did: `${counts.images} files as a power cut left them, of ${counts.syncs} syncs, ${counts.checkpoints} of them of checkpoints, and ${counts.told} approvals`,
    result: `${corrupt.length} corrupt, ${lost.length} decisions lost, ${forgotten.length} restarts forgotten, ${unhealed.length} not healed`,
    target: "0, 0, 0, 0",
    met: findings.length === 0,
    counts: {
      ...counts,
      corrupt: corrupt.length,
      lost: lost.length,
      forgotten: forgotten.length,
      unhealed: unhealed.length,
    },
    findings,
  };
}
