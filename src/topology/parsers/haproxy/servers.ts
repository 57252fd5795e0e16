import { isIP } from "node:net";
import { present } from "../../present.ts";
import type { ProxySettings, UpstreamAddress, UpstreamMember, UpstreamProtocol } from "../../target.ts";
import { durationMs, type Line, linesOf, type Section, settingOf } from "./parse-config.ts";
import type { Samples } from "./samples.ts";
import type { ServerStat } from "./server-stats.ts";

/** A `server` line with the `default-server` words it inherits. */
interface Server {
  readonly name: string;
  readonly address: UpstreamAddress;
  readonly words: readonly string[];
  readonly source: Line["source"];
}

export interface BackendServers {
  readonly members: readonly UpstreamMember[];
  readonly protocol: UpstreamProtocol;
  readonly settings: ProxySettings;
  readonly notes: readonly string[];
}

/** Responses must fit a buffer less the room kept for rewriting. Source: doc/configuration.txt, tune.bufsize, tune.maxrewrite. */
const BUFFER_BYTES = 16_384;
const REWRITE_BYTES = 1024;

/** The servers of a backend as configured, with what the running HAProxy says of them. */
export function readServers(
  backend: Section,
  {
    global,
    samples,
    stats,
    port,
  }: {
    readonly global: Section | undefined;
    readonly samples: Samples;
    readonly stats: readonly ServerStat[];
    readonly port: number;
  },
): BackendServers {
  const servers = serversOf(backend, port);
  const own = stats.filter(({ backend: name }) => name === backend.name);
  const members = servers.map(({ name, address, words, source }) => {
    const isName = address.kind === "tcp" && address.host !== "localhost" && isIP(address.host) === 0;
    return present({
      label: `${backend.name}/${name}`,
      address,
      backup: words.includes("backup"),
      down: words.includes("disabled"),
      lookup: isName
        ? words.includes("resolvers")
          ? ("at-run-time" as const)
          : ("at-start" as const)
        : undefined,
      state: own.find(({ server }) => server === name)?.status,
      source,
    });
  });
  const [first] = servers;
  const words = first?.words ?? [];
  return {
    members,
    protocol: protocolOf(backend, words),
    settings: settingsOf(backend, { global, samples, words }),
    notes: [...stateNotes(own), ...serverNotes(backend, servers)],
  };
}

function serversOf(backend: Section, port: number): Server[] {
  const shared = linesOf(backend, "default-server").flatMap(({ words }) => words.slice(1));
  return backend.lines.flatMap(({ words: [kind, name = "", ...words], source }) => {
    // `server-template web 1-5 app.internal:80`: the same name, several addresses of it
    const isTemplate = kind === "server-template";
    const [written = "", ...own] = isTemplate ? words.slice(1) : words;
    if (kind !== "server" && !isTemplate) return [];
    const address = parseServerAddress(written, port);
    return address ? [{ name, address, words: effective(shared, own), source }] : [];
  });
}

/** Own words win: `no-backup`, `enabled` and the like undo what default-server says. */
function effective(shared: readonly string[], own: readonly string[]): readonly string[] {
  const undone = new Set(
    own.flatMap((word) =>
      word === "enabled" ? ["disabled"] : word.startsWith("no-") ? [word.slice(3)] : [],
    ),
  );
  return [...own, ...shared.filter((word) => !undone.has(word))];
}

