import { dirname } from "node:path";
import type {
  AlertSourceConfig,
  Config,
  HostConfig,
  ModelConfig,
  SecretReference,
  ServiceConfig,
  SiteConfig,
} from "./config.ts";
import { ConfigError } from "./config-error.ts";
import { type ConfigDocument, ConfigSchema } from "./config-schema.ts";
import { readHostSpec } from "./host-spec.ts";
import { DEFAULT_LISTEN, readListenAddress } from "./listen-address.ts";
import { nearestName } from "./nearest-name.ts";
import { type ParsedYaml, parseYaml } from "./parse-yaml.ts";
import { resolvePath } from "./resolve-path.ts";

const MINUTE_MS = 60_000;

type HostDocument = NonNullable<ConfigDocument["hosts"]>[string];
type SiteDocument = NonNullable<ConfigDocument["sites"]>[string];

/**
 * The text of `diagnose502.yaml` → Config; `file` is its absolute path, `home` what `~` stands for.
 * @throws {ConfigError} naming each problem with `file:line:column`.
 */
export function parseConfig(text: string, options: { readonly file: string; readonly home: string }): Config {
  const { file, home } = options;
  const parsed = parseYaml(text, { file, schema: ConfigSchema });
  checkReferences(parsed);
  const absolute = (path: string) => resolvePath(path, { home, directory: dirname(file) });
  const reading: Reading = { absolute, placeOf: parsed.placeOf };
  const { hosts = {}, sites = {}, chat, alerts = {}, web, model, neverRestart = [] } = parsed.value;
  return {
    file,
    hosts: Object.entries(hosts).map(([name, host]) => makeHost(name, host, reading)),
    sites: Object.entries(sites).map(([name, site]) => makeSite(name, site)),
    chat: { slack: chat?.slack ?? {}, ...(chat?.discord === undefined ? {} : { discord: chat.discord }) },
    alerts: Object.entries(alerts).map(([name, source]) => makeAlertSource(name, source, reading)),
    web: {
      listen: readListenAddress(web?.listen ?? "") ?? DEFAULT_LISTEN,
      ...(web?.publicUrl === undefined ? {} : { publicUrl: new URL(web.publicUrl).origin }),
    },
    ...(model === undefined ? {} : { model: makeModel(model, reading) }),
    neverRestart,
  };
}

interface Reading extends Pick<ParsedYaml<ConfigDocument>, "placeOf"> {
  absolute(path: string): string;
}

type AlertsDocument = NonNullable<ConfigDocument["alerts"]>[string];

function makeAlertSource(
  name: string,
  { mapping, site, ...given }: AlertsDocument,
  reading: Reading,
): AlertSourceConfig {
  const path = ["alerts", name];
  const proof = makeProof(given, { path, reading });
  const isFile = mapping.includes("/") || /\.ya?ml$/.test(mapping);
  return {
    name,
    mapping: isFile ? reading.absolute(mapping) : mapping,
    proof,
    ...(site === undefined ? {} : { site }),
    places: {
      mapping: reading.placeOf([...path, "mapping"]),
      proof: reading.placeOf([...path, proof.kind]),
    },
  };
}

/** The schema has seen to it that exactly one is there. */
function makeProof(
  { token, basic, header, hmac = {} }: Omit<AlertsDocument, "mapping" | "site">,
  { path, reading }: { readonly path: readonly string[]; readonly reading: Reading },
): AlertSourceConfig["proof"] {
  const secret = (value: SecretDocument, ...keys: readonly string[]) =>
    makeSecret(value, { path: [...path, ...keys], reading });
  if (token) return { kind: "token", token: secret(token, "token") };
  if (basic)
    return { kind: "basic", user: basic.user, password: secret(basic.password, "basic", "password") };
  if (header) return { kind: "header", name: header.name, value: secret(header.value, "header", "value") };
  return { kind: "hmac", key: secret(hmac, "hmac") };
}

const MODEL_REQUESTS_PER_DAY = 200;

function makeModel(
  {
    key,
    requestsPerDay = MODEL_REQUESTS_PER_DAY,
    showHostNames = false,
    ...rest
  }: NonNullable<ConfigDocument["model"]>,
  reading: Reading,
): ModelConfig {
  return {
    ...rest,
    requestsPerDay,
    showHostNames,
    ...(key === undefined ? {} : { key: makeSecret(key, { path: ["model", "key"], reading }) }),
  };
}

function makeHost(name: string, host: HostDocument, reading: Reading): HostConfig {
  const { local, address = name, identityFile = [], passphrase, ...rest } = host;
  if (local) return { kind: "local", name };
  return {
    kind: "ssh",
    name,
    address,
    ...rest,
    identityFiles: identityFile.map(reading.absolute),
    ...(passphrase === undefined
      ? {}
      : { passphrase: makeSecret(passphrase, { path: ["hosts", name, "passphrase"], reading }) }),
  };
}

interface SecretDocument {
  readonly file?: string;
  readonly env?: string;
}

function makeSecret(
  { file, env = "" }: SecretDocument,
  { path, reading }: { readonly path: readonly string[]; readonly reading: Reading },
): SecretReference {
  const place = reading.placeOf(path);
  return file === undefined ? { env, place } : { file: reading.absolute(file), place };
}

