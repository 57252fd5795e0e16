import { parsePort } from "../address.ts";
import type { DeclaredService, ParserInput, ProductParser } from "../parser.ts";
import { present } from "../present.ts";
import type { LogTarget, UpstreamAddress } from "../target.ts";
import { configFiles } from "./common/config-files.ts";
import { wholeNumber } from "./common/duration.ts";
import { lastValue, parseIni } from "./common/ini.ts";
import { ownServices } from "./common/own-services.ts";
import { errorLog } from "./mariadb/error-log.ts";

/** MariaDB and MySQL: all option files make one server. Source: mariadb.com/kb configuring-mariadb-with-option-files. */
export const mariadb: ProductParser = { services, errorLog };

const UNITS = ["mariadb.service", "mysql.service", "mysqld.service"];
const DEBIAN_SOCKET = "/run/mysqld/mysqld.sock";
const RHEL_SOCKET = "/var/lib/mysql/mysql.sock";

function services(input: ParserInput): readonly DeclaredService[] {
  const files = configFiles(input);
  if (files.length === 0) return [];
  const entries = files
    .flatMap(({ text }) => parseIni(text))
    .filter(({ name }) => isServerGroup(name))
    .flatMap((section) =>
      section.entries.map(({ key, value }) => ({ key: key.replaceAll("_", "-"), value })),
    );
  const value = (key: string) => lastValue(entries, key);
  const own = ownServices(input).map(({ unit }) => unit);
  const isDebian = files.some(({ path }) => path.startsWith("/etc/mysql/"));
  const dataDirectory = value("datadir") ?? "/var/lib/mysql";
  const log = value("log-error");
  return [
    present({
      unit: UNITS.find((name) => own.includes(name)) ?? own[0],
      addresses: [
        ...(value("skip-networking") === undefined
          ? tcpAddresses(value("bind-address") ?? "*", parsePort(value("port") ?? "") ?? 3306)
          : []),
        { kind: "unix" as const, path: value("socket") ?? (isDebian ? DEBIAN_SOCKET : RHEL_SOCKET) },
      ],
      logs: logTarget(log, dataDirectory),
      settings: present({ maxConnections: wholeNumber(value("max-connections")) ?? 151 }),
    }),
  ];
}

/** A look that kept single lines may have lost the headers: then all of it counts. */
function isServerGroup(name: string): boolean {
  if (name === "") return true;
  return ["mysqld", "server", "mariadb", "mariadbd"].includes(name) || /^(mysqld|mariadb)-\d/.test(name);
}

function tcpAddresses(bind: string, port: number): UpstreamAddress[] {
  return bind
    .split(",")
    .map((host) => host.trim())
    .filter((host) => host !== "")
    .map((host) => ({ kind: "tcp", host, port }));
}

/** Without a value the log goes to a file named after the host, which is not known here. */
function logTarget(log: string | undefined, dataDirectory: string): LogTarget[] {
  if (log === undefined || log === "") return [];
  return [{ kind: "file", path: log.startsWith("/") ? log : `${dataDirectory}/${log}` }];
}
