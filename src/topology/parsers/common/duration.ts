const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `30`, `30s`, `500ms`, `2m` → milliseconds; a bare number is in `bareUnit`. Undefined for anything else. */
export function durationMs(text: string | undefined, bareUnit: "ms" | "s"): number | undefined {
  const found = /^(\d{1,9}(?:\.\d{1,6})?)\s?(ms|s|min|m|h|d)?$/.exec((text ?? "").trim());
  const factor = UNITS_MS[found?.[2] ?? bareUnit];
  return found === null || factor === undefined ? undefined : Number(found[1]) * factor;
}

/** A whole number in plain digits. */
export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined;
}
