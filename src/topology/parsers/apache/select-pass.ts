import type { SourceRef } from "../../target.ts";
import { matchesGlob } from "../common/glob.ts";
import { compilePattern } from "../common/pcre.ts";
import type { Directive } from "./parse-config.ts";
import { decodedPath, rewrite } from "./rewrite.ts";
import { type Scope, sectionsOf, setting } from "./scope.ts";

/** How Apache answers a request: by a worker URL, or by itself. */
export type Chosen =
  | {
      readonly kind: "proxy";
      /** As written, captures filled in: `http://10.0.0.1:80/x`, `balancer://b/`, `unix:/a.sock|fcgi://localhost`. */
      readonly worker: string;
      /** `key=value` words of the directive. */
      readonly parameters: readonly string[];
      readonly text: string;
      readonly source: SourceRef;
    }
  | { readonly kind: "local"; readonly what: string; readonly status?: number; readonly source: SourceRef };

interface SelectOptions {
  readonly url: URL;
  readonly serverName: string;
  /** Where the virtual host (or main server) begins. */
  readonly source: SourceRef;
  readonly onNote: (note: string) => void;
}

/**
 * Rewrite rules come first, then ProxyPass of the last fitting Location, then the first fitting ProxyPass in the order
 * written, then a proxy handler. Source: httpd modules/proxy/mod_proxy.c (proxy_trans), modules/mappers/mod_rewrite.c.
 */
export function selectPass(scope: Scope, { url, serverName, source, onNote }: SelectOptions): Chosen {
  const rewritten = rewrite(scope.at(-1) ?? [], { url, serverName, onNote });
  if (rewritten.kind === "answer") return { ...rewritten, kind: "local" };
  if (rewritten.kind === "proxy") {
    return {
      kind: "proxy",
      worker: rewritten.url,
      parameters: [],
      text: rewritten.text,
      source: rewritten.source,
    };
  }
  const path = rewritten.kind === "path" ? rewritten.path : decodedPath(url);
  const redirect = redirectFor(scope, path);
  if (redirect) return redirect;
  const isFile = rewritten.kind === "path" && rewritten.isFile;
  const pass = isFile
    ? undefined
    : (passOfLocation(scope, path, onNote) ?? passOfServer(scope, path, onNote));
  if (pass && pass !== "excluded") return pass;
  return (
    handlerFor(scope, path, onNote) ?? {
      kind: "local",
      what: `files below ${setting(scope, "documentroot") ?? "the default document root"}`,
      source,
    }
  );
}

type Pass = Extract<Chosen, { kind: "proxy" }> | "excluded" | undefined;

function passOfLocation(scope: Scope, path: string, onNote: (note: string) => void): Pass {
  let found: Pass;
  for (const section of sectionsOf(scope, "location", "locationmatch")) {
    if (!locationFits(section, path, onNote)) continue;
    for (const directive of section.block ?? []) {
      if (directive.name !== "proxypass" && directive.name !== "proxypassmatch") continue;
      const [worker = "", ...parameters] = directive.args;
      const text = `<${section.name === "location" ? "Location" : "LocationMatch"} ${section.args.join(" ")}> ProxyPass ${worker}`;
      found =
        worker === "!" ? "excluded" : { kind: "proxy", worker, parameters, text, source: directive.source };
    }
  }
  return found;
}

function passOfServer(scope: Scope, path: string, onNote: (note: string) => void): Pass {
  for (const { name, args, source } of scope.flat()) {
    if (name !== "proxypass" && name !== "proxypassmatch") continue;
    const [from = "", worker = "", ...parameters] = args;
    const captures =
      name === "proxypass" ? (prefixFits(from, path) ? [] : null) : patternGroups(from, path, onNote);
    if (captures === null) continue;
    if (worker === "!") return "excluded";
    const filled = worker.replace(/\$(\d)/g, (_, index: string) => captures[Number(index)] ?? "");
    const text = `${name === "proxypass" ? "ProxyPass" : "ProxyPassMatch"} ${from} ${worker}`;
    return { kind: "proxy", worker: filled, parameters, text, source };
  }
  return undefined;
}

/** `/app` covers `/app` and `/app/x` but not `/apple`; `/app/` does not cover `/app`. */
function prefixFits(prefix: string, path: string): boolean {
  if (!path.startsWith(prefix)) return false;
  return prefix.endsWith("/") || path.length === prefix.length || path.charAt(prefix.length) === "/";
}

