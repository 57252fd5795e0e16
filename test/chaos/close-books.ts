import { DatabaseSync } from "node:sqlite";
import type { Intent } from "../../src/approval/intent.ts";
import type { StorePlace } from "../../src/store/store-place.ts";
import type { Fleet } from "./fleet.ts";
import { type HostRecord, judge } from "./judge.ts";
import type { ChaosRow } from "./row.ts";
import { unitOf } from "./sites.ts";

/** One store, all that its bots said, and its own units. */
export interface Books {
  readonly fleet: Fleet;
  readonly place: StorePlace;
  readonly units: readonly number[];
}

/** The part of a row that the host decides. */
export type Judged = Pick<ChaosRow, "result" | "target" | "met" | "counts" | "findings">;

/** After everything has come to its end: compares the stores with what the host wrote down, and looks whether they are whole. */
export async function closeBooks(
  books: readonly Books[],
  readRecord: () => Promise<HostRecord> | HostRecord,
): Promise<Judged> {
  const told = [];
  for (const book of books) told.push({ ...book, ...(await book.fleet.tell()) });
  const record = await readRecord();
  const verdicts = told.map(({ fleet, units, intents }) => {
    const mine = units.map(unitOf);
    const starts = new Map([...record.starts].filter(([unit]) => mine.includes(unit)));
    return judge(intents, { record: { ...record, starts }, acknowledged: fleet.acknowledged });
  });
  const doubles = verdicts.flatMap((verdict) => verdict.doubles);
  const unresolved = verdicts.flatMap((verdict) => verdict.unresolved);
  const wrongClaims = verdicts.flatMap((verdict) => verdict.wrongClaims);
  const lost = verdicts.flatMap((verdict) => verdict.lost);
  const trouble = told.flatMap(({ fleet, place, audit }) => [
    ...fleet.crashes,
    ...(audit === "ok" ? [] : [`the audit log is ${audit}`]),
    ...checkFiles(place),
  ]);
  const findings = [...doubles, ...unresolved, ...wrongClaims, ...lost, ...trouble];
  return {
    result: `${doubles.length} double, ${unresolved.length} unresolved, ${wrongClaims.length} wrong claims, ${lost.length} lost${trouble.length === 0 ? "" : `, ${trouble.length} × trouble`}`,
    target: "0, 0, 0, 0",
    met: findings.length === 0,
    findings,
    counts: {
      approvals: books.reduce((sum, { fleet }) => sum + fleet.acknowledged.size, 0),
      ...countStates(told.flatMap(({ intents }) => intents)),
      doubles: doubles.length,
      unresolved: unresolved.length,
      wrongClaims: wrongClaims.length,
      lost: lost.length,
    },
  };
}

function countStates(intents: readonly Intent[]): { readonly [state: string]: number } {
  const counts: { [state: string]: number } = {};
  for (const { state } of intents) counts[`intents ${state}`] = (counts[`intents ${state}`] ?? 0) + 1;
  return counts;
}

/** A file says by itself whether it is whole. */
function checkFiles(place: StorePlace): readonly string[] {
  if (place.kind === "postgres") return [];
  return ["diagnose502.db", "engine.db"].flatMap((name) => {
    const database = new DatabaseSync(`${place.directory}/${name}`);
    const [answer] = Object.values(database.prepare("PRAGMA integrity_check").get() ?? {});
    database.close();
    return answer === "ok" ? [] : [`${name}: ${String(answer)}`];
  });
}
