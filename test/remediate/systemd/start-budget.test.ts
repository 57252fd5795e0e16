import assert from "node:assert/strict";
import { test } from "node:test";
import type { UnitHistory } from "../../../src/remediate/systemd/read-starts.ts";
import { startsLeft } from "../../../src/remediate/systemd/start-budget.ts";
import { makeUnit } from "./make-unit.ts";

const NOW_S = 1_795_000_000;
const NOW_MS = NOW_S * 1000;
const HOUR = 3_600_000;
const MINUTE = 60_000;
const BOOTED_AGO = 60 * 24 * HOUR;
const CURRENT = "c".repeat(32);

interface Seen {
  /** How long ago it was started, came up and went down, in seconds. */
  readonly execAgo?: number | undefined;
  readonly activeAgo?: number;
  readonly inactiveAgo?: number;
  readonly unit?: Readonly<Record<string, string>>;
  /** Starts that the journal holds, ms ago; the first is the current one. */
  readonly starts?: readonly number[];
  readonly complete?: boolean;
  /** As many entries came as were asked for. */
  readonly isCut?: boolean;
  /** The oldest entry that was read, ms ago. */
  readonly oldestAgo?: number | undefined;
  readonly nowMs?: number | undefined;
  /** The host does not say when it was booted. */
  readonly bootedAgo?: undefined;
}

/** A unit of three starts a minute that was started five seconds ago, but for what is given. */
function left(seen: Seen): number | "none" | "unknown" {
  const { unit: given = {}, starts = [5000], complete = true, isCut = false } = seen;
  const nowMs = "nowMs" in seen ? seen.nowMs : NOW_MS;
  const at = (ago: number | undefined) => (ago === undefined ? "" : `@${NOW_S - ago}`);
  const unit = makeUnit("shop.service", {
    StartLimitBurst: "3",
    StartLimitIntervalUSec: "1min",
    InvocationID: CURRENT,
    ExecMainStartTimestamp: at("execAgo" in seen ? seen.execAgo : 5),
    ActiveEnterTimestamp: at(seen.activeAgo),
    InactiveEnterTimestamp: at(seen.inactiveAgo),
    ...given,
  });
  const heard = starts.map((ago, index) => [index === 0 ? CURRENT : `${index}`, NOW_MS - ago] as const);
  const oldestAgo = "oldestAgo" in seen ? seen.oldestAgo : BOOTED_AGO;
  const oldestMs = oldestAgo === undefined ? undefined : NOW_MS - oldestAgo;
  const history: UnitHistory = {
    complete,
    isCut,
    oldestMs,
    starts: new Map(heard),
    stoppedByJob: false,
  };
  const bootedAtMs = "bootedAgo" in seen ? undefined : NOW_MS - BOOTED_AGO;
  return startsLeft(unit, history, { nowMs, bootedAtMs });
}

const within = (span: string) => ({ unit: { StartLimitIntervalUSec: span } });
const ENDLESS = within("infinity");
/** Started three times, longer ago than a day. */
const LONG_AGO: Seen = { execAgo: 30 * 3600, starts: [30 * HOUR, 35 * HOUR, 40 * HOUR] };

