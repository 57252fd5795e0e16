import { matchesGlob } from "../common/glob.ts";
import type { Directive } from "./parse-config.ts";

export interface ChosenVhost {
  /** Undefined when the main server answers, outside all virtual hosts. */
  readonly vhost?: Directive;
  readonly byDefault: boolean;
  readonly notes: readonly string[];
}

/**
 * The first virtual host of the port whose ServerName or ServerAlias fits, else the first one of that port. Which
 * address a connection comes in on is not known, so hosts bound to addresses count after those bound to all.
 * Source: httpd.apache.org, "An In-Depth Discussion of Virtual Host Matching".
 */
export function selectVhost(main: readonly Directive[], url: URL): ChosenVhost | { readonly why: string } {
  const host = url.hostname.toLowerCase().replace(/\.$/, "");
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const vhosts = main.filter(({ name, block }) => name === "virtualhost" && block !== undefined);
  const onPort = vhosts.filter((vhost) => vhost.args.some((address) => fitsPort(address, port)));
  const named = onPort.find((vhost) => hasName(vhost, host));
  if (named) return { vhost: named, byDefault: false, notes: tlsNotes(named, url, port) };

  const elsewhere = vhosts.find((vhost) => hasName(vhost, host));
  // an https URL whose name Apache only has on a plain port: TLS ends at an edge in front of it
  if (elsewhere && (onPort.length === 0 || url.protocol === "https:")) {
    const note = `No virtual host has ${host} on port ${port}; the one with that name on another port is used, as when TLS or the port ends in front of Apache.`;
    return { vhost: elsewhere, byDefault: false, notes: [note] };
  }
  const isAny = (vhost: Directive) => vhost.args.some((address) => /^(?:\*|_default_)/i.test(address));
  const fallback = onPort.find(isAny) ?? onPort[0];
  if (fallback) {
    const note = `No virtual host is named ${host}; the first one of port ${port} answers.`;
    return { vhost: fallback, byDefault: true, notes: [note, ...tlsNotes(fallback, url, port)] };
  }
  const [only] = vhosts;
  if (only && vhosts.length === 1) {
    const note = `No virtual host is on port ${port}; the only one is used, as when a published port leads to it.`;
    return { vhost: only, byDefault: true, notes: [note] };
  }
  const listens = main
    .filter(({ name }) => name === "listen")
    .map(({ args }) => Number(/(\d{1,5})$/.exec(args[0] ?? "")?.[1]));
  if (vhosts.length === 0 || listens.includes(port))
    return { byDefault: true, notes: ["No virtual host fits; the main server answers."] };
  return { why: `Apache has no virtual host and no Listen for port ${port}.` };
}

/** ServerName first, then the aliases, without scheme and port. */
export function namesOf(block: readonly Directive[]): string[] {
  const names = block.filter(({ name }) => name === "servername").slice(-1);
  const aliases = block.filter(({ name }) => name === "serveralias");
  return [...names, ...aliases]
    .flatMap(({ name, args }) => (name === "servername" ? args.slice(0, 1) : args))
    .map(bareName);
}

function bareName(written: string): string {
  return written
    .replace(/^[a-z]{1,10}:\/\//i, "")
    .replace(/:\d{1,5}$/, "")
    .toLowerCase();
}

function hasName({ block = [] }: Directive, host: string): boolean {
  // `*` in an alias also spans dots, but never a slash, which is all a path glob minds
  return namesOf(block).some(
    (name) => name === host || (/[*?]/.test(name) && matchesGlob(`x${host}`, `x${name}`)),
  );
}

function fitsPort(address: string, port: number): boolean {
  const written = /:(\d{1,5}|\*)$/.exec(address)?.[1];
  return written === undefined || written === "*" || Number(written) === port;
}

function tlsNotes({ block = [] }: Directive, url: URL, port: number): string[] {
  const isTls = block.some(({ name, args }) => name === "sslengine" && args[0]?.toLowerCase() === "on");
  if (url.protocol === "https:" && !isTls)
    return [`The virtual host takes port ${port} without SSLEngine on, though the URL is https.`];
  return [];
}
