import { parseAddress } from "./address.ts";
import { present } from "./present.ts";
import type { UnitState, UpstreamAddress } from "./target.ts";

type Properties = ReadonlyMap<string, readonly string[]>;

/**
 * Reads `systemctl show`: blocks of `Key=Value` parted by blank lines, one a unit. Properties an old systemd does not
 * know are missing and get what "never" or "unlimited" would give. Times are text, which is read only when its zone is UTC or
 * `utcOffsetMinutes` is given, or `@<seconds>` (`--timestamp=unix`, in older recordings). Source: systemctl(1).
 */
export function parseUnits(
  output: string,
  options: { readonly utcOffsetMinutes?: number | undefined } = {},
): UnitState[] {
  return blocksOf(output).flatMap((properties) => {
    const unit = firstValue(properties, "Id");
    return unit === "" ? [] : [makeUnit(unit, properties, options.utcOffsetMinutes)];
  });
}

function blocksOf(output: string): Properties[] {
  const blocks: Map<string, string[]>[] = [new Map()];
  for (const line of output.split("\n")) {
    if (line.trim() === "") {
      blocks.push(new Map());
      continue;
    }
    const equals = line.indexOf("=");
    if (equals < 1) continue;
    const block = blocks.at(-1);
    const key = line.slice(0, equals);
    const values = block?.get(key);
    if (values === undefined) block?.set(key, [line.slice(equals + 1)]);
    else values.push(line.slice(equals + 1));
  }
  return blocks.filter((block) => block.size > 0);
}

function makeUnit(unit: string, properties: Properties, utcOffsetMinutes: number | undefined): UnitState {
  const text = (key: string) => firstValue(properties, key);
  const time = (key: string) => parseTime(text(key), utcOffsetMinutes);
  return present({
    unit,
    names: wordsOf(text("Names")),
    loadState: text("LoadState"),
    unitFileState: text("UnitFileState"),
    activeState: text("ActiveState"),
    subState: text("SubState"),
    result: text("Result"),
    execMainCode: limitOf(text("ExecMainCode")) ?? 0,
    execMainStatus: limitOf(text("ExecMainStatus")) ?? 0,
    mainPid: limitOf(text("MainPID")) ?? 0,
    restarts: limitOf(text("NRestarts")) ?? 0,
    activeEnteredAt: time("ActiveEnterTimestamp"),
    inactiveEnteredAt: time("InactiveEnterTimestamp"),
    execMainStartedAt: time("ExecMainStartTimestamp"),
    execMainExitedAt: time("ExecMainExitTimestamp"),
    invocationId: text("InvocationID") || undefined,
    fragmentPath: text("FragmentPath") || undefined,
    execStart: commandsOf(properties.get("ExecStart") ?? []),
    boundBy: [
      ...new Set(
        ["RequiredBy", "RequisiteOf", "BoundBy", "ConsistsOf", "PropagatesStopTo"].flatMap((key) =>
          wordsOf(text(key)),
        ),
      ),
    ],
    startLimitBurst: limitOf(text("StartLimitBurst")),
    startLimitIntervalMs: spanMs(text("StartLimitIntervalUSec") || text("StartLimitInterval")),
    maxOpenFiles: limitOf(text("LimitNOFILE")),
    tasksCurrent: limitOf(text("TasksCurrent")),
    tasksMax: limitOf(text("TasksMax")),
    type: text("Type") || undefined,
    listens: listensOf(properties.get("Listen") ?? []),
    triggers: wordsOf(text("Triggers")),
  });
}

/** `{ path=… ; argv[]=/usr/sbin/app -x ; ignore_errors=no ; … }` → `/usr/sbin/app -x`; several are parted by newlines. */
function commandsOf(values: readonly string[]): string {
  return values
    .map((value) => {
      const start = value.indexOf("argv[]=");
      const end = value.lastIndexOf(" ; ignore_errors=");
      if (start < 0) return value;
      return value.slice(start + "argv[]=".length, end < start ? value.length : end);
    })
    .join("\n");
}

/** `/run/app.sock (Stream)`, `[::]:80 (Stream)`. */
function listensOf(values: readonly string[]): readonly UpstreamAddress[] | undefined {
  if (values.length === 0) return undefined;
  return values.flatMap((value) => {
    const kind = value.lastIndexOf(" (Stream)");
    const address = kind < 0 ? undefined : parseAddress(value.slice(0, kind));
    return address === undefined ? [] : [address];
  });
}

function parseTime(text: string, utcOffsetMinutes: number | undefined): string | undefined {
  if (text.startsWith("@")) {
    const seconds = Number(text.slice(1));
    return isoOf(seconds * 1000);
  }
  // Tue 2026-11-20 03:12:09 CET
  const [, day, clock, zone] = text.split(" ");
  if (day === undefined || clock === undefined) return undefined;
  const offset = zone === "UTC" || zone === "GMT" ? 0 : utcOffsetMinutes;
  return offset === undefined ? undefined : isoOf(Date.parse(`${day}T${clock}Z`) - offset * 60_000);
}

function isoOf(ms: number): string | undefined {
  return Number.isFinite(ms) && ms > 0 && ms < 8.64e15 ? new Date(ms).toISOString() : undefined;
}

/** Absent for `infinity`, `[not set]` and the largest 64-bit number: all of them mean "no limit". */
function limitOf(text: string): number | undefined {
  if (!/^[0-9]{1,20}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Source: systemd.time(7), "Parsing Time Spans". */
const UNITS_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  month: 2_629_800_000,
  y: 31_557_600_000,
};

/** `1min 30s`, `500ms`, or bare microseconds. */
function spanMs(text: string): number | undefined {
  const bare = limitOf(text);
  if (bare !== undefined) return bare / 1000;
  let total: number | undefined;
  for (const word of wordsOf(text)) {
    const amount = Number.parseFloat(word);
    const unit = UNITS_MS[word.replace(/^[0-9.]+/, "")];
    if (!Number.isFinite(amount) || unit === undefined) return undefined;
    total = (total ?? 0) + amount * unit;
  }
  return total;
}

function firstValue(properties: Properties, key: string): string {
  const value = properties.get(key)?.[0] ?? "";
  return value === "[not set]" || value === "n/a" ? "" : value;
}

function wordsOf(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}
