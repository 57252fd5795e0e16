import type { ParserInput } from "../../parser.ts";
import { splitFiles } from "../common/config-file.ts";
import { isPlainPath, matchesGlob } from "../common/glob.ts";
import { whyUnreadable } from "../common/why-unreadable.ts";
import { type Directive, parseConfig } from "./parse-config.ts";

/** The configuration as one tree: includes replaced, conditions decided, `${VAR}` filled in. */
export interface LoadedConfig {
  readonly main: readonly Directive[];
  readonly serverRoot: string;
  readonly notes: readonly string[];
}

const MAX_INCLUDES = 5000;
const MAX_DIRECTIVES = 300_000;
const MAX_VALUE_CHARS = 4096;

/** What Debian's envvars sets when the file itself was not read. */
const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ["APACHE_LOG_DIR", "/var/log/apache2"],
  ["APACHE_RUN_DIR", "/var/run/apache2"],
  ["APACHE_RUN_USER", "www-data"],
  ["APACHE_RUN_GROUP", "www-data"],
];

const MAIN_FILES = ["/etc/apache2/apache2.conf", "/etc/httpd/conf/httpd.conf", "/etc/apache2/httpd.conf"];

/** The configuration of one host's Apache; else why it cannot be known. */
export function loadConfig(input: ParserInput): LoadedConfig | { readonly why: string } {
  const listing = input.results.find(({ probe }) => probe === "apache.config-files");
  const vhosts =
    input.results.find(({ probe }) => probe === "apache.vhosts")?.output.slice(0, 64 * 1024) ?? "";
  const files = listing === undefined ? [] : splitFiles(listing.output);
  const complaints = testComplaints(vhosts);
  const paths = new Map(files.map(({ path, text }) => [path, text]));
  const mainPath =
    MAIN_FILES.find((path) => paths.has(path)) ??
    [...paths.keys()].find((path) => /\/(?:httpd|apache2)\.conf$/.test(path));
  if (mainPath === undefined) return { why: complaints[0] ?? whyUnreadable("Apache", listing) };

  const parsed = new Map<string, readonly Directive[]>();
  const treeOf = (path: string) => {
    const tree = parsed.get(path) ?? parseConfig(paths.get(path) ?? "", path);
    parsed.set(path, tree);
    return tree;
  };
  const tree = treeOf(mainPath);
  const serverRoot = tree.find(({ name }) => name === "serverroot")?.args[0] ?? defaultRoot(mainPath);
  const expander = createExpander({
    paths: [...paths.keys()].sort(),
    treeOf,
    serverRoot,
    defined: definitions(vhosts, paths),
  });
  const main = expander.expand(tree, [mainPath]);
  const truncation = listing?.truncated
    ? ["The configuration was longer than what is read; some virtual hosts may be missing."]
    : [];
  return { main, serverRoot, notes: [...complaints, ...truncation, ...expander.notes] };
}

interface ExpanderOptions {
  readonly paths: readonly string[];
  readonly treeOf: (path: string) => readonly Directive[];
  readonly serverRoot: string;
  /** Variables and defines so far. */
  readonly defined: Map<string, string>;
}

function createExpander({ paths, treeOf, serverRoot, defined }: ExpanderOptions) {
  const notes = new Set<string>();
  let includes = 0;
  let seen = 0;

  function fill(text: string): string {
    if (!text.includes("${")) return text;
    return text
      .replace(/\$\{([^}]{1,100})\}/g, (whole, name: string) => defined.get(name) ?? whole)
      .slice(0, MAX_VALUE_CHARS);
  }

  function included(directive: Directive, open: readonly string[]): readonly Directive[] {
    const written = fill(directive.args[0] ?? "").replace(/\/$/, "/*");
    const glob = written.startsWith("/") ? written : `${serverRoot}/${written}`;
    const matching = paths.filter((path) => matchesGlob(path, glob));
    if (matching.length === 0 && directive.name === "include" && isPlainPath(glob)) {
      notes.add(
        `${directive.source.file}:${directive.source.line} includes ${glob}, which was not among the files read.`,
      );
    }
    return matching.flatMap((path) => {
      includes += 1;
      return open.includes(path) || open.length > 20 || includes > MAX_INCLUDES
        ? []
        : expand(treeOf(path), [...open, path]);
    });
  }

  function expand(list: readonly Directive[], open: readonly string[]): readonly Directive[] {
    return list.flatMap((directive): readonly Directive[] => {
      seen += 1;
      if (seen > MAX_DIRECTIVES) return [];
      const { name, args, block } = directive;
      if (name === "include" || name === "includeoptional") return included(directive, open);
      if (name === "define") defined.set(args[0] ?? "", fill(args[1] ?? ""));
      if (name === "undefine") defined.delete(args[0] ?? "");
      if (name === "use")
        notes.add(
          `${directive.source.file}:${directive.source.line} uses a macro, which is not expanded here.`,
        );
      if (block === undefined) return [{ ...directive, args: args.map(fill) }];
      if (name === "macro") return [];
      if (CONDITIONS.has(name)) return holds(name, fill(args[0] ?? "")) ? expand(block, open) : [];
      return [{ ...directive, args: args.map(fill), block: expand(block, open) }];
    });
  }

  /** Modules, files and versions are taken to be there: configurations name what is installed. */
  function holds(name: string, written: string): boolean {
    const isNegated = written.startsWith("!");
    const isTrue = name !== "ifdefine" || defined.has(isNegated ? written.slice(1) : written);
    return isNegated ? !isTrue : isTrue;
  }

  return { expand, notes };
}

const CONDITIONS: ReadonlySet<string> = new Set([
  "ifmodule",
  "ifdefine",
  "ifversion",
  "iffile",
  "ifdirective",
  "ifsection",
]);

/** envvars, and what `apachectl -S` lists as defined. */
function definitions(vhosts: string, files: ReadonlyMap<string, string>): Map<string, string> {
  const defined = new Map(ENVIRONMENT);
  for (const [, name = "", value = ""] of (files.get("/etc/apache2/envvars") ?? "")
    .slice(0, 64 * 1024)
    .matchAll(/^(?:export )?([A-Z_]{1,60})=(\S{0,300})/gm)) {
    // the suffix of second instances is empty for the main one
    defined.set(name, value.replaceAll("$SUFFIX", "").replace(/^"|"$/g, ""));
  }
  for (const [, name = "", value = ""] of vhosts.matchAll(/^Define: ([^\s=]{1,100})(?:=(.{0,300}))?$/gm))
    defined.set(name, value);
  return defined;
}

function testComplaints(output: string): string[] {
  const found: string[] = [];
  const lines = output.split("\n");
  for (const [index, line] of lines.entries()) {
    // `AH00526: Syntax error on line 3 of /etc/…:` and the reason on the next line
    if (line.includes("Syntax error on line") || line.includes("Could not open configuration file")) {
      found.push(`Apache refuses this configuration: ${line} ${lines[index + 1] ?? ""}`.trim().slice(0, 500));
    }
  }
  return found.slice(0, 10);
}

function defaultRoot(mainPath: string): string {
  return mainPath.startsWith("/etc/httpd/") ? "/etc/httpd" : mainPath.slice(0, mainPath.lastIndexOf("/"));
}
