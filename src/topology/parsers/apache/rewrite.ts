import type { SourceRef } from "../../target.ts";
import { compilePattern } from "../common/pcre.ts";
import type { Directive } from "./parse-config.ts";

/** What the rewrite rules of a virtual host make of a request. */
export type Rewritten =
  | { readonly kind: "none" }
  /** `[PT]`, or a path: `isFile` tells that ProxyPass no longer applies. */
  | { readonly kind: "path"; readonly path: string; readonly isFile: boolean }
  | { readonly kind: "proxy"; readonly url: string; readonly source: SourceRef; readonly text: string }
  | { readonly kind: "answer"; readonly status: number; readonly what: string; readonly source: SourceRef };

interface RewriteOptions {
  readonly url: URL;
  readonly serverName: string;
  readonly onNote: (note: string) => void;
}

type Groups = readonly (string | undefined)[];

/** Runs RewriteRule in order. Files are taken not to exist. Source: httpd.apache.org, mod_rewrite. */
export function rewrite(block: readonly Directive[], { url, serverName, onNote }: RewriteOptions): Rewritten {
  if (block.findLast(({ name }) => name === "rewriteengine")?.args[0]?.toLowerCase() !== "on")
    return { kind: "none" };
  let path = decodedPath(url);
  let changed: Rewritten = { kind: "none" };
  let conditions: Directive[] = [];
  for (const directive of block) {
    if (directive.name === "rewritecond") conditions.push(directive);
    if (directive.name !== "rewriterule") continue;
    const pending = conditions;
    conditions = [];
    const [pattern = "", target = "", flagText = ""] = directive.args;
    const flags = flagsOf(flagText);
    const rule = matchRule(pattern, path, flags.has("NC"));
    if (rule === undefined)
      onNote(
        `RewriteRule ${pattern} (${place(directive)}) cannot be evaluated here; it was taken not to match.`,
      );
    if (!rule) continue;
    const held = conditionsHold(pending, { path, rule, url, serverName });
    if (held === undefined)
      onNote(
        `The conditions of RewriteRule ${pattern} (${place(directive)}) cannot be decided from the outside; they were taken not to hold.`,
      );
    if (!held) continue;
    const { source } = directive;
    if (flags.has("F") || flags.has("G"))
      return { kind: "answer", status: flags.has("F") ? 403 : 410, what: `RewriteRule ${pattern}`, source };
    const result =
      target === "-"
        ? path
        : fill(target, {
            rule,
            condition: held,
            variable: (name) => variable(name, { path, url, serverName }) ?? "",
          });
    const text = `RewriteRule ${directive.args.join(" ")}`.slice(0, 300);
    if (flags.has("P")) return { kind: "proxy", url: result, source, text };
    const redirect = flags.get("R");
    if (redirect !== undefined || /^https?:\/\//.test(result)) {
      return {
        kind: "answer",
        status: Number(redirect) || 302,
        what: `redirects to ${result.slice(0, 200)}`,
        source,
      };
    }
    if (target !== "-") {
      path = result.split("?", 1)[0] ?? "";
      changed = { kind: "path", path, isFile: !flags.has("PT") };
    }
    if (flags.has("L") || flags.has("END") || flags.has("PT")) break;
  }
  return changed;
}

export function decodedPath(url: URL): string {
  try {
    return decodeURIComponent(url.pathname);
  } catch {
    // not UTF-8: the encoded form is the closest text there is
    return url.pathname;
  }
}

/** `[P,L,R=301]` → its flags by their short names. */
function flagsOf(text: string): ReadonlyMap<string, string> {
  const long = new Map([
    ["PROXY", "P"],
    ["LAST", "L"],
    ["REDIRECT", "R"],
    ["FORBIDDEN", "F"],
    ["GONE", "G"],
    ["NOCASE", "NC"],
    ["PASSTHROUGH", "PT"],
    ["ORNEXT", "OR"],
  ]);
  const flags = new Map<string, string>();
  for (const part of text.replace(/^\[|\]$/g, "").split(",")) {
    const [name = "", value = ""] = part.trim().split("=", 2);
    const upper = name.toUpperCase();
    flags.set(long.get(upper) ?? upper, value);
  }
  return flags;
}