const LEFT: readonly (readonly [fact: string, seen: Seen, left: number | "none" | "unknown"])[] = [
  ["each start of the interval is one less", { starts: [5000, 20_000] }, 1],
  ["all of them are used up", { starts: [5000, 20_000, 40_000] }, 0],
  ["more than all are used up", { starts: [5000, 20_000, 40_000, 50_000] }, 0],
  ["a limit of one start, used up", { unit: { StartLimitBurst: "1" } }, 0],
  ["one as old as the interval and two seconds still counts", { starts: [5000, 62_000] }, 1],
  ["one older than that does not", { starts: [5000, 62_001] }, 2],
  ["a limit of no starts is none", { unit: { StartLimitBurst: "0" } }, "none"],
  ["nor is one within no time", { unit: { StartLimitIntervalUSec: "0" } }, "none"],
  [
    "one within a millisecond is a limit",
    { unit: { StartLimitIntervalUSec: "1ms" }, execAgo: 1, starts: [1000] },
    2,
  ],
  ["a systemd that does not say has none", { unit: { StartLimitBurst: "" }, starts: [5000] }, "none"],
  ["an interval without an end counts the whole boot", { ...LONG_AGO, ...within("infinity") }, 0],
  ["so does one that cannot be read", { ...LONG_AGO, ...within("5parsec") }, 0],
  ["two days are two days", { ...LONG_AGO, ...within("2d") }, 0],
  ["a week is a week", { ...LONG_AGO, ...within("1w") }, 0],
  ["a month is a month", { ...LONG_AGO, ...within("1month 2w") }, 0],
  ["of a day and a half, one start is older", { ...LONG_AGO, ...within("1d 12h") }, 1],
  ["a day is no more than a day", { ...LONG_AGO, ...within("1d") }, 3],
  [
    "the starts of an interval without an end cannot be read",
    { ...within("infinity"), complete: false },
    "unknown",
  ],
  [
    "without an end, and it was never started",
    { ...within("infinity"), complete: false, execAgo: undefined, starts: [] },
    3,
  ],
  [
    "there is more in the journal than was read, and it may be within the interval",
    { isCut: true, oldestAgo: 62_000 },
    "unknown",
  ],
  [
    "there is more, but what was read has used up all",
    { isCut: true, oldestAgo: 50_000, starts: [5000, 6000, 7000] },
    0,
  ],
  ["there is more, but older than the interval", { isCut: true, oldestAgo: 62_001 }, 2],
  ["there is more, and the interval has no end", { ...within("infinity"), isCut: true }, "unknown"],
  ["the journal begins ten minutes after the boot", { ...ENDLESS, oldestAgo: BOOTED_AGO - 10 * MINUTE }, 2],
  [
    "the journal begins later, and the interval has no end",
    { ...ENDLESS, oldestAgo: BOOTED_AGO - 11 * MINUTE },
    "unknown",
  ],
  ["the journal begins within a week", { ...within("1w"), oldestAgo: 72 * HOUR }, "unknown"],
  ["the journal begins before a week", { ...within("1w"), oldestAgo: 169 * HOUR }, 2],
  [
    "the journal begins with the current start: it reaches back a day",
    { ...within("1d"), oldestAgo: 5000 },
    2,
  ],
  [
    "the journal is empty, and the interval has no end",
    { ...ENDLESS, starts: [], oldestAgo: undefined },
    "unknown",
  ],
  [
    "nobody knows when the boot was, and the interval has no end",
    { ...ENDLESS, bootedAgo: undefined },
    "unknown",
  ],
  ["the journal cannot be read in full", { complete: false }, "unknown"],
  ["and nothing changed within the interval", { complete: false, execAgo: 63, starts: [63_000] }, 3],
  ["something changed as the interval began", { complete: false, execAgo: 62 }, "unknown"],
  ["it came up within the interval", { complete: false, execAgo: 900, activeAgo: 5 }, "unknown"],
  ["it went down within the interval", { complete: false, execAgo: 900, inactiveAgo: 5 }, "unknown"],
  ["it was never started at all", { complete: false, execAgo: undefined, starts: [] }, 3],
  ["the journal does not know the current start", { starts: [], execAgo: 5 }, "unknown"],
  ["nor one as old as the interval", { starts: [], execAgo: 62 }, "unknown"],
  ["it need not know an older one", { starts: [], execAgo: 63, inactiveAgo: 5 }, 3],
  ["nor one of a unit that starts no program", { starts: [], execAgo: undefined, activeAgo: 5 }, 3],
  ["a unit that is down has no current start", { unit: { InvocationID: "" }, starts: [], inactiveAgo: 1 }, 3],
  ["the host does not tell its time", { nowMs: undefined }, "unknown"],
  [
    "nor does it matter where there is no limit",
    { nowMs: undefined, unit: { StartLimitBurst: "0" } },
    "none",
  ],
];

for (const [fact, seen, expected] of LEFT) {
  test(`${expected} left: ${fact}`, () => {
    assert.equal(left(seen), expected);
  });
}
