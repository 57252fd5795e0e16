import { parseAddress } from "../address.ts";
import { plainGrammar } from "../log-grammars.ts";
import type { DeclaredService, ParserInput, ProductParser } from "../parser.ts";
import { present } from "../present.ts";
import type { LogTarget, UnitState, UpstreamAddress } from "../target.ts";
import { optionValues } from "./common/command-options.ts";
import { configFiles } from "./common/config-files.ts";
import { wholeNumber } from "./common/duration.ts";
import { parseIni } from "./common/ini.ts";
import { ownServices } from "./common/own-services.ts";
import { shellWords } from "./common/shell-words.ts";

/** uWSGI: one service an ini file, or a unit that has all on its command line. Source: unbit/uwsgi core/init.c, uwsgi-docs Options. */
export const uwsgi: ProductParser = { services, errorLog: plainGrammar };

const SOCKET_KEYS = ["socket", "uwsgi-socket", "http", "http-socket", "http-router", "fastcgi-socket", "s"];
const LOG_KEYS = ["logto", "logto2", "daemonize", "logger"];
const DEFAULT_BACKLOG = 100;
const DEBIAN_APPS = "/etc/uwsgi/apps-enabled/";

type Option = { readonly key: string; readonly value: string };

function services(input: ParserInput): readonly DeclaredService[] {
  const units = ownServices(input);
  const files = configFiles(input).filter(({ path }) => path.endsWith(".ini"));
  const fromFiles = files.flatMap(({ path, text }) => {
    const options = parseIni(text)
      .filter(({ name }) => name === "uwsgi" || name === "")
      .flatMap(({ entries }) => entries.map(({ key, value }) => ({ key, value: fillPlaces(value, path) })));
    const unit = unitOf(path, units);
    // an app that is available and started by nothing serves nobody
    return unit === undefined ? [] : [declare(options, { unit, path })];
  });
  const declared = new Set(fromFiles.map(({ unit }) => unit));
  const fromCommands = units
    .filter(({ unit }) => !declared.has(unit))
    .map(({ unit, execStart }) => declare(optionsOf(shellWords(execStart)), { unit, path: undefined }))
    .filter(({ addresses }) => addresses.length > 0);
  return [...fromFiles, ...fromCommands];
}

/** The unit whose command names the file or its directory; Debian's one service for all enabled apps. */
function unitOf(path: string, units: readonly UnitState[]): string | undefined {
  const directory = path.slice(0, path.lastIndexOf("/"));
  // Debian's per-app units name the file behind the link
  const available = path.replace(DEBIAN_APPS, "/etc/uwsgi/apps-available/");
  const names = (command: string) =>
    shellWords(command).some((word) => word === path || word === available || word === directory);
  const named = units.find(({ execStart }) => names(execStart));
  return named?.unit ?? (path.startsWith(DEBIAN_APPS) ? "uwsgi.service" : undefined);
}

function declare(
  options: readonly Option[],
  { unit, path }: { readonly unit: string; readonly path: string | undefined },
): DeclaredService {
  const last = (...keys: string[]) => options.findLast(({ key }) => keys.includes(key))?.value;
  const harakiri = wholeNumber(last("harakiri"));
  const isDebianApp = path?.startsWith(DEBIAN_APPS) === true;
  return present({
    unit,
    part: path === undefined ? undefined : baseName(path),
    addresses: [...socketsOf(options), ...(isDebianApp ? debianSocket(path) : [])],
    logs: [...logsOf(options), ...(isDebianApp ? debianLog(path) : [])],
    settings: present({
      maxWorkers: wholeNumber(last("processes", "workers", "p")) ?? 1,
      requestTimeoutMs: harakiri === undefined ? undefined : harakiri * 1000,
      backlog: wholeNumber(last("listen", "l")) ?? DEFAULT_BACKLOG,
      maxHeaderBytes: wholeNumber(last("buffer-size", "b")) ?? 4096,
    }),
  });
}

function socketsOf(options: readonly Option[]): UpstreamAddress[] {
  return options
    .filter(({ key }) => SOCKET_KEYS.includes(key))
    .flatMap(({ value }) => parseAddress(value) ?? []);
}

function logsOf(options: readonly Option[]): LogTarget[] {
  return options
    .filter(({ key, value }) => LOG_KEYS.includes(key) && value.startsWith("/"))
    .map(({ value }) => ({ kind: "file", path: value }));
}

/** What Debian's default.ini adds to each app. */
function debianSocket(path: string): UpstreamAddress[] {
  return [{ kind: "unix", path: `/run/uwsgi/app/${baseName(path)}/socket` }];
}

function debianLog(path: string): LogTarget[] {
  return [{ kind: "file", path: `/var/log/uwsgi/app/${baseName(path)}.log` }];
}

function optionsOf(words: readonly string[]): Option[] {
  const keys = [
    ...SOCKET_KEYS,
    ...LOG_KEYS,
    "processes",
    "workers",
    "p",
    "harakiri",
    "listen",
    "l",
    "buffer-size",
  ];
  return keys.flatMap((key) =>
    optionValues(words, key.length === 1 ? `-${key}` : `--${key}`).map((value) => ({ key, value })),
  );
}

/** `%n` is the file's name without extension, `%d` its directory. */
function fillPlaces(value: string, path: string): string {
  return value.replaceAll("%n", baseName(path)).replaceAll("%d", path.slice(0, path.lastIndexOf("/") + 1));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.ini$/, "");
}
