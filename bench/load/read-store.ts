import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { BotPlace } from "./bot-process.ts";

type StoreFile = "diagnose502.db" | "engine.db";

export function stateOf({ directory }: Pick<BotPlace, "directory">): string {
  return join(directory, "state");
}

/** Reads one of the files of a state directory, whoever writes to it meanwhile. */
export function readStore<Value>(
  directory: string,
  file: StoreFile,
  work: (db: DatabaseSync) => Value,
): Value {
  const db = new DatabaseSync(join(directory, file), { readOnly: true, timeout: 5000 });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/** What a query gives as `n`. */
export function askStore(directory: string, file: StoreFile, query: string): number {
  return readStore(directory, file, (db) => Number(db.prepare(query).get()?.n));
}

/** The same, of the records of a bot. */
export function count(place: BotPlace, query: string): number {
  return askStore(stateOf(place), "diagnose502.db", query);
}
