import type { ConnectFailure } from "../collect/shell.ts";
import { serverWords } from "./server-words.ts";

const KINDS: Readonly<Record<string, ConnectFailure["kind"]>> = {
  ENOTFOUND: "unresolved",
  EAI_AGAIN: "unresolved",
  EAI_NONAME: "unresolved",
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  ENETDOWN: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  ETIMEDOUT: "timed-out",
  ECONNRESET: "closed-early",
  EPIPE: "closed-early",
};

const WORDS: Readonly<Record<ConnectFailure["kind"], { readonly saw: string; readonly hint: string }>> = {
  unresolved: { saw: "its name does not resolve", hint: "Check the spelling and DNS, or give an address." },
  refused: {
    saw: "nothing listens on the port (connection refused)",
    hint: "Is sshd running there, and is this its port?",
  },
  unreachable: {
    saw: "there is no route to it",
    hint: "Is the host up? Is a VPN or a jump host needed from here?",
  },
  "timed-out": {
    saw: "it did not answer in time",
    hint: "The host is down or overloaded, or a firewall drops us: try `nc -vz <address> <port>` from here.",
  },
  "closed-early": {
    saw: "it closed the connection before the login",
    hint: "sshd may be at MaxStartups, blocking our address (fail2ban, PerSourcePenalties), or not be an SSH server: see its log.",
  },
  "auth-refused": {
    saw: "it refused every key we have for this user",
    hint: "Is the public key in that user's authorized_keys, with the right owner and mode? `journalctl -u ssh` on the host says why.",
  },
  "no-common-algorithm": {
    saw: "it offers no algorithm we accept",
    hint: "The server is very old or very strict: it needs curve25519, ECDH or DH group 14/16, AES-GCM or AES-CTR, and an Ed25519, ECDSA or RSA-SHA2 host key.",
  },
};

/** A failure in words, with where it happened: `user@address:port`. */
export function makeConnectFailure(
  kind: ConnectFailure["kind"],
  where: string,
  details: { readonly saw?: string; readonly hint?: string } = {},
): ConnectFailure {
  const words = WORDS[kind];
  const detail = details.saw === undefined ? "" : `: ${details.saw}`;
  const place = where.slice(where.indexOf("@") + 1);
  const colon = place.lastIndexOf(":");
  const address = place.slice(0, colon).replace(/^\[|\]$/g, "");
  const hint = words.hint.replace("<address> <port>", `${address} ${place.slice(colon + 1)}`);
  return { kind, reason: `${where}: ${words.saw}${detail}.`, hint: details.hint ?? hint };
}

function fieldOf(error: unknown, name: "code" | "level"): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" ? value : undefined;
}

/** What an error of the socket or the SSH library means for whoever wanted to connect. */
export function failureOfError(error: unknown, where: string): ConnectFailure {
  const nested =
    error instanceof AggregateError ? error.errors.find((one) => fieldOf(one, "code")) : undefined;
  const code = fieldOf(error, "code") ?? fieldOf(nested, "code");
  const message = error instanceof Error ? error.message : String(error);
  const byCode = code === undefined ? undefined : KINDS[code];
  if (byCode !== undefined) return makeConnectFailure(byCode, where);
  switch (fieldOf(error, "level")) {
    case "client-timeout":
      return makeConnectFailure("timed-out", where);
    case "client-authentication":
    case "agent":
      return makeConnectFailure("auth-refused", where);
    case "handshake":
      if (message.includes("no matching"))
        return makeConnectFailure("no-common-algorithm", where, { saw: serverWords(message) });
  }
  if (message.includes("Connection refused")) return makeConnectFailure("refused", where);
  if (message.includes("No route") || message.includes("unreachable"))
    return makeConnectFailure("unreachable", where);
  if (message.includes("administratively prohibited") || message.includes("Channel open failure")) {
    return makeConnectFailure("unreachable", where, {
      saw: serverWords(message),
      hint: "The jump host may not forward there: see AllowTcpForwarding and PermitOpen in its sshd_config.",
    });
  }
  return makeConnectFailure("closed-early", where, { saw: serverWords(message) });
}
