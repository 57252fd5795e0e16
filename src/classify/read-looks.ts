import type { ProbeResult } from "../playbook/probe-result.ts";
import { parseResolved } from "../topology/parse-names.ts";
import { present } from "../topology/present.ts";
import type { UpstreamHop } from "../topology/target.ts";
import type { CaseFile, ConnectOutcome, MemberCase } from "./case-file.ts";

/** What errno texts mean, as the C library prints them. Source: errno(3). */
const CONNECT_TEXTS: readonly (readonly [string, ConnectOutcome])[] = [
  ["Connection refused", "refused"],
  ["No route to host", "unreachable"],
  ["Network is unreachable", "no-route"],
  ["Invalid argument", "no-route"],
  ["Permission denied", "denied"],
  ["Operation not permitted", "denied"],
  ["Connection timed out", "timed-out"],
];

const CONNECT_ENDS: Readonly<Record<ConnectOutcome, string>> = {
  connected: "works",
  refused: "was refused",
  "timed-out": "timed out",
  unreachable: "found no such host",
  "no-route": "found no route",
  denied: "was not permitted",
  failed: "failed",
};

/** Our own TCP connection from the proxy's host to the member's address. */
export function readConnect(
  results: readonly ProbeResult[],
  hop: UpstreamHop,
  find: CaseFile["find"],
): MemberCase["connect"] {
  const result = resultAbout(results, "linux-host.upstream-connect", hop);
  if (result === undefined || result.outcome.kind === "denied") return undefined;
  const { outcome, output } = result;
  const said = CONNECT_TEXTS.find(([text]) => output.includes(text));
  const connected = outcome.kind === "exited" && outcome.exitCode === 0;
  const ended: ConnectOutcome =
    outcome.kind === "timed-out" ? "timed-out" : connected ? "connected" : (said?.[1] ?? "failed");
  const ms = milliseconds(output, "seconds");
  const line = said && output.split("\n").find((text) => text.includes(said[0]));
  return present({
    outcome: ended,
    ms,
    finding: find(
      present({
        check: "connect-from-proxy",
        host: result.host,
        summary: `Our own connection from ${result.host} to ${addressOf(hop)} ${CONNECT_ENDS[ended]}${ms === undefined ? "" : ` after ${ms} ms`}.`,
        quote: line?.trim(),
      }),
    ),
  });
}

/** How curl says that a request came to nothing. Source: curl(1), EXIT CODES. */
const CURL_ENDS: Readonly<Record<number, string>> = {
  6: "its name does not resolve",
  7: "the connection failed",
  28: "it took too long",
  35: "the TLS handshake failed",
  52: "the connection was closed without a word",
  56: "the connection broke",
  60: "its certificate is not accepted",
};

/** One request of the same path, straight to the member. */
export function readDirect(
  results: readonly ProbeResult[],
  hop: UpstreamHop,
  find: CaseFile["find"],
): MemberCase["direct"] {
  const result =
    resultAbout(results, "linux-host.upstream-request", hop) ??
    resultAbout(results, "linux-host.upstream-request-unix", hop);
  if (result === undefined || result.outcome.kind === "denied") return undefined;
  const { outcome, output } = result;
  // 28 is curl's own word for a request that took too long
  const exitCode = outcome.kind === "timed-out" ? 28 : outcome.kind === "exited" ? outcome.exitCode : -1;
  if (exitCode < 0) return undefined;
  const status = integer(output, "status");
  const why = CURL_ENDS[exitCode] ?? `curl ended with ${exitCode}`;
  const says = status === undefined || status === 0 ? `gives no answer: ${why}` : `answers ${status}`;
  const said = output.split("\n").find((line) => line.startsWith("curl: ") || line.startsWith("HTTP/"));
  return present({
    status: status === undefined || status === 0 ? null : status,
    headerBytes: integer(output, "header_bytes"),
    exitCode,
    finding: find(
      present({
        check: "request-from-proxy",
        host: result.host,
        summary: `Asked directly, ${addressOf(hop)} ${says}.`,
        quote: said?.trim(),
      }),
    ),
  });
}

const TLS_ENDS: Readonly<Record<NonNullable<MemberCase["tls"]>["outcome"], string>> = {
  ok: "works",
  "not-tls": "fails: the answer is not TLS",
  "handshake-failed": "fails",
  "certificate-bad": "shows a certificate that is not accepted",
  closed: "fails: the connection is closed",
};

/** `openssl s_client -brief`: only its error lines prove anything. */
export function readTls(
  results: readonly ProbeResult[],
  hop: UpstreamHop,
  find: CaseFile["find"],
): MemberCase["tls"] {
  const result = resultAbout(results, "linux-host.upstream-handshake", hop);
  if (result === undefined || result.outcome.kind !== "exited") return undefined;
  const { output } = result;
  const lines = output.split("\n");
  const line = (text: string) => lines.find((candidate) => candidate.includes(text))?.trim();
  const verification = line("Verification error") ?? line("verify error");
  const [outcome, proof]: readonly [NonNullable<MemberCase["tls"]>["outcome"], string | undefined] =
    output.includes("wrong version number")
      ? ["not-tls", line("wrong version number")]
      : output.includes("alert") && !output.includes("CONNECTION ESTABLISHED")
        ? ["handshake-failed", line("alert")]
        : verification !== undefined
          ? ["certificate-bad", verification]
          : output.includes("CONNECTION ESTABLISHED")
            ? ["ok", line("Protocol version")]
            : output.includes("unexpected eof") || output.includes("errno=104")
              ? ["closed", line("unexpected eof") ?? line("errno=104")]
              : ["handshake-failed", line("error")];
  if (/Connection refused|No route|timed out/.test(output)) return undefined;
  const problem = verification?.slice(verification.indexOf(":") + 1).trim();
  return present({
    outcome,
    problem,
    finding: find(
      present({
        check: "tls-from-proxy",
        host: result.host,
        summary: `Our own TLS handshake from ${result.host} with ${addressOf(hop)} ${TLS_ENDS[outcome]}.`,
        quote: proof,
      }),
    ),
  });
}

