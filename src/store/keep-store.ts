import type { EngineBackends } from "./open-engine-backends.ts";
import type { Records } from "./open-records.ts";

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** Of runs that ended: nobody reads them but us, when something went wrong. */
const RUNS_KEPT_MS = 7 * DAY_MS;

/** What it tells: the log's head is told daily, so that whoever keeps our logs can prove that the audit log was not cut. */
interface KeeperLog {
  info(fields: { readonly [name: string]: unknown }, message: string): void;
  warn(fields: { readonly [name: string]: unknown }, message: string): void;
}

/** Removes what is past its time, at the start and every hour, until it is told to end. */
export async function keepStore(deps: {
  readonly records: Pick<Records, "prune">;
  readonly engine: Pick<EngineBackends<string>, "removeRunsEndedBefore">;
  readonly auditHead: () => Promise<{ readonly seq: number; readonly hash: string }>;
  readonly log: KeeperLog;
  readonly now: () => number;
  /** Ends early, and resolves, when it is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { records, engine, auditHead, log, now, sleep, signal } = deps;
  let toldAt = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    try {
      await records.prune();
      await engine.removeRunsEndedBefore(new Date(now() - RUNS_KEPT_MS).toISOString());
      if (now() - toldAt >= DAY_MS) {
        const { seq, hash } = await auditHead();
        log.info({ head: `${seq}:${hash}` }, "head of the audit log");
        toldAt = now();
      }
    } catch (error) {
      log.warn({ reason: String(error) }, "the store could not be cleaned up; it is tried again in an hour");
    }
    await sleep(HOUR_MS, signal);
  }
}
