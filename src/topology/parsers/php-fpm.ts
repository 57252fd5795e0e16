import { parseAddress } from "../address.ts";
import type { DeclaredService, ParserInput, ProductParser } from "../parser.ts";
import { present } from "../present.ts";
import type { LogTarget, UpstreamAddress } from "../target.ts";
import type { ConfigFile } from "./common/config-file.ts";
import { configFiles } from "./common/config-files.ts";
import { durationMs, wholeNumber } from "./common/duration.ts";
import { type IniSection, lastValue, parseIni } from "./common/ini.ts";
import { errorLog } from "./php-fpm/error-log.ts";

/** PHP-FPM: each pool is a part of its version's unit. Source: php-src sapi/fpm/www.conf.in, php-fpm.conf.in. */
export const phpFpm: ProductParser = { services, errorLog };

/** The files of one installed version. */
interface Installation {
  /** Directory that tells the version, for example `/etc/php/8.2`. */
  readonly root: string;
  readonly unit?: string;
  readonly sections: readonly IniSection[];
}

const DEFAULT_BACKLOG = 511;
const DEFAULT_MAX_CHILDREN = 5;

function services(input: ParserInput): readonly DeclaredService[] {
  const installations = installationsOf(configFiles(input));
  const newest = installations.findLast(
    ({ unit }) => unit?.startsWith("php") && unit.endsWith("-fpm.service"),
  );
  return installations.flatMap((installation) => {
    const logs = globalLogs(installation);
    return installation.sections
      .filter(({ name }) => name !== "" && name !== "global")
      .flatMap((pool) => {
        const service = readPool(pool, { installation, logs });
        if (service === undefined) return [];
        return installation === newest ? [withAlternative(service)] : [service];
      });
  });
}

function installationsOf(files: readonly ConfigFile[]): Installation[] {
  const byRoot = new Map<string, ConfigFile[]>();
  for (const file of files) {
    const root = rootOf(file.path);
    byRoot.set(root, [...(byRoot.get(root) ?? []), file]);
  }
  return [...byRoot]
    .toSorted(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))
    .map(([root, own]) =>
      present({ root, unit: unitOf(root), sections: own.flatMap(({ text }) => parseIni(text)) }),
    );
}

/** `/etc/php/8.2/fpm/pool.d/www.conf` → `/etc/php/8.2`; `/etc/php-fpm.d/www.conf` → `/etc`. */
function rootOf(path: string): string {
  for (const marker of ["/fpm/", "/php-fpm.d/", "/php-fpm.conf"]) {
    const at = path.indexOf(marker);
    if (at > 0) return path.slice(0, at);
  }
  return path.slice(0, path.lastIndexOf("/"));
}

/** The unit a distribution gives that directory: Debian, RHEL and SUSE, Remi's collections. */
function unitOf(root: string): string | undefined {
  const debian = /^\/etc\/php\/(\d{1,2}\.\d{1,2})$/.exec(root);
  if (debian) return `php${debian[1]}-fpm.service`;
  const remi = /^\/etc\/opt\/remi\/(php\d{2,3})$/.exec(root);
  if (remi) return `${remi[1]}-php-fpm.service`;
  return root === "/etc" || /^\/etc\/php\d{0,2}$/.test(root) ? "php-fpm.service" : undefined;
}

function globalLogs({ sections }: Installation): LogTarget[] {
  const global = sections.filter(({ name }) => name === "global").flatMap(({ entries }) => entries);
  const log = lastValue(global, "error_log");
  if (log === "syslog") return [{ kind: "syslog", tag: lastValue(global, "syslog.ident") ?? "php-fpm" }];
  return log?.startsWith("/") && !log.startsWith("/proc/") ? [{ kind: "file", path: log }] : [];
}

function readPool(
  pool: IniSection,
  { installation, logs }: { readonly installation: Installation; readonly logs: readonly LogTarget[] },
): DeclaredService | undefined {
  const value = (key: string) => lastValue(pool.entries, key)?.replaceAll("$pool", pool.name);
  const address = parseAddress(value("listen") ?? "");
  if (address === undefined) return undefined;
  const slowLog = value("slowlog");
  return present({
    unit: installation.unit,
    part: pool.name,
    addresses: [address],
    logs: slowLog?.startsWith("/") ? [...logs, { kind: "file" as const, path: slowLog }] : logs,
    settings: present({
      maxWorkers: wholeNumber(value("pm.max_children")) ?? DEFAULT_MAX_CHILDREN,
      requestTimeoutMs: durationMs(value("request_terminate_timeout"), "s") ?? 0,
      backlog: wholeNumber(value("listen.backlog")) ?? DEFAULT_BACKLOG,
    }),
  });
}

/** Debian links `/run/php/php-fpm.sock` to the default pool of the newest version, through /etc/alternatives. */
function withAlternative(service: DeclaredService): DeclaredService {
  const [own] = service.addresses;
  if (service.part !== "www" || own?.kind !== "unix" || !own.path.startsWith("/run/php/")) return service;
  const link: UpstreamAddress = { kind: "unix", path: "/run/php/php-fpm.sock" };
  return own.path === link.path ? service : { ...service, addresses: [own, link] };
}
