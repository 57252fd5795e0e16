import type { Directive } from "./parse-config.ts";

/** The blocks around a place in the configuration, outermost (main) first. */
export type Scope = readonly (readonly Directive[])[];

/** All directives of that name on the innermost level that has one: the rule most of nginx inherits by. */
export function inherited(scope: Scope, name: string): readonly Directive[] {
  for (const block of scope.toReversed()) {
    const found = block.filter((directive) => directive.name === name);
    if (found.length > 0) return found;
  }
  return [];
}

/** First argument of the directive in force. */
export function setting(scope: Scope, name: string): string | undefined {
  return inherited(scope, name).at(-1)?.args[0];
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const MAX_DURATION_CHARS = 32;

/** nginx times: `60`, `60s`, `1m30s`, `500ms`; milliseconds. */
export function durationMs(text: string | undefined): number | undefined {
  if (text === undefined || text === "" || text.length > MAX_DURATION_CHARS) return undefined;
  let total = 0;
  let read = 0;
  // one after the other: repetition within repetition would try all ways to cut up what does not fit
  for (const [part, digits, unit] of text.matchAll(/(\d+)(ms|[smhdw])?/g)) {
    total += Number(digits) * (UNIT_MS[unit ?? "s"] ?? 0);
    read += part.length;
  }
  return read === text.length ? total : undefined;
}

/** nginx sizes: `4096`, `4k`, `1m`; bytes. */
export function sizeBytes(text: string | undefined): number | undefined {
  const found = /^(\d{1,12})([kKmMgG]?)$/.exec(text ?? "");
  if (!found) return undefined;
  const factor = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[(found[2] ?? "").toLowerCase()] ?? 1;
  return Number(found[1]) * factor;
}