function patternGroups(
  source: string,
  text: string,
  onNote: (note: string) => void,
): readonly (string | undefined)[] | null {
  const pattern = compilePattern(source);
  if (pattern === undefined)
    onNote(`The pattern ${source.slice(0, 200)} cannot be evaluated here; it was taken not to match.`);
  return pattern?.(text)?.groups ?? null;
}

function locationFits({ name, args }: Directive, path: string, onNote: (note: string) => void): boolean {
  const [first = "", second] = args;
  if (name === "locationmatch") return patternGroups(first, path, onNote) !== null;
  if (first === "~" && second !== undefined) return patternGroups(second, path, onNote) !== null;
  return /[*?]/.test(first) ? matchesGlob(path, first) : prefixFits(first, path);
}

/** `Redirect [status] /path target`. */
function redirectFor(scope: Scope, path: string): Chosen | undefined {
  const words: Readonly<Record<string, number>> = { permanent: 301, temp: 302, seeother: 303, gone: 410 };
  for (const { name, args, source } of scope.flat()) {
    if (name !== "redirect" && name !== "redirectpermanent") continue;
    const [first = ""] = args;
    const hasStatus = !first.startsWith("/");
    const [from = "", target = ""] = hasStatus ? args.slice(1) : args;
    if (!prefixFits(from, path) && from !== "/") continue;
    const given = Object.hasOwn(words, first) ? words[first] : Number(first);
    const status = hasStatus ? given || 302 : name === "redirect" ? 302 : 301;
    return { kind: "local", what: `redirects to ${target}`, status, source };
  }
  return undefined;
}

/**
 * `SetHandler "proxy:…"`: Directory, then Files, then Location sections, each overriding the ones before. A path that
 * names no file is taken for one the front controller answers, as index.php with the usual rewrite rules.
 */
function handlerFor(scope: Scope, path: string, onNote: (note: string) => void): Chosen | undefined {
  const root = (setting(scope, "documentroot") ?? "").replace(/\/$/, "");
  const last = path.slice(path.lastIndexOf("/") + 1);
  const isRoute = !last.includes(".");
  const file = isRoute ? "index.php" : last;
  const directories = sectionsOf(scope, "directory", "directorymatch").filter((section) =>
    directoryFits(section, root + path, onNote),
  );
  const files = [
    ...sectionsOf(scope, "files", "filesmatch"),
    ...directories.flatMap(({ block }) => sectionsOf([block ?? []], "files", "filesmatch")),
  ];
  const locations = sectionsOf(scope, "location", "locationmatch").filter((section) =>
    locationFits(section, path, onNote),
  );
  const fitting = [
    ...directories,
    ...files.filter((section) => fileFits(section, file, onNote)),
    ...locations,
  ];
  let found:
    | { readonly worker: string; readonly section?: Directive; readonly source: SourceRef }
    | undefined;
  for (const { block, section } of [
    ...scope.map((block) => ({ block, section: undefined })),
    ...fitting.map((section) => ({ block: section.block ?? [], section })),
  ]) {
    for (const { name, args, source } of block) {
      const handler =
        name === "sethandler"
          ? (args[0] ?? "")
          : name === "addhandler" && args.slice(1).some((suffix) => file.endsWith(suffix))
            ? (args[0] ?? "")
            : undefined;
      if (handler === undefined) continue;
      found = handler.startsWith("proxy:")
        ? { worker: handler.slice("proxy:".length), ...(section && { section }), source }
        : undefined;
    }
  }
  if (found === undefined) return undefined;
  const { section, worker, source } = found;
  if (isRoute && section?.name.startsWith("files"))
    onNote(
      "Assumes that index.php below the document root answers this path (DirectoryIndex or rewrite rules).",
    );
  const text = section ? `<${section.name} ${section.args.join(" ")}> SetHandler` : "SetHandler";
  return { kind: "proxy", worker, parameters: [], text, source };
}

function directoryFits({ name, args }: Directive, path: string, onNote: (note: string) => void): boolean {
  const [first = "", second] = args;
  if (name === "directorymatch") return patternGroups(first, path, onNote) !== null;
  if (first === "~" && second !== undefined) return patternGroups(second, path, onNote) !== null;
  return first === "/" || prefixFits(first.replace(/\/$/, ""), path);
}

function fileFits({ name, args }: Directive, file: string, onNote: (note: string) => void): boolean {
  const [first = "", second] = args;
  if (name === "filesmatch") return patternGroups(first, file, onNote) !== null;
  if (first === "~" && second !== undefined) return patternGroups(second, file, onNote) !== null;
  return matchesGlob(file, first);
}
