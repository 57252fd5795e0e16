import type { Directive } from "./parse-config.ts";

/** The main server's directives and, inside a virtual host, its own: outermost first. */
export type Scope = readonly (readonly Directive[])[];

/** First argument of the last such directive on the innermost level that has one. */
export function setting(scope: Scope, name: string): string | undefined {
  return scope.flatMap((block) => block.filter((directive) => directive.name === name)).at(-1)?.args[0];
}

/** All sections of one kind, those of the main server first: the order in which Apache merges them. */
export function sectionsOf(scope: Scope, ...names: readonly string[]): readonly Directive[] {
  return scope.flatMap((block) =>
    block.filter(({ name, block: inner }) => inner !== undefined && names.includes(name)),
  );
}

/** Apache times: seconds unless a unit says otherwise. */
export function durationMs(text: string | undefined): number | undefined {
  const found = /^(\d{1,9})(ms|s|mi|min|h)?$/i.exec(text ?? "");
  if (!found) return undefined;
  const factor =
    { ms: 1, s: 1000, mi: 60_000, min: 60_000, h: 3_600_000 }[(found[2] ?? "s").toLowerCase()] ?? 1000;
  return Number(found[1]) * factor;
}
