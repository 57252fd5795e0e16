import { compilePattern } from "../common/pcre.ts";
import type { Directive } from "./parse-config.ts";
import { numbered } from "./select-location.ts";
import { canonicalHost, definedOnly } from "./select-server.ts";

/** What a text with variables becomes for a plain GET of the URL. */
type Expansion =
  | { readonly known: true; readonly text: string }
  | {
      readonly known: false;
      readonly text: string;
      readonly variable: string;
      readonly couldBe: readonly string[];
    };

export interface Variables {
  expand(text: string): Expansion;
  set(name: string, value: Expansion): void;
  setCaptures(captures: Readonly<Record<string, string>>): void;
  /** The request as rewrites have changed it so far. */
  moveTo(uri: string, args: string): void;
}

/** Maps of maps can grow without bound; a configuration that reaches these limits is left unresolved. */
const MAX_DEPTH = 12;
const MAX_LOOKUPS = 1000;
const MAX_TEXT_CHARS = 8192;

const REFERENCE = /\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/g;

/**
 * nginx variables of a plain GET: those of the URL, `set`, captures and `map`. What only the client or the running
 * nginx knows (cookies, addresses, geo data) is unknown; headers and cookies count as absent, as in our own request.
 */
export function createVariables(
  url: URL,
  http: readonly Directive[],
  options: { readonly serverName: string; readonly onNote: (note: string) => void },
): Variables {
  const definitions = definitionsByName(http);
  const assigned = new Map<string, Expansion>();
  let uri = decodedPath(url);
  let args = url.search.slice(1);
  let budget = MAX_LOOKUPS;

  function builtin(name: string): string | undefined {
    const host = canonicalHost(url);
    const isTls = url.protocol === "https:";
    const fixed: Readonly<Record<string, string>> = {
      host,
      http_host: url.host,
      ssl_server_name: host,
      ssl_preread_server_name: host,
      server_name: options.serverName,
      scheme: isTls ? "https" : "http",
      https: isTls ? "on" : "",
      server_port: url.port || (isTls ? "443" : "80"),
      uri,
      document_uri: uri,
      fastcgi_script_name: uri,
      request_uri: url.pathname + url.search,
      request_method: "GET",
      args,
      query_string: args,
      is_args: args === "" ? "" : "?",
    };
    if (Object.hasOwn(fixed, name)) return fixed[name];
    if (name.startsWith("arg_")) return new URLSearchParams(args).get(name.slice(4)) ?? "";
    if (/^(?:http|cookie|sent_http)_/.test(name)) {
      options.onNote(`The route depends on $${name}; it is shown for a request without it.`);
      return "";
    }
    return undefined;
  }

  function lookUpVariable(name: string, depth: number): Expansion {
    const unknown = { known: false, text: `$${name}`, variable: `$${name}`, couldBe: [] } as const;
    budget -= 1;
    if (budget < 0 || depth > MAX_DEPTH) return unknown;
    const own = assigned.get(name);
    if (own !== undefined) return own;
    const definition = definitions.get(name);
    if (definition !== undefined) return mapped(definition, depth);
    const text = builtin(name);
    return text === undefined ? unknown : { known: true, text };
  }

  function expandAt(text: string, depth: number): Expansion {
    const parts: string[] = [];
    let unknown: Extract<Expansion, { known: false }> | undefined;
    let from = 0;
    for (const reference of text.matchAll(REFERENCE)) {
      const value = lookUpVariable(reference[1] ?? reference[2] ?? "", depth);
      if (!value.known) unknown ??= value;
      parts.push(text.slice(from, reference.index), value.text);
      from = reference.index + reference[0].length;
    }
    parts.push(text.slice(from));
    const expanded = parts.join("").slice(0, MAX_TEXT_CHARS);
    if (unknown === undefined) return { known: true, text: expanded };
    return { ...unknown, text: expanded };
  }

  function mapped(definition: Directive, depth: number): Expansion {
    const entries = definition.block ?? [];
    const values = entries
      .filter(({ name }) => !MAP_OPTIONS.has(name))
      .map(({ name, args: words }) => words[0] ?? name);
    const couldBe = [...new Set(values)].slice(0, 20);
    const unknown = (variable: string) =>
      ({ known: false, text: `$${variable}`, variable: `$${variable}`, couldBe }) as const;
    const [source = "", own = source] = definition.args;
    if (definition.name !== "map") return unknown(own.slice(1));
    const value = expandAt(source, depth + 1);
    if (!value.known) return unknown(own.slice(1));
    const hit = lookUp(entries, value.text, (captures) => setCaptures(captures));
    return hit === undefined ? { known: true, text: "" } : expandAt(hit, depth + 1);
  }

  function setCaptures(captures: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(captures)) assigned.set(name, { known: true, text });
  }

  return {
    expand: (text) => expandAt(text, 0),
    set: (name, value) => void assigned.set(name, value),
    setCaptures,
    moveTo(newUri, newArgs) {
      uri = newUri;
      args = newArgs;
    },
  };
}

