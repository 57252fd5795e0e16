import type { Signal } from "../playbook/signal.ts";
import type { LineDetails } from "../topology/parser.ts";
import type { ProcessInfo, ProxyHop, Target, UpstreamHop } from "../topology/target.ts";
import type { Finding } from "./diagnosis.ts";
import type { Change } from "./last-change.ts";

/** One log line that a signature recognised, placed in time and attributed. */
export interface LogHit {
  readonly signal: Signal;
  readonly holes: Readonly<Record<string, string>>;
  readonly line: string;
  /** ISO-8601 UTC by our clock. */
  readonly at?: string;
  /** Seconds before the diagnosis started; negative for lines our own requests caused. */
  readonly ageSeconds?: number;
  readonly details: LineDetails;
  readonly host: string;
  /** Where it stood, for `Finding.check`. */
  readonly check: string;
  /** The unit whose journal or log it is, or whom the service manager speaks about. */
  readonly unit?: string;
}

/** How a connection attempt from the proxy's host ended. */
export type ConnectOutcome =
  | "connected"
  | "refused"
  | "timed-out"
  | "unreachable"
  | "no-route"
  | "denied"
  | "failed";

/** What one look from outside the service says about one upstream address. */
export interface MemberCase {
  readonly hop: UpstreamHop;
  /** `ip:port` or the socket's path, for sentences. */
  readonly label: string;
  /** Connection attempt from the proxy's host. */
  readonly connect?: { readonly outcome: ConnectOutcome; readonly ms?: number; readonly finding: string };
  /** One direct HTTP request from the proxy's host. */
  readonly direct?: {
    readonly status: number | null;
    readonly headerBytes?: number;
    /** curl's exit status; 0 = a complete answer. */
    readonly exitCode: number;
    readonly finding: string;
  };
  readonly tls?: {
    readonly outcome: "ok" | "not-tls" | "handshake-failed" | "certificate-bad" | "closed";
    readonly problem?: string;
    readonly finding: string;
  };
  /** What the name resolves to on the proxy's host now; empty when it does not resolve. */
  readonly name?: { readonly addresses: readonly string[]; readonly finding: string };
  /** Modes along a unix socket's path. */
  readonly socketPath?: { readonly blockedFor?: string; readonly finding: string };
  readonly process?: ProcessInfo;
  /** The protocols the owner's kind of service can speak, when they are a short list. */
  readonly speaks?: readonly string[];
  /** The playbook of the owner's kind of service names no restart. */
  readonly hasNoRestart: boolean;
  readonly openFiles?: { readonly used: number; readonly limit: number; readonly finding: string };
  /** Lines of the service itself and of the service manager about it. */
  readonly lines: readonly LogHit[];
  /** A finding that states the unit and what it does, when there is a unit. */
  readonly unitFinding?: string;
  /** A finding that states what listens there, when we could look. */
  readonly listenFinding?: string;
}

/** One proxy and what it sends the URL to. */
export interface HopCase {
  readonly proxy: ProxyHop;
  /** 0 = the outermost proxy. */
  readonly depth: number;
  /** No proxy that we can read stands behind it: its upstreams are the application. */
  readonly isInnermost: boolean;
  readonly members: readonly MemberCase[];
  /** Lines of this proxy about this site or its upstream, newest last, within the incident's window. */
  readonly lines: readonly LogHit[];
  /** The same kind of lines, but older than the window. */
  readonly staleLines: readonly LogHit[];
  /** Lines of the proxy as a whole: its unit, its start-up, its limits. */
  readonly ownLines: readonly LogHit[];
  readonly access: AccessSummary;
}

/** One access-log line that counts. */
export interface AccessEntry {
  readonly at: string;
  readonly status: number;
  readonly durationMs?: number;
}

export interface AccessSummary {
  /** Oldest first. */
  readonly entries: readonly AccessEntry[];
  /** True when the log carries other sites' lines too, so that shares are not this site's. */
  readonly mixed: boolean;
}

/** How the public samples came out, taken together. */
export interface ClientView {
  /** The status most people get now; null when there is no answer at all. */
  readonly status: number | null;
  readonly mintedBy: "edge" | "proxy" | "app" | "none";
  /** Playbook id whose page it is. */
  readonly mintedByPlaybook?: string;
  readonly relayed: boolean;
  /** Share of samples that were gateway errors, 0 to 1. */
  readonly badShare: number;
  readonly errorPhase?: "dns" | "connect" | "tls" | "request" | "response";
  readonly errorCode?: string;
  readonly finding: string;
}

/** Everything a rule may look at. Rules are pure functions of it. */
export interface CaseFile {
  readonly target: Target;
  readonly client: ClientView;
  /** Outermost first; the last one is nearest to the application. */
  readonly hops: readonly HopCase[];
  /** Kernel and service-manager lines of every host, within a day. */
  readonly hostLines: readonly LogHit[];
  /** Lines of this incident in which this site's application complains about a dependency, newest last. */
  readonly dependencyLines: readonly LogHit[];
  /** Files, reboots, starts and ends of services that changed something on a host. */
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  /** Adds a finding (or finds the same one again) and returns its id. */
  readonly find: (finding: Omit<Finding, "id">) => string;
  readonly host: (name: string) => HostCase | undefined;
}

/** Facts of one machine. */
export interface HostCase {
  readonly name: string;
  /** File systems without free bytes or inodes, with the finding. */
  readonly fullDisks: readonly { readonly mount: string; readonly finding: string }[];
  /** Filter rules that drop or reject, with the finding. */
  readonly filters: readonly FilterRule[];
  /** Routes that forbid a destination (`unreachable`, `prohibit`, `blackhole`). */
  readonly barredRoutes: readonly {
    readonly covers: (member: MemberCase) => boolean;
    readonly finding: string;
  }[];
  readonly unreachable?: string;
}

/** Both ends belong to it. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export interface FilterRule {
  readonly verdict: "drop" | "reject";
  readonly chain: string;
  readonly hook?: string;
  /** Destination ports it names; empty = any. */
  readonly ports: readonly PortRange[];
  /** Ports that it leaves out, or that something before it lets through. */
  readonly exceptPorts: readonly PortRange[];
  readonly text: string;
  readonly finding: string;
}
