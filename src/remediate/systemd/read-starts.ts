import { parseJson } from "../../classify/parse-json.ts";

/** systemd's message ids. Source: systemd src/systemd/sd-messages.h. */
const STARTS: readonly string[] = [
  "39f53479d3a045ac8e11786248231fbf", // started
  "7d4958e842da4a758f6c1cdc7b36dcc5", // starting
  "be02cf6855d2428ba40df7e9d022f03d", // failed to start
];
const STOPS: readonly string[] = [
  "de5b426a63be47a7b6ac3eaac82e2f6f", // stopping: only ever by a job, never by its own end
  "9d1aaa27d60140bd96365438aad20286", // stopped
];

/** journald's own: it tells since when there is a journal. */
const JOURNAL_STARTED = "f77379a8490b408bbe5f6940505a777b";

/** What the manager logged of one unit's starts and stops since boot. */
export interface UnitHistory {
  /** False when there may be more than could be read: no right to read it, or it is cut. */
  readonly complete: boolean;
  /** There may be more before the oldest that was read: as many entries came as were asked for. */
  readonly isCut: boolean;
  /** The oldest entry that was read, be it the journal's own; epoch ms of the host. */
  readonly oldestMs: number | undefined;
  /** Each start once, by invocation; when it was first heard of, epoch ms of the host. */
  readonly starts: ReadonlyMap<string, number>;
  /** The last that was heard is a stop that somebody asked for: a person, or another unit's stop. */
  readonly stoppedByJob: boolean;
}

const MOST_ENTRIES = 200;

/** The words that ask the journal for it. */
export function makeHistoryWords(unit: string): readonly string[] {
  return [
    "journalctl",
    "--no-pager",
    "_PID=1",
    `UNIT=${unit}`,
    ...[...STARTS, ...STOPS].map((id) => `MESSAGE_ID=${id}`),
    "+",
    "_COMM=systemd-journal",
    `MESSAGE_ID=${JOURNAL_STARTED}`,
    "-b",
    "-n",
    `${MOST_ENTRIES}`,
    "-o",
    "json",
    "--output-fields=MESSAGE_ID,INVOCATION_ID,JOB_TYPE",
  ];
}

/**
 * Reads one JSON object a line; anything else is a hint of journalctl's, about rights or an empty journal. `isWhole`: false when
 * journalctl failed, or had more to print.
 */
export function parseHistory(output: string, { isWhole }: { readonly isWhole: boolean }): UnitHistory {
  let complete = isWhole;
  const starts = new Map<string, number>();
  const times: number[] = [];
  let stoppedByJob = false;
  for (const line of output.split("\n")) {
    if (!line.startsWith("{")) {
      if (line.includes("insufficient permissions") || line.includes("not seeing messages")) complete = false;
      continue;
    }
    const entry = parseJson(line);
    const microseconds = textOf(entry, "__REALTIME_TIMESTAMP");
    if (!/^[0-9]{1,20}$/.test(microseconds)) {
      complete = false;
      continue;
    }
    const at = Number(microseconds) / 1000;
    times.push(at);
    const message = textOf(entry, "MESSAGE_ID");
    const invocation = textOf(entry, "INVOCATION_ID");
    if (STARTS.includes(message)) {
      stoppedByJob = false;
      if (!starts.has(invocation)) starts.set(invocation, at);
    }
    if (STOPS.includes(message) && textOf(entry, "JOB_TYPE") === "stop") stoppedByJob = true;
  }
  const oldestMs = times.length === 0 ? undefined : Math.min(...times);
  return { complete, isCut: times.length >= MOST_ENTRIES, oldestMs, starts, stoppedByJob };
}

/** Empty where the line is no object, or the field no text. */
function textOf(entry: unknown, field: string): string {
  const value: unknown = entry instanceof Object ? Reflect.get(entry, field) : undefined;
  return typeof value === "string" ? value : "";
}
