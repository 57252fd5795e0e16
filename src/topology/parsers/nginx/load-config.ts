import type { ProbeResult } from "../../../playbook/probe-result.ts";
import type { ParserInput } from "../../parser.ts";
import { type ConfigFile, splitAtMarkers, splitFiles } from "../common/config-file.ts";
import { isPlainPath, matchesGlob } from "../common/glob.ts";
import { whyUnreadable } from "../common/why-unreadable.ts";
import { type Directive, parseConfig } from "./parse-config.ts";

/** The live configuration as one tree: every include replaced by what it includes. */
export interface LoadedConfig {
  readonly main: readonly Directive[];
  readonly notes: readonly string[];
}

/** An include that includes itself twice doubles at every level; no honest configuration comes near these. */
const MAX_INCLUDES = 5000;
const MAX_DIRECTIVES = 300_000;
const MAX_INCLUDE_DEPTH = 20;

/**
 * The configuration nginx runs with, from its own dump or else from its files; else why it cannot be known. The dump is of the file nginx would
 * read by itself: nothing is to be learned from it about one that was started with another.
 */
export function loadConfig(input: ParserInput): LoadedConfig | { readonly why: string } {
  const named = namedByMaster(input);
  const dump = input.results.find((result) => result.probe === "nginx.config");
  const dumped = dump === undefined ? [] : splitAtMarkers(dump.output, dumpMarker);
  const complaints = dump === undefined ? [] : testComplaints(dump.output);
  const isOther = named?.startsWith("/") === true && dumped.length > 0 && named !== dumped[0]?.path;
  if (dump !== undefined && dumped.length > 0 && !(isOther && !dump.truncated)) {
    // the first file of a dump is the main one, unless its beginning was cut off
    const main = dump.truncated ? (mainFile(dumped) ?? dumped[0]) : dumped[0];
    return assemble(dumped, main, [...complaints, ...truncationNote(dump)]);
  }
  const listing = input.results.find((result) => result.probe === "nginx.config-files");
  const files = listing === undefined ? [] : splitFiles(listing.output);
  const ran = files.find(({ path }) => path === named);
  if (isOther && ran === undefined)
    return { why: `nginx was started with -c ${named}, which was not among the files read` };
  const main = ran ?? mainFile(files);
  if (listing === undefined || main === undefined)
    return { why: complaints[0] ?? whyUnreadable("nginx", dump ?? listing) };
  const readFromFiles =
    "The configuration was read from its files, which may differ from what the running nginx has loaded.";
  return assemble(files, main, [...complaints, readFromFiles, ...truncationNote(listing)]);
}

function assemble(
  files: readonly ConfigFile[],
  main: ConfigFile | undefined,
  notes: readonly string[],
): LoadedConfig {
  const parsed = new Map<string, readonly Directive[]>();
  const found = [...notes];
  for (const { path, text } of files) {
    if (parsed.has(path)) continue;
    const { directives, problems } = parseConfig(text, path);
    parsed.set(path, directives);
    found.push(...problems);
  }
  const mainPath = main?.path ?? "";
  const includer = createIncluder(parsed, mainPath.slice(0, mainPath.lastIndexOf("/")));
  const expanded = includer.expand(parsed.get(mainPath) ?? [], [mainPath]);
  return { main: expanded, notes: [...found, ...includer.notes] };
}

/** nginx resolves relative includes against the directory of its main file. */
function createIncluder(parsed: ReadonlyMap<string, readonly Directive[]>, folder: string) {
  const paths = [...parsed.keys()].sort();
  const notes = new Set<string>();
  let includes = 0;
  let directives = 0;

  function included({ args: [glob = ""], source }: Directive, open: readonly string[]): readonly Directive[] {
    const absolute = glob.startsWith("/") ? glob : `${folder}/${glob}`;
    const isPlain = isPlainPath(absolute);
    const matching = isPlain
      ? [absolute].filter((path) => parsed.has(path))
      : paths.filter((path) => matchesGlob(path, absolute));
    if (isPlain && matching.length === 0) {
      notes.add(`${source.file}:${source.line} includes ${absolute}, which was not among the files read.`);
    }
    return matching.flatMap((path) => {
      includes += 1;
      if (open.includes(path) || open.length > MAX_INCLUDE_DEPTH || includes > MAX_INCLUDES) return [];
      return expand(parsed.get(path) ?? [], [...open, path]);
    });
  }

  function expand(list: readonly Directive[], open: readonly string[]): readonly Directive[] {
    if (directives > MAX_DIRECTIVES) return [];
    directives += list.length;
    return list.flatMap((directive) => {
      if (directive.name === "include" && directive.block === undefined) return included(directive, open);
      return directive.block === undefined
        ? [directive]
        : [{ ...directive, block: expand(directive.block, open) }];
    });
  }

  return { expand, notes };
}

function dumpMarker(line: string): string | undefined {
  const prefix = "# configuration file /";
  return line.startsWith(prefix) && line.endsWith(":") ? line.slice(prefix.length - 1, -1) : undefined;
}

/** What the configuration test said: errors and warnings, without the reassurances. */
function testComplaints(output: string): string[] {
  const complaints: string[] = [];
  for (const line of output.slice(0, 64 * 1024).split("\n")) {
    if (line.startsWith("# configuration file ")) break;
    // before its log is open nginx says `nginx: [emerg] …`, afterwards `2026/11/20 03:12:09 [emerg] 1#1: …`
    const found =
      /^(?:nginx:|\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d) \[(emerg|alert|warn)\] (?:\d{1,10}#\d{1,10}: )?(.{1,500})/.exec(
        line,
      );
    if (found)
      complaints.push(
        `${found[1] === "emerg" ? "nginx refuses this configuration" : "nginx warns"}: ${found[2]}`,
      );
  }
  return complaints.slice(0, 20);
}

function truncationNote({ truncated }: ProbeResult): string[] {
  return truncated
    ? ["The configuration was longer than what is read; some server blocks may be missing."]
    : [];
}

/** `nginx: master process /usr/sbin/nginx -c /etc/other.conf` names the file it was started with. */
function namedByMaster({ processes }: ParserInput): string | undefined {
  const master = processes.find(({ args }) => args.startsWith("nginx: master process"));
  const words = master?.args.split(" ") ?? [];
  const flag = words.indexOf("-c");
  return flag < 0 ? undefined : words[flag + 1];
}

function mainFile(files: readonly ConfigFile[]): ConfigFile | undefined {
  return (
    files.find(({ path }) => path === "/etc/nginx/nginx.conf") ??
    files.find(({ path }) => path.endsWith("/nginx.conf"))
  );
}
