import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { verifyChain } from "../../src/incident/audit-chain.ts";
import { openEngineBackends } from "../../src/store/open-engine-backends.ts";
import { openRecords } from "../../src/store/open-records.ts";
import { readAuditLog } from "../../src/store/read-audit-log.ts";
import { LANES } from "../../src/workflow/engine.ts";
import type { Fleet } from "./fleet.ts";

/** What may never be found after a power cut, in sentences. */
export interface Findings {
  readonly corrupt: string[];
  readonly lost: string[];
  readonly forgotten: string[];
  readonly unhealed: string[];
}

/** Opens it with the real store, and looks whether it is whole and knows what others know of it. */
export async function openImage(
  directory: string,
  given: {
    readonly name: string;
    readonly told: ReadonlySet<string>;
    readonly sent: ReadonlySet<string>;
    readonly found: Findings;
  },
): Promise<void> {
  const { name, told, sent, found } = given;
  const place = { kind: "sqlite", directory } as const;
  try {
    const records = await openRecords(place, { now: Date.now, random: randomBytes, holdLock: true });
    const intents = new Map((await records.intents.createdSince("")).map((intent) => [intent.key, intent]));
    const { lock } = records;
    const engine = await openEngineBackends(place, { lanes: LANES, ...(lock === undefined ? {} : { lock }) });
    await engine.close();
    await records.close();
    const audit = await readAuditLog(place, ({ rows, head }) => verifyChain(rows, { head }));
    if (audit.status !== "ok") found.corrupt.push(`${name}: the audit log is ${audit.status}`);
    for (const key of told) {
      if ((intents.get(key)?.decisions.length ?? 0) === 0)
        found.lost.push(`${name}: ${key} was acknowledged`);
    }
    for (const key of sent) {
      const state = intents.get(key)?.state;
      if (state === undefined || state === "awaiting" || state === "approved") {
        found.forgotten.push(`${name}: ${key} was sent, and is ${state ?? "not there"}`);
      }
    }
    for (const file of ["diagnose502.db", "engine.db"]) {
      const database = new DatabaseSync(join(directory, file));
      const [answer] = Object.values(database.prepare("PRAGMA integrity_check").get() ?? {});
      database.close();
      if (answer !== "ok") found.corrupt.push(`${name}: ${file}: ${String(answer)}`);
    }
  } catch (error) {
    found.corrupt.push(`${name}: ${String(error)}`);
  }
}

/** A bot that starts on what was left brings what was approved to its end. `done`: keys that had restarted something. */
export async function heal(
  fleet: Fleet,
  { done, found }: { readonly done: readonly string[]; readonly found: Findings },
): Promise<void> {
  await fleet.settle();
  const { intents } = await fleet.tell();
  const states = new Map(intents.map(({ key, state }) => [key, state]));
  const wrong = done.filter((key) => states.get(key) !== "done");
  found.unhealed.push(...fleet.crashes, ...wrong.map((key) => `${key} was done, and is ${states.get(key)}`));
}
