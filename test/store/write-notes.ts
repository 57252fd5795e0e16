import { randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import { z } from "zod";
import { openRecords } from "../../src/store/open-records.ts";

/** A process of its own that writes notes to an incident as fast as it can, and a dot for each one that is stored. */
const order = z
  .object({
    place: z.union([
      z.object({ kind: z.literal("sqlite"), directory: z.string() }),
      z.object({ kind: z.literal("postgres"), url: z.string() }),
    ]),
    incident: z.int(),
    notes: z.int(),
  })
  .parse(JSON.parse(process.argv[2] ?? ""));

const records = await openRecords(order.place, { now: Date.now, random: randomBytes, holdLock: false });
try {
  for (let count = 0; count < order.notes; count += 1) {
    await records.incidents.change(order.incident, { notes: [{ text: `note ${count}`, loud: false }] }, [
      { kind: "look-asked", actor: { kind: "bot" }, text: `note ${count}` },
    ]);
    // acknowledged: whoever reads this may rely on it
    writeSync(1, ".");
  }
} catch (error) {
  writeSync(2, `not ready: ${await whyNotReady()}\n`);
  throw error;
}
await records.close();

/** There may be room for less than a note: each time that it is asked takes some. */
async function whyNotReady(): Promise<unknown> {
  try {
    for (let count = 0; count < 20; count += 1) await records.ping();
    return undefined;
  } catch (error) {
    return error;
  }
}
