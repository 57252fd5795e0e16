import type { Intents } from "../approval/intents.ts";
import type { Diagnoses } from "../classify/diagnoses.ts";
import type { AuditLog } from "../incident/audit.ts";
import type { Incidents } from "../incident/incidents.ts";
import type { StepCrashes } from "../incident/step-crashes.ts";
import type { AlertInbox } from "../intake/alert.ts";
import { createAlertInbox } from "./alert-store.ts";
import { createAuditLog } from "./audit-store.ts";
import { type Database, openDatabase, requireWritable } from "./database.ts";
import { createDiagnoses } from "./diagnosis-store.ts";
import { holdLock, type StoreLock } from "./hold-lock.ts";
import { createIncidents } from "./incident-store.ts";
import { createIntents } from "./intent-store.ts";
import { migrate } from "./migrate.ts";
import { createPosts } from "./post-store.ts";
import { pruneRecords } from "./prune-records.ts";
import { createStepCrashes } from "./step-crash-store.ts";
import { explainOpening } from "./store-error.ts";
import type { StorePlace } from "./store-place.ts";

/** Everything we know, kept by our own tables: the truth, whatever the engine holds. */
export interface Records {
  readonly incidents: Incidents;
  readonly intents: Intents;
  readonly audit: AuditLog;
  readonly diagnoses: Diagnoses;
  readonly inbox: AlertInbox;
  readonly stepCrashes: StepCrashes;
  /** Where it was asked for and the place is a directory. */
  readonly lock?: StoreLock;
  /** Removes what is past its retention: once at start and then every few hours. */
  prune(): Promise<void>;
  /** Changes nothing. @throws when the database does not answer, or takes no changes: a full disk, a standby. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the records and brings their tables up to date. `holdLock`: no other process may write to the same directory until they are closed.
 * @throws {StoreError | StoreLockedError}
 */
export async function openRecords(
  place: StorePlace,
  options: {
    readonly now: () => number;
    readonly random: (size: number) => Buffer;
    readonly holdLock: boolean;
  },
): Promise<Records> {
  const { now, random } = options;
  let lock: StoreLock | undefined;
  let database: Database | undefined;
  try {
    if (options.holdLock && place.kind === "sqlite") lock = holdLock(place.directory, now);
    database = openDatabase(place);
    await migrate(database, now);
    return makeRecords(database, { now, random, lock });
  } catch (error) {
    await database?.close();
    lock?.release();
    throw explainOpening(place, error);
  }
}

function makeRecords(
  database: Database,
  {
    now,
    random,
    lock,
  }: {
    readonly now: () => number;
    readonly random: (size: number) => Buffer;
    readonly lock: StoreLock | undefined;
  },
): Records {
  return {
    incidents: { ...createIncidents(database, now), ...createPosts(database, now) },
    intents: createIntents(database, now),
    audit: createAuditLog(database, now),
    diagnoses: createDiagnoses(database, { now, random }),
    inbox: createAlertInbox(database, now),
    stepCrashes: createStepCrashes(database, now),
    ...(lock === undefined ? {} : { lock }),
    prune: () => pruneRecords(database, now()),
    ping: () => requireWritable(database),
    async close() {
      await database.close();
      lock?.release();
    },
  };
}
