import { compilePattern } from "../common/pcre.ts";
import type { Directive } from "./parse-config.ts";
import { definedOnly } from "./select-server.ts";

/** The locations a URI ends up in, outermost first; empty when the server block itself serves it. */
export interface ChosenLocation {
  readonly path: readonly Directive[];
  /** Numbered and named captures of a regular-expression location. */
  readonly captures: Readonly<Record<string, string>>;
  /** True when only the trailing slash is missing: nginx answers 301 by itself. */
  readonly needsSlash?: boolean;
}

type Found = ChosenLocation & { readonly isFinal: boolean };

/**
 * Exact match, else the longest prefix and what is nested in it, else (unless `^~`) the first regular expression.
 * Source: nginx src/http/ngx_http_core_module.c, ngx_http_core_find_location.
 */
export function selectLocation(
  block: readonly Directive[],
  uri: string,
  onNote: (note: string) => void,
): ChosenLocation {
  return find(block, uri, onNote) ?? { path: [], captures: {} };
}

/** `@name` of a named location, which only internal redirects reach. */
export function namedLocation(block: readonly Directive[], name: string): Directive | undefined {
  return block.find((directive) => directive.name === "location" && directive.args[0] === name);
}

/** A location as its author wrote it. */
export function locationText({ args }: Directive): string {
  return `location ${args.join(" ")}`;
}

function find(block: readonly Directive[], uri: string, onNote: (note: string) => void): Found | undefined {
  const locations = block.filter(({ name }) => name === "location").map(readLocation);
  const exact = locations.find(({ kind, text }) => kind === "exact" && text === uri);
  if (exact) return { path: [exact.directive], captures: {}, isFinal: true };
  const slashed = locations.find(
    ({ kind, text, directive }) => kind !== "regex" && text === `${uri}/` && hasPass(directive),
  );
  if (slashed) return { path: [slashed.directive], captures: {}, needsSlash: true, isFinal: true };

  let prefix: Located | undefined;
  for (const location of locations) {
    const fits =
      (location.kind === "prefix" || location.kind === "prefix-only") && uri.startsWith(location.text);
    if (fits && location.text.length > (prefix?.text.length ?? -1)) prefix = location;
  }
  const nested = prefix && find(prefix.directive.block ?? [], uri, onNote);
  if (prefix && nested?.isFinal) return within(prefix.directive, nested);
  if (prefix?.kind !== "prefix-only") {
    const byPattern = firstPattern(locations, uri, onNote);
    if (byPattern) return byPattern;
  }
  return (
    prefix &&
    (nested ? within(prefix.directive, nested) : { path: [prefix.directive], captures: {}, isFinal: false })
  );
}

interface Located {
  readonly kind: "exact" | "prefix" | "prefix-only" | "regex" | "named";
  readonly text: string;
  readonly ignoreCase: boolean;
  readonly directive: Directive;
}

function readLocation(directive: Directive): Located {
  const [first = "", second] = directive.args;
  // the modifier may be glued to the pattern: `location ~\.php$`
  const modifier =
    second === undefined ? (["=", "^~", "~*", "~"].find((sign) => first.startsWith(sign)) ?? "") : first;
  const text = second ?? first.slice(modifier.length);
  const ignoreCase = modifier === "~*";
  if (modifier === "=") return { kind: "exact", text, ignoreCase, directive };
  if (modifier === "^~") return { kind: "prefix-only", text, ignoreCase, directive };
  if (modifier === "~" || ignoreCase) return { kind: "regex", text, ignoreCase, directive };
  return { kind: text.startsWith("@") ? "named" : "prefix", text, ignoreCase, directive };
}

function firstPattern(
  locations: readonly Located[],
  uri: string,
  onNote: (note: string) => void,
): Found | undefined {
  for (const { kind, text, ignoreCase, directive } of locations) {
    if (kind !== "regex") continue;
    const pattern = compilePattern(text, { ignoreCase });
    if (pattern === undefined) {
      onNote(
        `${locationText(directive)} (${directive.source.file}:${directive.source.line}) cannot be evaluated here; it was taken not to match.`,
      );
    }
    const match = pattern?.(uri);
    if (!match) continue;
    const captures = { ...numbered(match.groups), ...definedOnly(match.named) };
    const nested = find(directive.block ?? [], uri, onNote);
    return nested
      ? { ...within(directive, nested), captures: { ...captures, ...nested.captures }, isFinal: true }
      : { path: [directive], captures, isFinal: true };
  }
  return undefined;
}

function within(outer: Directive, inner: Found): Found {
  return { ...inner, path: [outer, ...inner.path] };
}

/** Captures as the variables `$1`, `$2`, … */
export function numbered(groups: readonly (string | undefined)[]): Record<string, string> {
  return Object.fromEntries(groups.slice(1, 10).map((group, index) => [String(index + 1), group ?? ""]));
}

const PASS = /^(?:proxy|fastcgi|uwsgi|scgi|grpc|memcached)_pass$/;

function hasPass({ block }: Directive): boolean {
  return (block ?? []).some(({ name }) => PASS.test(name));
}

/** The directive that hands requests of this block to an upstream. */
export function passOf(block: readonly Directive[]): Directive | undefined {
  return block.findLast(({ name }) => PASS.test(name));
}
