import { createHash } from "node:crypto";
import type { OperatorError } from "../operator-error.ts";
import {
  ChangedHostKeyError,
  ContradictingHostKeyError,
  HostCertificateError,
  RevokedHostKeyError,
  type SeenKey,
  UnknownHostKeyError,
} from "./host-key-errors.ts";
import { isLineFor, type KnownHostsLine } from "./known-hosts.ts";

/** What we know of one host's key before it shows one. */
export interface HostKeyPolicy {
  /** Types of the keys we know, for the order of algorithms. */
  readonly knownTypes: readonly string[];
  /** Null when the key is the host's; otherwise the error to stop with. */
  judge(key: Buffer): OperatorError | null;
}

/** `SHA256:…` of a public key blob, as OpenSSH prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The type that a public key blob names itself; the blob is a stranger's. */
function keyTypeOf(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  const name = key.toString("latin1", 4, 4 + Math.min(length, 64));
  return /^[a-z0-9@.-]+$/.test(name) ? name : "unreadable";
}

function placesOf(lines: readonly KnownHostsLine[]): string {
  return lines.map(({ file, line }) => `${file}:${line}`).join(", ");
}

/**
 * The rules of trust, strictest first: a revoked key is refused whoever else vouches for it; a pin and known_hosts
 * must not contradict each other; a key must be vouched for by one of them.
 */
export function makeHostKeyPolicy(options: {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** As from `knownHostsName`. */
  readonly knownName: string;
  readonly lines: readonly KnownHostsLine[];
  readonly files: readonly string[];
  readonly pin?: string;
}): HostKeyPolicy {
  const lines = options.lines.filter((line) => isLineFor(line, options.knownName));
  const revoked = lines.filter(({ marker }) => marker === "revoked");
  const known = lines.filter(({ marker }) => marker === "none");
  const authorities = lines.filter(({ marker }) => marker === "cert-authority");
  const { pin } = options;

  return {
    knownTypes: known.map(({ keyType }) => keyType),
    judge(key) {
      const fingerprint = fingerprintOf(key);
      const seen: SeenKey = { ...options, keyType: keyTypeOf(key), fingerprint };
      const expected = {
        fingerprints: known.map((line) => fingerprintOf(line.key)),
        where: placesOf(known),
        files: [...new Set(known.map(({ file }) => file))],
      };

      const revokedBy = revoked.filter((line) => line.key.equals(key));
      if (revokedBy.length > 0) return new RevokedHostKeyError(seen, placesOf(revokedBy));
      const listed = known.some((line) => line.key.equals(key));
      if (pin !== undefined) {
        const rivals = known.some(({ keyType }) => keyType === seen.keyType);
        if (fingerprint === pin && (listed || !rivals)) return null;
        if (fingerprint === pin || listed) return new ContradictingHostKeyError(seen, pin, expected);
        return new ChangedHostKeyError(seen, {
          fingerprints: [pin],
          where: "hostKey in the config",
          files: [],
        });
      }
      if (listed) return null;
      if (known.length > 0) return new ChangedHostKeyError(seen, expected);
      if (authorities.length > 0) return new HostCertificateError(seen, placesOf(authorities));
      return new UnknownHostKeyError(seen, options.files);
    },
  };
}
