import { isIP } from "node:net";
import { parseAddress } from "../../address.ts";
import type { RouteAction, UpstreamAddress, UpstreamMember, UpstreamProtocol } from "../../target.ts";
import type { Directive } from "./parse-config.ts";

import type { Variables } from "./variables.ts";

/** The upstream groups of the same `http` or `stream` block, by name. */
export type UpstreamGroups = ReadonlyMap<string, Directive>;

export interface ReadPass {
  readonly action: RouteAction;
  /** The group's block, when the pass names one. */
  readonly group?: Directive;
  /** Host part of the pass: what `$proxy_host` is, and the default SNI. */
  readonly host: string;
  readonly protocol: UpstreamProtocol;
}

/** Upstream groups of a block; the first of a name wins, as in nginx. */
export function upstreamGroups(block: readonly Directive[]): UpstreamGroups {
  const groups = new Map<string, Directive>();
  for (const directive of block) {
    const name = directive.args[0]?.toLowerCase();
    if (directive.name === "upstream" && name !== undefined && !groups.has(name)) groups.set(name, directive);
  }
  return groups;
}

/** What a `proxy_pass` or its relatives lead to, for the request the variables describe. */
export function readPass(
  directive: Directive,
  groups: UpstreamGroups,
  {
    variables,
    isStream,
    onNote,
  }: { readonly variables: Variables; readonly isStream?: boolean; readonly onNote: (note: string) => void },
): ReadPass {
  const written = directive.args[0] ?? "";
  const expansion = variables.expand(written);
  const { protocol, authority, defaultPort } = splitPass(expansion.text, directive.name, isStream ?? false);
  const source = directive.source;
  if (!expansion.known) {
    const values =
      expansion.couldBe.length > 0
        ? `; its values in the configuration: ${expansion.couldBe.join(", ")}`
        : "";
    const why = `${expansion.variable} is only known to the running nginx${values}.`;
    return { action: { kind: "unresolved", expression: written, why, source }, host: authority, protocol };
  }
  const group = groups.get(authority.toLowerCase());
  if (group) {
    const members = (group.block ?? []).filter(({ name }) => name === "server").flatMap(readMember);
    return {
      action: { kind: "pass", protocol, group: authority, members, source },
      group,
      host: authority,
      protocol,
    };
  }
  const address = addressOf(authority, defaultPort);
  if (address === undefined) {
    const why = `"${authority}" names neither an upstream group nor an address.`;
    return { action: { kind: "unresolved", expression: written, why, source }, host: authority, protocol };
  }
  const isLookedUpLater = written.includes("$");
  const lookup = lookupOf(address, isLookedUpLater);
  if (lookup === "at-start") onNote(startLookupNote(address));
  const member = { label: authority, address, backup: false, down: false, ...(lookup && { lookup }), source };
  return { action: { kind: "pass", protocol, members: [member], source }, host: authority, protocol };
}

/** Members whose name nginx resolved once, as notes. */
export function startLookupNote(address: UpstreamAddress): string {
  const name = address.kind === "tcp" ? address.host : address.path;
  return `nginx looks ${name} up only when it starts or reloads; a changed DNS record needs a reload.`;
}

const MODULE_PROTOCOL: Readonly<Record<string, UpstreamProtocol>> = {
  proxy_pass: "http",
  fastcgi_pass: "fastcgi",
  uwsgi_pass: "uwsgi",
  scgi_pass: "scgi",
  grpc_pass: "grpc",
  memcached_pass: "tcp",
};

function splitPass(text: string, name: string, isStream: boolean) {
  const scheme = /^([a-z]+):\/\//i.exec(text)?.[1]?.toLowerCase();
  const rest = scheme === undefined ? text : text.slice(scheme.length + 3);
  const base = isStream ? "tcp" : (MODULE_PROTOCOL[name] ?? "http");
  const protocol: UpstreamProtocol = scheme === "https" ? "https" : scheme === "grpcs" ? "grpcs" : base;
  // the path of a socket ends at the colon before the URI, a host at its first slash
  const unixEnd = rest.startsWith("unix:") ? rest.indexOf(":", 5) : rest.search(/[/?]/);
  const authority = unixEnd < 0 ? rest : rest.slice(0, unixEnd);
  return { protocol, authority, defaultPort: protocol === "https" || protocol === "grpcs" ? 443 : 80 };
}

function readMember({ args: [written = "", ...parameters], source }: Directive): UpstreamMember[] {
  const address = addressOf(written, 80);
  if (address === undefined) return [];
  const lookup = lookupOf(address, parameters.includes("resolve"));
  return [
    {
      label: written,
      address,
      backup: parameters.includes("backup"),
      down: parameters.includes("down"),
      ...(lookup && { lookup }),
      source,
    },
  ];
}

/** Only names are looked up; addresses and sockets are what they are. */
function lookupOf(address: UpstreamAddress, isLookedUpLater: boolean): UpstreamMember["lookup"] {
  const isName = address.kind === "tcp" && address.host !== "localhost" && isIP(address.host) === 0;
  if (!isName) return undefined;
  return isLookedUpLater ? "at-run-time" : "at-start";
}

function addressOf(text: string, defaultPort: number): UpstreamAddress | undefined {
  if (text === "" || /[\s$"']/.test(text)) return undefined;
  const hasPort = text.startsWith("unix:") || text.lastIndexOf(":") > text.lastIndexOf("]");
  return parseAddress(hasPort ? text : `${text}:${defaultPort}`);
}