/** The path nginx matches locations against: decoded, dot segments and doubled slashes gone. */
export function decodedPath(url: URL): string {
  const path = url.pathname.replace(/\/{2,}/g, "/");
  try {
    return decodeURIComponent(path);
  } catch {
    // not UTF-8: nginx compares bytes, and the encoded form is the closest text there is
    return path;
  }
}

const MAP_OPTIONS: ReadonlySet<string> = new Set([
  "hostnames",
  "volatile",
  "include",
  "delete",
  "proxy",
  "ranges",
]);

/** `map`, `geo` and `split_clients` blocks by the variable they define. */
function definitionsByName(http: readonly Directive[]): ReadonlyMap<string, Directive> {
  const found = new Map<string, Directive>();
  for (const directive of http) {
    if (directive.block === undefined || !/^(?:map|geo|split_clients)$/.test(directive.name)) continue;
    const variable = directive.args.at(-1);
    if (variable?.startsWith("$")) found.set(variable.slice(1), directive);
  }
  return found;
}

/** Exact values win over host wildcards, those over regular expressions in order, those over `default`. */
function lookUp(
  entries: readonly Directive[],
  value: string,
  onCaptures: (captures: Readonly<Record<string, string>>) => void,
): string | undefined {
  const wanted = value.toLowerCase();
  const withHostnames = entries.some(({ name, args }) => name === "hostnames" && args.length === 0);
  const key = (name: string) => (name.startsWith("\\") ? name.slice(1) : name).toLowerCase();
  const exact = entries.find(
    ({ name, args }) =>
      args.length === 1 && !name.startsWith("~") && name !== "default" && key(name) === wanted,
  );
  const wildcard = withHostnames ? longestWildcard(entries, wanted) : undefined;
  const plain = exact ?? wildcard;
  if (plain) return plain.args[0];
  for (const { name, args } of entries) {
    const ignoreCase = name.startsWith("~*");
    const match = name.startsWith("~")
      ? compilePattern(name.slice(ignoreCase ? 2 : 1), { ignoreCase })?.(value)
      : null;
    if (!match) continue;
    onCaptures({ ...numbered(match.groups), ...definedOnly(match.named) });
    return args[0];
  }
  return entries.find(({ name }) => name === "default")?.args[0];
}

function longestWildcard(entries: readonly Directive[], host: string): Directive | undefined {
  let best: Directive | undefined;
  let bestRank = 0;
  for (const entry of entries) {
    const name = entry.name.toLowerCase();
    const suffix = name.startsWith("*.") ? name.slice(1) : name.startsWith(".") ? name : "";
    const isLeading =
      suffix !== "" && (host.endsWith(suffix) || (host === suffix.slice(1) && name.startsWith(".")));
    const isTrailing = name.endsWith(".*") && host.startsWith(name.slice(0, -1));
    // any leading wildcard is preferred to any trailing one
    const rank = isLeading ? 1000 + suffix.length : isTrailing ? name.length : 0;
    if (rank > bestRank) [best, bestRank] = [entry, rank];
  }
  return best;
}