/** A server without a port is asked on the port the client came to. */
function parseServerAddress(written: string, clientPort: number): UpstreamAddress | undefined {
  const text = written.replace(/^(?:ipv[46]|tcp[46]?)@/, "");
  if (text.startsWith("unix@")) return { kind: "unix", path: text.slice(5) };
  if (text.startsWith("abns@")) return { kind: "unix", path: `@${text.slice(5)}` };
  if (text.startsWith("/")) return { kind: "unix", path: text };
  if (text === "" || /^(?:fd|sockpair|quic[46])@/.test(text)) return undefined;
  const colon = text.lastIndexOf(":");
  const tail = colon > text.lastIndexOf("]") ? text.slice(colon + 1) : "";
  const hasPort = /^[+-]?\d{1,5}$/.test(tail) && (text.startsWith("[") || isIP(text) !== 6);
  const host = (hasPort ? text.slice(0, colon) : text).replace(/^\[|\]$/g, "");
  const port = !hasPort ? clientPort : /^[+-]/.test(tail) ? clientPort + Number(tail) : Number(tail);
  return host !== "" && port > 0 && port < 65_536 ? { kind: "tcp", host, port } : undefined;
}

function wordAfter(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name);
  return at < 0 ? undefined : words[at + 1];
}

function protocolOf(backend: Section, words: readonly string[]): UpstreamProtocol {
  if (settingOf(backend, "mode") !== "http") return "tcp";
  const proto = wordAfter(words, "proto");
  if (proto === "fcgi") return "fastcgi";
  if (proto === "h2" && !words.includes("ssl")) return "h2";
  return words.includes("ssl") ? "https" : "http";
}

function settingsOf(
  backend: Section,
  {
    global,
    samples,
    words,
  }: { readonly global: Section | undefined; readonly samples: Samples; readonly words: readonly string[] },
): ProxySettings {
  const isTls = words.includes("ssl");
  const number = (...begin: readonly string[]) => {
    const value = global && settingOf(global, ...begin);
    return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
  };
  const timeoutMs = (name: string) => durationMs(settingOf(backend, "timeout", name));
  const sni = wordAfter(words, "sni");
  const verify =
    wordAfter(words, "verify") ?? (global && settingOf(global, "ssl-server-verify")) ?? "required";
  const closes = ["httpclose", "http-server-close"].some(
    (name) => linesOf(backend, "option", name).length > 0,
  );
  return present({
    connectTimeoutMs: timeoutMs("connect"),
    readTimeoutMs: timeoutMs("server"),
    sendTimeoutMs: timeoutMs("server"),
    headerBufferBytes:
      (number("tune.bufsize") ?? BUFFER_BYTES) - (number("tune.maxrewrite") ?? REWRITE_BYTES),
    verifiesCertificate: isTls ? verify !== "none" : undefined,
    sniName: isTls ? (sni === undefined ? null : (samples.value(sni) ?? null)) : undefined,
    trustedCertificateFile: isTls ? wordAfter(words, "ca-file") : undefined,
    reusesConnections:
      settingOf(backend, "mode") === "http" && !closes && settingOf(backend, "http-reuse") !== "never",
    maxConnections: number("maxconn"),
    maxOpenFiles: number("ulimit-n"),
  });
}

function stateNotes(stats: readonly ServerStat[]): string[] {
  return stats
    .filter(({ status }) => !/^(?:UP|OPEN|no check)$/.test(status))
    .slice(0, 20)
    .map(
      ({ backend, server, status, reason }) =>
        `HAProxy now says that ${server === "BACKEND" ? `backend ${backend}` : `${backend}/${server}`} is ${status}${reason ? ` (${reason})` : ""}.`,
    );
}

function serverNotes(backend: Section, servers: readonly Server[]): string[] {
  const notes: string[] = [];
  if (servers.length === 0) notes.push(`Backend ${backend.name} has no servers.`);
  const limited = servers.find(({ words }) => words.includes("maxconn"));
  if (limited)
    notes.push(
      `${backend.name}/${limited.name} takes at most ${wordAfter(limited.words, "maxconn")} connections; more wait in HAProxy's queue.`,
    );
  if (servers.length > 0 && !servers.some(({ words }) => words.includes("check"))) {
    notes.push(`No server of backend ${backend.name} is health-checked: a dead one keeps getting requests.`);
  }
  if (backend.lines.some(({ words }) => words[0] === "use-server")) {
    notes.push(`Backend ${backend.name} has use-server rules; they may pick one server for some requests.`);
  }
  return notes;
}
