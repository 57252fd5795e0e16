import { isIP } from "node:net";

/** `[user@]host[:port]` in its parts; `host` is a name, an ssh_config alias, or an address without brackets. */
export interface HostSpec {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

type Read = { readonly ok: true; readonly spec: HostSpec } | { readonly ok: false; readonly problem: string };

/**
 * Reads `host`, `user@host`, `user@host:port`, `user@[2001:db8::1]:22`, a bare IPv6 address, or the same as `ssh://…`.
 * As in OpenSSH the last `@` ends the user.
 */
export function readHostSpec(text: string): Read {
  const trimmed = text.startsWith("ssh://") ? text.slice("ssh://".length).replace(/\/$/, "") : text;
  const at = trimmed.lastIndexOf("@");
  const user = at === -1 ? undefined : trimmed.slice(0, at);
  if (user !== undefined && !isUserName(user)) return refuse(`"${user}" is not a user name`);
  const { host, port } = splitPort(trimmed.slice(at + 1));
  if (!isHostName(host))
    return refuse(host === "" ? "the host is missing" : `"${host}" is not a host name or address`);
  const portNumber = port === undefined ? undefined : Number(port);
  if (port !== undefined && (!/^[0-9]{1,5}$/.test(port) || !isPort(Number(port)))) {
    return refuse(`"${port}" is not a port (1 to 65535)`);
  }
  return {
    ok: true,
    spec: {
      host,
      ...(user === undefined ? {} : { user }),
      ...(portNumber === undefined ? {} : { port: portNumber }),
    },
  };
}

/** A name for DNS or ssh_config (letters, digits, `.`, `_`, `-`), or an IP address. Never an option: no leading `-`. */
export function isHostName(text: string): boolean {
  if (isIP(text) !== 0) return true;
  return text.length <= 253 && /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(text);
}

/** Unix names, and `DOMAIN\name` or `name@realm` of directory services. */
export function isUserName(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,127}\$?$/.test(text);
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

function splitPort(text: string): { readonly host: string; readonly port?: string } {
  if (isIP(text) === 6) return { host: text };
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    const host = text.slice(1, end === -1 ? undefined : end);
    const rest = end === -1 ? "" : text.slice(end + 1);
    if (end === -1 || isIP(host) !== 6 || (rest !== "" && !rest.startsWith(":"))) return { host: text };
    return rest === "" ? { host } : { host, port: rest.slice(1) };
  }
  const colon = text.lastIndexOf(":");
  return colon === -1 ? { host: text } : { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

function refuse(problem: string): Read {
  return { ok: false, problem };
}
