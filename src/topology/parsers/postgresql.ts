import { parsePort } from "../address.ts";
import type { DeclaredService, ParserInput, ProductParser } from "../parser.ts";
import { present } from "../present.ts";
import type { LogTarget, UpstreamAddress } from "../target.ts";
import type { ConfigFile } from "./common/config-file.ts";
import { configFiles } from "./common/config-files.ts";
import { wholeNumber } from "./common/duration.ts";
import { ownServices } from "./common/own-services.ts";
import { errorLog } from "./postgresql/error-log.ts";

/** PostgreSQL: one server a cluster. Source: postgresql.org runtime-config-connection, Debian postgresql-common. */
export const postgresql: ProductParser = { services, errorLog };

function services(input: ParserInput): readonly DeclaredService[] {
  const own = ownServices(input).map(({ unit }) => unit);
  return configFiles(input)
    .filter(({ path }) => path.endsWith("/postgresql.conf"))
    .map((file) => readCluster(file, own));
}

function readCluster({ path, text }: ConfigFile, own: readonly string[]): DeclaredService {
  const values = settingsOf(text);
  const port = parsePort(values.get("port") ?? "") ?? 5432;
  const [, version, cluster] =
    /^\/etc\/postgresql\/(\d{1,2}(?:\.\d)?)\/([A-Za-z0-9_-]{1,60})\//.exec(path) ?? [];
  const isDebian = version !== undefined && cluster !== undefined;
  const directory = values.get("unix_socket_directories")?.split(",")[0]?.trim();
  const sockets = directory ?? (isDebian ? "/run/postgresql" : "/tmp");
  const logs: LogTarget[] = isDebian
    ? [{ kind: "file", path: `/var/log/postgresql/postgresql-${version}-${cluster}.log` }]
    : [];
  return present({
    unit: isDebian ? `postgresql@${version}-${cluster}.service` : own.find((name) => !name.includes("@")),
    addresses: [
      ...tcpAddresses(values.get("listen_addresses") ?? "localhost", port),
      ...(sockets === "" ? [] : [{ kind: "unix" as const, path: `${sockets}/.s.PGSQL.${port}` }]),
    ],
    logs,
    settings: { maxConnections: wholeNumber(values.get("max_connections")) ?? 100 },
  });
}

function tcpAddresses(list: string, port: number): UpstreamAddress[] {
  return list
    .split(",")
    .map((host) => host.trim())
    .filter((host) => host !== "")
    .map((host) => ({ kind: "tcp", host, port }));
}

/** `name = 'value'  # comment`; the equals sign may be missing, later lines win. */
function settingsOf(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    const name = /^[a-z_]{1,60}/.exec(line)?.[0];
    if (name === undefined) continue;
    const rest = line.slice(name.length).trimStart();
    const value = (rest.startsWith("=") ? rest.slice(1) : rest).trimStart();
    const quoted = value.startsWith("'") ? value.slice(1, Math.max(value.indexOf("'", 1), 1)) : undefined;
    values.set(name, quoted ?? (value.split("#", 1)[0] ?? "").trim());
  }
  return values;
}