/** Groups when it matches, null when not, undefined when it cannot be evaluated. */
function matchRule(written: string, text: string, ignoreCase: boolean): Groups | null | undefined {
  const isNegated = written.startsWith("!");
  const pattern = compilePattern(isNegated ? written.slice(1) : written, { ignoreCase });
  if (pattern === undefined) return undefined;
  const match = pattern(text);
  if (isNegated) return match === null ? [text] : null;
  return match?.groups ?? null;
}

interface State {
  readonly path: string;
  readonly rule: Groups;
  readonly url: URL;
  readonly serverName: string;
}

/** Groups of the last condition when all hold; false when not, undefined when unknown. `[OR]` joins neighbours. */
function conditionsHold(conditions: readonly Directive[], state: State): Groups | false | undefined {
  let groups: Groups = [];
  let isUnknown = false;
  for (let index = 0; index < conditions.length; index += 1) {
    let verdict: Groups | false | undefined = false;
    for (;;) {
      const [test = "", wanted = "", flagText = ""] = conditions[index]?.args ?? [];
      const flags = flagsOf(flagText);
      const one = conditionHolds(test, wanted, { ...state, groups, ignoreCase: flags.has("NC") });
      if (one || (one === undefined && verdict === false)) verdict = one;
      if (!flags.has("OR") || index + 1 >= conditions.length) break;
      index += 1;
    }
    if (verdict === false) return false;
    if (verdict === undefined) isUnknown = true;
    else groups = verdict;
  }
  return isUnknown ? undefined : groups;
}

function conditionHolds(
  test: string,
  wanted: string,
  state: State & { readonly groups: Groups; readonly ignoreCase: boolean },
): Groups | false | undefined {
  let isKnown = true;
  const text = fill(test, {
    rule: state.rule,
    condition: state.groups,
    variable: (name) => {
      const value = variable(name, state);
      isKnown &&= value !== undefined;
      return value ?? "";
    },
  });
  if (/^!?-[fdslFULHhx]$/.test(wanted)) return wanted.startsWith("!") ? [text] : false;
  if (!isKnown) return undefined;
  const isNegated = wanted.startsWith("!");
  const bare = isNegated ? wanted.slice(1) : wanted;
  if (bare.startsWith("="))
    return (text === bare.slice(1).replace(/^"|"$/g, "")) !== isNegated ? [text] : false;
  if (/^(?:expr|[<>]|-)/.test(bare)) return undefined;
  const match = matchRule(wanted, text, state.ignoreCase);
  return match === null ? false : match;
}

interface Fillers {
  readonly rule: Groups;
  readonly condition: Groups;
  readonly variable: (name: string) => string;
}

/** `$1` of the rule, `%1` of the last condition, `%{NAME}` of the request. */
function fill(text: string, { rule, condition, variable: lookUp }: Fillers): string {
  return text
    .slice(0, 4096)
    .replace(/\$(\d)|%(\d)|%\{([^}]{1,80})\}/g, (_, ofRule: string, ofCondition: string, name: string) => {
      if (name !== undefined) return lookUp(name);
      return (ofRule === undefined ? condition[Number(ofCondition)] : rule[Number(ofRule)]) ?? "";
    });
}

/** Server variables of a plain GET; headers we do not send are empty. Undefined when only Apache knows. */
function variable(
  name: string,
  { path, url, serverName }: Pick<State, "path" | "url" | "serverName">,
): string | undefined {
  const isTls = url.protocol === "https:";
  switch (name) {
    case "HTTP_HOST":
    case "HTTP:Host":
      return url.host;
    case "SERVER_NAME":
      return serverName || url.hostname;
    case "SERVER_PORT":
      return url.port || (isTls ? "443" : "80");
    case "HTTPS":
      return isTls ? "on" : "off";
    case "REQUEST_SCHEME":
      return isTls ? "https" : "http";
    case "REQUEST_METHOD":
      return "GET";
    case "REQUEST_URI":
    case "REQUEST_FILENAME":
    case "SCRIPT_FILENAME":
      return path;
    case "QUERY_STRING":
      return url.search.slice(1);
    case "THE_REQUEST":
      return `GET ${url.pathname}${url.search} HTTP/1.1`;
    default:
      return /^(?:HTTP:|HTTP_(?:COOKIE|REFERER|FORWARDED|UPGRADE))/.test(name) ? "" : undefined;
  }
}

function place({ source }: Directive): string {
  return `${source.file}:${source.line}`;
}