/** What the member's name resolves to on the proxy's host now. */
export function readName(
  results: readonly ProbeResult[],
  hop: UpstreamHop,
  find: CaseFile["find"],
): MemberCase["name"] {
  const { address } = hop.member;
  if (address.kind !== "tcp") return undefined;
  const result = results.findLast(
    ({ probe, params }) => probe === "linux-host.upstream-name" && params.name === address.host,
  );
  if (result === undefined || result.outcome.kind !== "exited") return undefined;
  const addresses = parseResolved(result.output);
  const summary =
    addresses.length === 0
      ? `${address.host} does not resolve on ${result.host}.`
      : `${address.host} is ${addresses.join(", ")} for ${result.host}.`;
  return { addresses, finding: find({ check: "name", host: result.host, summary }) };
}

/** `namei -l`: one row an element of the path, `srw-rw---- owner group name`; a missing one says so. */
export function readSocketPath(
  results: readonly ProbeResult[],
  options: { readonly hop: UpstreamHop; readonly find: CaseFile["find"]; readonly user: string | undefined },
): MemberCase["socketPath"] {
  const { hop, find, user } = options;
  const result = resultAbout(results, "linux-host.upstream-socket", hop);
  if (result === undefined || result.outcome.kind !== "exited") return undefined;
  const rows = result.output.split("\n").map((row) => row.trim());
  const missing = rows.find((row) => row.includes("No such file or directory"));
  const blocked = user === undefined ? undefined : rows.find((row) => isClosedTo(row, user));
  const summary =
    missing !== undefined
      ? `${addressOf(hop)} does not exist.`
      : blocked === undefined
        ? `${addressOf(hop)} exists.`
        : `${addressOf(hop)} is closed to ${user} by its modes.`;
  return present({
    blockedFor: blocked === undefined ? undefined : user,
    finding: find(
      present({ check: "socket-path", host: result.host, summary, quote: missing ?? blocked ?? rows.at(-1) }),
    ),
  });
}

/** Nobody but owner and group may pass, and neither is this user. Group membership beyond the user's own group is not known. */
function isClosedTo(row: string, user: string): boolean {
  const [mode, owner, group] = row.split(/ +/);
  if (user === "root" || owner === user || group === user) return false;
  // an eleventh character is an access list, which says more than the modes
  if (mode?.length !== 10) return false;
  if (mode.startsWith("s")) return mode[8] !== "w";
  return mode.startsWith("d") && mode[9] === "-";
}

/** How many descriptors the service's main process holds of how many it may. */
export function readOpenFiles(
  results: readonly ProbeResult[],
  hop: UpstreamHop,
  find: CaseFile["find"],
): MemberCase["openFiles"] {
  const pids = new Set((hop.owner?.processes ?? []).map(({ pid }) => String(pid)));
  const counts = results.flatMap(({ probe, params, output, outcome, host }) => {
    const { pid } = params;
    if (probe !== "linux-host.service-open-files" || pid === undefined || !pids.has(pid)) return [];
    if (outcome.kind !== "exited" || outcome.exitCode !== 0) return [];
    const limits = results.find(
      (other) => other.probe === "linux-host.service-limits" && other.params.pid === pid,
    );
    const limit = Number.parseInt(/Max open files +(\d+)/.exec(limits?.output ?? "")?.[1] ?? "", 10);
    return Number.isNaN(limit)
      ? []
      : [{ used: output.split("\n").filter((name) => /^\d+$/.test(name)).length, limit, host, pid }];
  });
  const worst = counts.toSorted((a, b) => b.used / b.limit - a.used / a.limit)[0];
  if (worst === undefined) return undefined;
  const { used, limit, host, pid } = worst;
  const summary = `Process ${pid} holds ${used} of ${limit} open files.`;
  return { used, limit, finding: find({ check: "open-files", host, summary }) };
}

function addressOf({ member: { address } }: UpstreamHop): string {
  return address.kind === "unix" ? address.path : `${address.host}:${address.port}`;
}

/** The newest result of a probe whose parameters fit the member's address. */
function resultAbout(
  results: readonly ProbeResult[],
  probe: string,
  hop: UpstreamHop,
): ProbeResult | undefined {
  const { address } = hop.member;
  return results.findLast(({ probe: name, outcome, params }) => {
    if (name !== probe || outcome.kind === "missing" || outcome.kind === "no-answer") return false;
    if (address.kind === "unix") return params.path === address.path || params.socket === address.path;
    const isHere = params.ip === address.host || hop.resolved.includes(params.ip ?? "");
    return isHere && params.port === String(address.port);
  });
}

/** The number after `key ` at the start of a line. */
function integer(text: string, key: string): number | undefined {
  const value = valueAfter(text, key);
  const number = Number.parseInt(value ?? "", 10);
  return Number.isNaN(number) ? undefined : number;
}

function milliseconds(text: string, key: string): number | undefined {
  const seconds = Number.parseFloat(valueAfter(text, key) ?? "");
  return Number.isNaN(seconds) ? undefined : Math.round(seconds * 1000);
}

function valueAfter(text: string, key: string): string | undefined {
  return text
    .split("\n")
    .findLast((line) => line.startsWith(`${key} `))
    ?.slice(key.length + 1);
}
