import { parsePort } from "../address.ts";
import type { DeclaredService, ParserInput, ProductParser } from "../parser.ts";
import { present } from "../present.ts";
import type { LogTarget, UpstreamAddress } from "../target.ts";
import type { ConfigFile } from "./common/config-file.ts";
import { configFiles } from "./common/config-files.ts";
import { wholeNumber } from "./common/duration.ts";
import { ownServices } from "./common/own-services.ts";
import { shellWords } from "./common/shell-words.ts";
import { errorLog } from "./redis/error-log.ts";

/** Redis and Valkey: one server a configuration file. Source: redis.conf. */
export const redis: ProductParser = { services, errorLog };

function services(input: ParserInput): readonly DeclaredService[] {
  const own = ownServices(input).filter(({ execStart }) => !execStart.includes("sentinel"));
  return configFiles(input)
    .filter(({ path }) => path.endsWith(".conf") && !path.includes("sentinel"))
    .map((file) => {
      const named = own.find(({ execStart }) => shellWords(execStart).includes(file.path));
      return readServer(file, (named ?? (own.length === 1 ? own[0] : undefined))?.unit);
    });
}

function readServer({ text }: ConfigFile, unit: string | undefined): DeclaredService {
  const values = directivesOf(text);
  const value = (name: string) => values.get(name)?.[0];
  const port = value("port") === "0" ? undefined : (parsePort(value("port") ?? "") ?? 6379);
  const socket = value("unixsocket");
  const log = value("logfile") ?? "";
  const logs: LogTarget[] = log.startsWith("/") ? [{ kind: "file", path: log }] : [];
  return present({
    unit,
    addresses: [
      ...(port === undefined ? [] : tcpAddresses(values.get("bind") ?? ["*"], port)),
      ...(socket === undefined ? [] : [{ kind: "unix" as const, path: socket }]),
    ],
    logs,
    settings: { maxConnections: wholeNumber(value("maxclients")) ?? 10_000 },
  });
}

/** A leading dash means: no error when the address is not there. */
function tcpAddresses(hosts: readonly string[], port: number): UpstreamAddress[] {
  return hosts.map((host) => ({ kind: "tcp", host: host.startsWith("-") ? host.slice(1) : host, port }));
}

function directivesOf(text: string): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, readonly string[]>();
  for (const line of text.split("\n")) {
    const [name, ...words] = shellWords(line.trim());
    if (name !== undefined && !name.startsWith("#")) values.set(name.toLowerCase(), words);
  }
  return values;
}
