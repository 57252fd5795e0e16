import { randomBytes } from "node:crypto";
import { z } from "zod";
import { openRecords } from "../../src/store/open-records.ts";

/** A process of its own that writes notes to an incident, one after the other, as fast as it can. */
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
for (let count = 0; count < order.notes; count += 1) {
  await records.incidents.change(order.incident, { notes: [{ text: `note ${count}`, loud: false }] }, [
    { kind: "look-asked", actor: { kind: "bot" }, text: `note ${count}` },
  ]);
}
await records.close();
