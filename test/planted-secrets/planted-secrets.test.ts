import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { redact } from "../../src/collect/redact.ts";
import { collect, keepsItsNeighbours } from "./collected.ts";
import { A_CARD, createShow } from "./create-show.ts";
import { DISGUISES } from "./disguises.ts";
import { createRandom, KINDS, MARK } from "./kinds.ts";
import { openStore } from "./open-store.ts";

const LEAST = 5000;
/** So much of a secret in a row is a leak. */
const WINDOW = 8;
const INCIDENTS = join(import.meta.dirname, "../incidents");

interface Plant {
  readonly what: string;
  readonly bytes: Buffer;
  readonly secret: string;
  readonly perLetter?: number;
}

function makePlants(): readonly Plant[] {
  const random = createRandom(502);
  const plants: Plant[] = [];
  while (plants.length < LEAST) {
    for (const [kind, make] of Object.entries(KINDS))
      for (const [name, disguise] of Object.entries(DISGUISES)) {
        plants.push({ what: `${kind}, ${name}`, ...disguise(make(random), random) });
      }
  }
  return plants;
}

/** A part of a secret that can be read in what a sink shows, with what stands around it. */
function leakIn(shown: string, { what, secret, perLetter = 1 }: Plant, sink: string): readonly string[] {
  const size = Math.min(WINDOW * perLetter, secret.length);
  // what a cut left of it is the mark alone, which the others have too
  if (size <= MARK.length * perLetter) return [];
  for (let at = 0; at + size <= secret.length; at++) {
    const found = shown.indexOf(secret.slice(at, at + size));
    if (found >= 0)
      return [`${sink}: ${what}: ${JSON.stringify(shown.slice(Math.max(0, found - 60), found + 60))}`];
  }
  return [];
}

function* groupsOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

const plants = makePlants();
const disguises = Object.keys(DISGUISES).length - 1;

test(`of ${plants.length} planted secrets, ${Object.keys(KINDS).length} kinds in ${disguises} disguises, none is in store, chat, prompt or log`, async (t) => {
  const store = await openStore(t);
  const show = createShow(store);
  const leaks: string[] = [];
  for (const group of groupsOf(plants, Object.keys(DISGUISES).length * A_CARD)) {
    const collected = group.map((plant) => ({ ...plant, output: collect(plant.bytes) }));
    for (const plant of collected) assert.ok(keepsItsNeighbours(plant.output), plant.output);
    for (const some of groupsOf(collected, A_CARD)) {
      const shown = show(
        some.map(({ bytes }) => bytes),
        some.map(({ output }) => output),
      );
      for (const [sink, text] of Object.entries(shown))
        leaks.push(...some.flatMap((plant) => leakIn(text, plant, sink)));
    }
    await store.keep(
      collected.map(({ bytes }) => bytes),
      collected.map(({ output }) => output),
    );
    leaks.push(...collected.flatMap((plant) => leakIn(plant.output, plant, "evidence")));
  }
  const kept = await store.readBack();
  assert.equal(kept.length, plants.length);
  assert.ok(kept.every((text) => text.includes("app listening") && text.includes('"fingerprint"')));
  leaks.push(...plants.flatMap((plant, index) => leakIn(kept[index] ?? "", plant, "store")));
  assert.equal(leaks.length, 0, `${leaks.length} leaks, such as\n${leaks.slice(0, 20).join("\n")}`);
  const files = await store.readFiles();
  assert.ok(files.length > 1_000_000);
  assert.equal(files.toLowerCase().includes(MARK), false);
});

test("of what real hosts said in recorded incidents, less than one line in a hundred is touched", () => {
  let lines = 0;
  const touched: string[] = [];
  for (const file of globSync("*/hosts/**/*.txt", { cwd: INCIDENTS })) {
    const text = readFileSync(join(INCIDENTS, file), "utf8");
    const shown = redact(text).split("\n");
    for (const [index, line] of text.split("\n").entries()) {
      lines++;
      // what was recorded had gone through redaction once
      if (line !== shown[index] || line.includes("[redacted:"))
        touched.push(`${file}:${index + 1}: ${line.slice(0, 200)} → ${shown[index]?.slice(0, 200)}`);
    }
  }
  assert.ok(lines > 250_000, `${lines}`);
  const some = touched.slice(0, 10).join("\n");
  assert.ok(touched.length < lines / 100, `${touched.length} of ${lines}, such as\n${some}`);
});
