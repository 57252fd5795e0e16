import { createHmac, timingSafeEqual } from "node:crypto";

/** One usable line of a known_hosts file. Source: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". */
export interface KnownHostsLine {
  readonly marker: "none" | "revoked" | "cert-authority";
  /** The host field as written: patterns, or one hashed name. */
  readonly hosts: string;
  readonly keyType: string;
  /** The public key blob. */
  readonly key: Buffer;
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Lines that OpenSSH would ignore too (comments, garbage, unknown markers) are left out. */
export function parseKnownHosts(text: string, file: string): KnownHostsLine[] {
  return text.split("\n").flatMap((raw, index): KnownHostsLine[] => {
    const fields = raw.trim().split(/[ \t]+/);
    const markerField = fields[0]?.startsWith("@") ? fields.shift() : undefined;
    const [hosts, keyType, encoded] = fields;
    if (hosts === undefined || hosts === "" || hosts.startsWith("#")) return [];
    if (keyType === undefined || encoded === undefined) return [];
    if (markerField !== undefined && markerField !== "@revoked" && markerField !== "@cert-authority")
      return [];
    const marker =
      markerField === "@revoked" ? "revoked" : markerField === "@cert-authority" ? "cert-authority" : "none";
    const key = Buffer.from(encoded, "base64");
    return key.length === 0 ? [] : [{ marker, hosts, keyType, key, file, line: index + 1 }];
  });
}

/** How known_hosts names a host: bare on port 22, else `[host]:port`. */
export function knownHostsName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

/** True when the line speaks of `name` (as from {@link knownHostsName}). */
export function isLineFor(line: KnownHostsLine, name: string): boolean {
  if (line.hosts.startsWith("|1|")) return isHashOf(line.hosts, name);
  let matched = false;
  for (const item of line.hosts.toLowerCase().split(",")) {
    const negated = item.startsWith("!");
    if (!matchesPattern(negated ? item.slice(1) : item, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function isHashOf(field: string, name: string): boolean {
  const [, , salt, hash] = field.split("|");
  if (salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, "base64");
  const actual = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** `*` and `?`, by the two-pointer walk that goes back to the last star only: never exponential. */
function matchesPattern(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
