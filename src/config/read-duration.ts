const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** `90s`, `15m`, `2h` → milliseconds; undefined for anything else. */
export function readDuration(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  if (digits === undefined || (unit !== "s" && unit !== "m" && unit !== "h")) return undefined;
  return Number(digits) * UNIT_MS[unit];
}
