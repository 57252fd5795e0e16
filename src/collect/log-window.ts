/** How the lines of a log begin, by the names playbooks use. `none`: no usable time, nothing is cut. */
const STAMPS: Readonly<Record<string, (line: string, clock: Clock) => number | undefined>> = {
  "nginx-error": readNumeric,
  iso: readNumeric,
  clf: readBracketed,
  "apache-error": readApacheError,
  fpm: readBracketed,
  syslog: (line, clock) => readNumeric(line, clock) ?? readRfc3164(line, clock),
};

interface Clock {
  /** The host's own now. */
  readonly nowMs: number;
  readonly utcOffsetMinutes: number;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Two or four digits at a position; NaN for anything else. */
function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Offset written as `+hh:mm`, `+hhmm` or `Z`, minutes; undefined when none is written. */
function writtenOffset(text: string, at: number): number | undefined {
  if (text[at] === "Z") return 0;
  const sign = text[at] === "+" ? 1 : text[at] === "-" ? -1 : 0;
  const minutesAt = text[at + 3] === ":" ? at + 4 : at + 3;
  const minutes = digits(text, at + 1, 2) * 60 + digits(text, minutesAt, 2);
  return sign === 0 || Number.isNaN(minutes) ? undefined : sign * minutes;
}

/**
 * Epoch of a time, by the zone it states. Without one, daemons of the system write local time; applications write
 * local time or UTC, and then the later reading counts: a line is rather kept than lost.
 */
function epochOf(
  parts: readonly number[],
  zone: number | "local" | "unstated",
  clock: Clock,
): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const asUtc = Date.UTC(year, month, day, hour, minute, second);
  if (Number.isNaN(asUtc)) return undefined;
  const { utcOffsetMinutes } = clock;
  const offset =
    zone === "local" ? utcOffsetMinutes : zone === "unstated" ? Math.min(0, utcOffsetMinutes) : zone;
  return asUtc - offset * 60_000;
}

/** Index behind `HH:MM:SS` and a fraction, at `at`. */
function endOfTime(line: string, at: number): number {
  let end = at + 8;
  if (line[end] === "." || line[end] === ",") {
    end++;
    while (!Number.isNaN(digits(line, end, 1))) end++;
  }
  return line[end] === " " && (line[end + 1] === "+" || line[end + 1] === "-") ? end + 1 : end;
}

/** `YYYY/MM/DD HH:MM:SS`, `YYYY-MM-DD[T ]HH:MM:SS[.fff][zone]`, also after one bracket or quote. */
function readNumeric(line: string, clock: Clock): number | undefined {
  const start = line[0] === "[" || line[0] === '"' ? 1 : 0;
  const parts = [
    digits(line, start, 4),
    digits(line, start + 5, 2) - 1,
    digits(line, start + 8, 2),
    digits(line, start + 11, 2),
    digits(line, start + 14, 2),
    digits(line, start + 17, 2),
  ];
  const unstated = line[start + 4] === "/" ? "local" : "unstated";
  return epochOf(parts, writtenOffset(line, endOfTime(line, start + 11)) ?? unstated, clock);
}

/** `[DD/Mon/YYYY:HH:MM:SS ±hhmm]` anywhere, or `[DD-Mon-YYYY HH:MM:SS]`; the first bracket that holds one. */
function readBracketed(line: string, clock: Clock): number | undefined {
  for (let open = line.indexOf("["); open >= 0 && open < 512; open = line.indexOf("[", open + 1)) {
    const at = open + 1;
    const month = MONTHS.indexOf(line.slice(at + 3, at + 6));
    if (month < 0) continue;
    const parts = [
      digits(line, at + 7, 4),
      month,
      digits(line, at, 2),
      digits(line, at + 12, 2),
      digits(line, at + 15, 2),
      digits(line, at + 18, 2),
    ];
    const found = epochOf(parts, writtenOffset(line, endOfTime(line, at + 12)) ?? "unstated", clock);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `[Www Mmm DD HH:MM:SS.uuuuuu YYYY]`; the fraction may be absent. */
function readApacheError(line: string, clock: Clock): number | undefined {
  if (line[0] !== "[") return undefined;
  const yearAt = endOfTime(line, 12) + 1;
  const parts = [
    digits(line, yearAt, 4),
    MONTHS.indexOf(line.slice(5, 8)),
    digits(line, 9, 2),
    digits(line, 12, 2),
    digits(line, 15, 2),
    digits(line, 18, 2),
  ];
  return parts[1] === -1 ? undefined : epochOf(parts, "local", clock);
}

/** `Mmm DD HH:MM:SS`, the day padded with a space; the year is the one that makes it lie in the past. */
function readRfc3164(line: string, clock: Clock): number | undefined {
  const month = MONTHS.indexOf(line.slice(0, 3));
  if (month < 0) return undefined;
  const day = line[4] === " " ? digits(line, 5, 1) : digits(line, 4, 2);
  const year = new Date(clock.nowMs).getUTCFullYear();
  const time = [digits(line, 7, 2), digits(line, 10, 2), digits(line, 13, 2)];
  const at = epochOf([year, month, day, ...time], "local", clock);
  const DAY_MS = 86_400_000;
  return at !== undefined && at > clock.nowMs + DAY_MS
    ? epochOf([year - 1, month, day, ...time], "local", clock)
    : at;
}

/**
 * The part of a log from its first line of the window on; lines without a time belong to the line before. A log whose
 * times cannot be read is left whole.
 */
export function windowOfLog(
  text: string,
  options: Clock & { readonly timestamps: string; readonly fromMs: number },
): string {
  const read = STAMPS[options.timestamps];
  if (read === undefined) return text;
  let sawTime = false;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const at = read(text.slice(start, Math.min(end, start + 600)), options);
    if (at !== undefined && at >= options.fromMs) return text.slice(start);
    sawTime ||= at !== undefined;
    start = end + 1;
  }
  return sawTime ? "" : text;
}