function makeSite(name: string, site: SiteDocument): SiteConfig {
  const { url, proxy, upstream = [], edge, service, dependencies = [], approvers, channel = {} } = site;
  const { selfApproval = true, approvals = 1, expireAfter = 15 * MINUTE_MS } = site.approval ?? {};
  const { resetStartBudget = false, coolDown = 10 * MINUTE_MS, soak = 30_000 } = site.restart ?? {};
  return {
    name,
    url: new URL(url).href,
    proxies: proxy,
    upstreams: upstream,
    ...(edge === undefined ? {} : { edge }),
    ...(service === undefined ? {} : { service: makeService(service) }),
    dependencies,
    approvers: {
      slack: approvers?.slack ?? [],
      discord: approvers?.discord ?? [],
      console: approvers?.console ?? [],
    },
    approval: { selfApproval, approvals, expireAfterMs: expireAfter },
    restart: { resetStartBudget, coolDownMs: coolDown, soakMs: soak },
    channel,
  };
}

function makeService(service: NonNullable<SiteDocument["service"]>): ServiceConfig {
  const { systemd, pm2, compose, supervisor, docker = "" } = service;
  if (systemd !== undefined) return { kind: "systemd", unit: systemd };
  if (typeof pm2 === "string") return { kind: "pm2", app: pm2 };
  if (pm2 !== undefined) return { kind: "pm2", ...pm2 };
  if (compose !== undefined) return { kind: "compose", ...compose };
  if (supervisor !== undefined) return { kind: "supervisor", program: supervisor };
  return { kind: "docker", container: docker };
}

/** Every host named anywhere must be one under `hosts`, or spelled out; jumps must come to an end. */
function checkReferences({ value, problemAt }: ParsedYaml<ConfigDocument>): void {
  const { hosts = {}, sites = {} } = value;
  const names = Object.keys(hosts);
  const problems: string[] = [];
  const check = (path: readonly PropertyKey[], reference: string) => {
    const what = wrongReference(reference, names);
    if (what !== undefined) problems.push(problemAt(path, what));
  };

  for (const [name, { jump }] of Object.entries(hosts)) {
    if (jump === undefined || jump === "none") continue;
    check(["hosts", name, "jump"], jump);
    const loop = jumpLoop(name, hosts);
    if (loop !== undefined) problems.push(problemAt(["hosts", name, "jump"], `goes in a circle: ${loop}`));
  }
  for (const [name, { proxy, upstream = [], dependencies = [] }] of Object.entries(sites)) {
    for (const [index, host] of proxy.entries()) check(["sites", name, "proxy", index], host);
    for (const [index, host] of upstream.entries()) check(["sites", name, "upstream", index], host);
    for (const [index, { host }] of dependencies.entries()) {
      if (!names.includes(host)) check(["sites", name, "dependencies", index, "host"], host);
    }
  }
  for (const [name, { site }] of Object.entries(value.alerts ?? {})) {
    if (site === undefined || Object.hasOwn(sites, site)) continue;
    const nearest = nearestName(site, Object.keys(sites));
    const guess = nearest === undefined ? "" : ` (did you mean "${nearest}"?)`;
    problems.push(problemAt(["alerts", name, "site"], `no site "${site}" under sites${guess}`));
  }
  for (const [name, site] of Object.entries(sites)) {
    const unreachable = unreachableApproval(site);
    if (unreachable !== undefined) problems.push(problemAt(["sites", name, "approval"], unreachable));
  }
  if (problems.length > 0) {
    throw new ConfigError(problems.join("\n"), { hint: "Correct the file and run the command again." });
  }
}

/** A bare word must be declared, else every typo would be looked up in DNS at 3 a.m. */
function wrongReference(reference: string, names: readonly string[]): string | undefined {
  if (names.includes(reference)) return undefined;
  const spelledOut = /[@.:]/.test(reference);
  if (spelledOut) {
    const read = readHostSpec(reference);
    return read.ok ? undefined : `${read.problem}; expected a name under hosts, or user@host[:port]`;
  }
  const nearest = nearestName(reference, names);
  const known = names.length > 0 ? `known: ${names.join(", ")}` : "none is declared";
  return `no host "${reference}" under hosts${nearest === undefined ? "" : ` (did you mean "${nearest}"?)`}; ${known}`;
}

function jumpLoop(name: string, hosts: Readonly<Record<string, HostDocument>>): string | undefined {
  const seen = [name];
  let next = hosts[name]?.jump;
  while (next !== undefined && Object.hasOwn(hosts, next)) {
    if (next === name) return [...seen, name].join(" → ");
    if (seen.includes(next)) return undefined; // a circle further on: told where it begins
    seen.push(next);
    next = hosts[next]?.jump;
  }
  return undefined;
}

/** Two people must be two: one named person, and no group, could never give two approvals. */
function unreachableApproval({ approval, approvers }: SiteDocument): string | undefined {
  const needed = approval?.approvals ?? 1;
  const named = [...(approvers?.slack ?? []), ...(approvers?.discord ?? []), ...(approvers?.console ?? [])];
  const people = new Set(named).size;
  if (people === 0 || people >= needed || named.some((id) => /^(S|role:)/.test(id))) return undefined;
  return `needs ${needed} approvals, but only ${people} person may approve`;
}
