import { parseAddress } from "../address.ts";
import { plainGrammar } from "../log-grammars.ts";
import type { DeclaredService, ParserInput, ProductParser } from "../parser.ts";
import { present } from "../present.ts";
import type { UnitState, UpstreamAddress } from "../target.ts";
import { optionValue, optionValues } from "./common/command-options.ts";
import { configFiles } from "./common/config-files.ts";
import { wholeNumber } from "./common/duration.ts";
import { ownServices } from "./common/own-services.ts";
import { shellWords } from "./common/shell-words.ts";

/** Puma: a running one names its addresses in its process title; else command line and config/puma.rb do. Source: puma lib/puma/dsl.rb, runner.rb. */
export const puma: ProductParser = { services, errorLog: plainGrammar };

const DEFAULT_THREADS = 5;
const DEFAULT_BACKLOG = 1024;

function services(input: ParserInput): readonly DeclaredService[] {
  const files = configFiles(input).filter(({ path }) => path.endsWith(".rb"));
  const units = ownServices(input);
  return units.map((unit) => {
    const words = shellWords(unit.execStart);
    const named = optionValue(words, "-C", "--config");
    const config =
      files.find(({ path }) => named !== undefined && path.endsWith(`/${named.replace(/^\.?\//, "")}`)) ??
      (units.length === 1 && files.length === 1 ? files[0] : undefined);
    const directives = directivesOf(config?.text ?? "");
    const last = (name: string) => directives.findLast((directive) => directive.name === name)?.words;
    const title = titleOf(input, unit);
    const threads = optionValue(words, "-t", "--threads")?.split(":").at(-1) ?? last("threads")?.at(-1);
    const workers = wholeNumber(optionValue(words, "-w", "--workers") ?? last("workers")?.[0]) ?? 0;
    return {
      unit: unit.unit,
      addresses: title.addresses.length > 0 ? title.addresses : declaredAddresses(words, directives),
      logs: [],
      settings: present({
        maxWorkers: Math.max(workers, 1) * (wholeNumber(threads) ?? DEFAULT_THREADS),
        backlog: DEFAULT_BACKLOG,
        keepaliveMs: title.major === undefined ? undefined : title.major >= 7 ? 65_000 : 20_000,
      }),
    };
  });
}

/** `puma 6.4.2 (tcp://0.0.0.0:3000,unix:///run/app.sock) [app]`. */
function titleOf(
  { processes }: ParserInput,
  { unit }: UnitState,
): { readonly addresses: UpstreamAddress[]; readonly major?: number } {
  const args =
    processes.find((process) => process.unit === unit && process.args.startsWith("puma "))?.args ?? "";
  const open = args.indexOf(" (");
  const close = args.indexOf(")", open);
  if (open < 0 || close < 0) return { addresses: [] };
  const major = Number.parseInt(args.slice("puma ".length), 10);
  return present({
    addresses: args
      .slice(open + 2, close)
      .split(",")
      .flatMap(parseBind),
    major: Number.isSafeInteger(major) ? major : undefined,
  });
}

interface Directive {
  readonly name: string;
  readonly words: readonly string[];
}

function declaredAddresses(words: readonly string[], directives: readonly Directive[]): UpstreamAddress[] {
  const binds = [
    ...optionValues(words, "-b", "--bind"),
    ...directives.filter(({ name }) => name === "bind").map((directive) => directive.words[0] ?? ""),
  ];
  const ports = [
    ...optionValues(words, "-p", "--port"),
    ...directives.filter(({ name }) => name === "port").map((directive) => directive.words.at(-1) ?? ""),
  ];
  return [...binds.flatMap(parseBind), ...ports.flatMap((port) => parseAddress(port) ?? [])];
}

/** `tcp://0.0.0.0:3000?backlog=64`, `ssl://…`, `unix:///run/app.sock`. */
function parseBind(bind: string): UpstreamAddress[] {
  const scheme = bind.indexOf("://");
  const rest = (scheme < 0 ? bind : bind.slice(scheme + 3)).split("?", 1)[0] ?? "";
  const address = parseAddress(rest);
  return address === undefined ? [] : [address];
}

/** Lines such as `port ENV.fetch("PORT") { 3000 }`: the name, and the words that are plain values. */
function directivesOf(text: string): Directive[] {
  return text.split("\n").flatMap((raw) => {
    const line = (raw.split("#", 1)[0] ?? "").trim();
    const name = /^(bind|port|threads|workers|worker_timeout)\b/.exec(line)?.[1];
    if (name === undefined) return [];
    const words = line
      .slice(name.length)
      .split(/[\s,(){}"']/)
      .filter((word) => /^([0-9]|tcp:|ssl:|unix:|\/)/.test(word));
    return words.length === 0 ? [] : [{ name, words }];
  });
}
