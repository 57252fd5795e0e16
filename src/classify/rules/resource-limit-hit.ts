import { SIGNALS, type Signal } from "../../playbook/signal.ts";
import type { CaseFile, HopCase } from "../case-file.ts";
import { hostLines, ids, memberLines, quoteLine, serviceName } from "../hop-view.ts";
import { briefRestart, defineRule, noRestart, type Verdict } from "../rule.ts";

const OF_THE_PROXY: Partial<Record<Signal, string>> = {
  "proxy-out-of-files": "has no file descriptor left",
  "proxy-out-of-connections": "has no connection slot left",
  "connect-no-local-port": "has no local port left for another connection to the upstream",
  "disk-full": "cannot write: the disk is full",
};

const OF_THE_HOST: Partial<Record<Signal, string>> = {
  "kernel-conntrack-full": "the connection-tracking table is full",
  "kernel-tcp-memory": "the kernel has no memory left for sockets",
  "kernel-io-error": "the disk fails",
  "disk-full": "the disk is full",
  "fork-failed": "no further process can be started",
};
const LIMITS_OF_THE_HOST = SIGNALS.filter((signal) => OF_THE_HOST[signal] !== undefined);

/** Descriptors, connection slots, ports, connection tracking, processes or disk: something countable ran out, on either side. */
export const resourceLimitHit = defineRule({
  id: "resource-limit-hit",
  check(hop, file) {
    return ofProxy(hop, file) ?? ofService(hop, file) ?? ofHost(hop, file);
  },
});

function ofProxy(hop: HopCase, file: CaseFile): Verdict | undefined {
  const line = [...hop.ownLines, ...hop.lines].findLast(({ signal }) => OF_THE_PROXY[signal] !== undefined);
  if (line === undefined) return undefined;
  const disk = file.host(hop.proxy.host)?.fullDisks[0];
  return {
    confidence: 0.95,
    hop: "proxy",
    summary: `The proxy on ${hop.proxy.host} ${OF_THE_PROXY[line.signal]}.`,
    for: ids(quoteLine(file, line), line.signal === "disk-full" ? disk?.finding : undefined),
    restart: noRestart("The limit is the proxy's, not the service's."),
    advice: [
      line.signal === "disk-full"
        ? "Free space (or inodes) on that file system."
        : "Raise the limit the quoted line names, and find what uses it up.",
    ],
  };
}

function ofService(hop: HopCase, file: CaseFile): Verdict | undefined {
  for (const member of hop.members) {
    const line = memberLines(member, "out-of-files", "fork-failed", "disk-full").at(-1);
    const files = member.openFiles;
    const atLimit = files !== undefined && files.used >= files.limit * 0.97;
    if (line === undefined && !atLimit) continue;
    if (hop.lines.length === 0 && file.client.badShare === 0) continue;
    const disk = member.hop.host === undefined ? undefined : file.host(member.hop.host)?.fullDisks[0];
    const full = line?.signal === "disk-full";
    return {
      confidence: atLimit || full ? 0.95 : 0.9,
      hop: "upstream",
      summary: `${serviceName(member)} ${full ? "cannot write: the disk is full" : line?.signal === "fork-failed" ? "cannot start another process" : `has no file descriptor left${files === undefined ? "" : ` (${files.used} of ${files.limit})`}`}.`,
      for: ids(
        line && quoteLine(file, line),
        atLimit ? files.finding : undefined,
        full ? disk?.finding : undefined,
      ),
      restart: full
        ? noRestart("The disk stays full.")
        : briefRestart("It gives back what leaked; the leak goes on."),
      advice: [
        full
          ? "Free space (or inodes) on that file system."
          : "Raise the limit of the unit (LimitNOFILE, TasksMax) and find the leak.",
      ],
      member,
    };
  }
  return undefined;
}

function ofHost(hop: HopCase, file: CaseFile): Verdict | undefined {
  if (hop.lines.length === 0 && file.client.badShare === 0) return undefined;
  const hosts = new Set([hop.proxy.host, ...hop.members.flatMap(({ hop: member }) => member.host ?? [])]);
  const line = [...hosts].flatMap((host) => hostLines(file, host, ...LIMITS_OF_THE_HOST)).at(-1);
  if (line === undefined) return undefined;
  return {
    confidence: 0.75,
    hop: line.host === hop.proxy.host ? "proxy" : "upstream",
    summary: `On ${line.host} ${OF_THE_HOST[line.signal]}.`,
    for: ids(quoteLine(file, line)),
    restart: noRestart("The limit is the machine's."),
    advice: ["Raise or relieve the limit the quoted line names."],
  };
}
