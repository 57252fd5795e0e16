export type TimeFormat = "iso" | "seconds" | "milliseconds";

/** `T` or a space between day and time; without a zone it is UTC. */
const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})? ?(Z|UTC|[+-]\d\d:?\d\d)?$/;
const YEAR_2000_MS = 946_684_800_000;
const YEAR_2200_MS = 7_258_118_400_000;

/** A sender's time → ISO-8601 UTC. Undefined for what is none, and for the year 1, which means "not yet" to many senders. */
export function readTime(value: unknown, format: TimeFormat): string | undefined {
  const ms = format === "iso" ? readIso(value) : readNumber(value) * (format === "seconds" ? 1000 : 1);
  return ms >= YEAR_2000_MS && ms <= YEAR_2200_MS ? new Date(ms).toISOString() : undefined;
}

function readIso(value: unknown): number {
  const match = typeof value === "string" && value.length <= 40 ? ISO.exec(value) : null;
  if (match === null) return Number.NaN;
  const [, day = "", time = "", fraction = "", zone = "Z"] = match;
  return Date.parse(`${day}T${time}${fraction.slice(0, 4)}${zone === "UTC" ? "Z" : zone}`);
}

function readNumber(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d{1,16}(\.\d{1,9})?$/.test(value) ? Number(value) : Number.NaN;
}
