import type { TLSSocket } from "node:tls";
import type { PublicSample } from "../collect/evidence.ts";

const MAX_NAMES = 100;

const PROBLEMS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the certificate has expired",
  CERT_NOT_YET_VALID: "the certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "the certificate is for other names",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "the certificate's authority is not trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "an intermediate certificate is missing, or its authority is not trusted here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the certificate's authority is not trusted here",
  CERT_REVOKED: "the certificate is revoked",
};

/** What a finished handshake showed. `problem` begins with Node's code. */
export function readTlsFacts(socket: TLSSocket): NonNullable<PublicSample["tls"]> {
  const certificate = socket.getPeerX509Certificate();
  const validTo = Date.parse(certificate?.validTo ?? "");
  const problem = socket.authorized ? undefined : String(socket.authorizationError);
  return {
    protocol: socket.getProtocol() ?? "unknown",
    cipher: socket.getCipher().standardName,
    subject: oneLine(certificate?.subject),
    issuer: oneLine(certificate?.issuer),
    names: readNames(certificate?.subjectAltName),
    notAfter: Number.isNaN(validTo) ? "" : new Date(validTo).toISOString(),
    trusted: socket.authorized,
    ...(problem === undefined
      ? {}
      : { problem: `${problem}: ${PROBLEMS[problem] ?? "it was not accepted"}` }),
  };
}

/** Node prints one attribute a line. */
function oneLine(name: string | undefined): string {
  return (name ?? "").replaceAll("\n", ", ");
}

/** `DNS:a.example, IP Address:192.0.2.1` → the names alone. */
function readNames(alternatives: string | undefined): string[] {
  return (alternatives ?? "")
    .split(", ", MAX_NAMES)
    .map((entry) => entry.slice(entry.indexOf(":") + 1))
    .filter((name) => name !== "");
}
