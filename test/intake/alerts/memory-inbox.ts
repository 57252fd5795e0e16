import type { Alert, AlertInbox } from "../../../src/intake/alert.ts";

const REPEAT_MS = 15 * 60_000;

interface KeptAlert {
  readonly alert: Alert;
  readonly site?: string;
}

/** The part of the inbox that a receiver uses, in memory. */
export function createMemoryInbox({ now }: { readonly now: () => number }) {
  const kept: KeptAlert[] = [];
  const deliveries = new Map<string, number>();
  let isBroken = false;
  const inbox: Pick<AlertInbox, "store"> = {
    async store({ source, key }, alerts) {
      if (isBroken) throw new Error("database is locked");
      const seenAt = deliveries.get(`${source} ${key}`);
      if (seenAt !== undefined && now() - seenAt < REPEAT_MS) return { isRepeat: true, ids: [] };
      deliveries.set(`${source} ${key}`, now());
      kept.push(...alerts);
      return { isRepeat: false, ids: alerts.map((_, index) => kept.length - alerts.length + index + 1) };
    },
  };
  return {
    inbox,
    kept,
    /** Until mended every store fails. */
    break: () => {
      isBroken = true;
    },
    mend: () => {
      isBroken = false;
    },
  };
}
