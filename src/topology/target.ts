import type { ServiceOverride } from "../intake/diagnosis-request.ts";

/** Where a setting was read: file and line of the live configuration. */
export interface SourceRef {
  readonly file: string;
  readonly line: number;
}

/** An address a proxy sends requests to. `host` is an IP or a name, exactly as configured. */
export type UpstreamAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** What the proxy speaks to its upstream. */
export type UpstreamProtocol =
  | "http"
  | "https"
  | "h2"
  | "fastcgi"
  | "uwsgi"
  | "scgi"
  | "ajp"
  | "grpc"
  | "grpcs"
  | "tcp";

/** Where a component writes a log. */
export type LogTarget =
  | { readonly kind: "file"; readonly path: string; readonly format?: string }
  | { readonly kind: "syslog"; readonly tag: string }
  | { readonly kind: "journal"; readonly unit: string }
  | { readonly kind: "off" };

/** One member of an upstream group as the proxy's configuration has it. */
export interface UpstreamMember {
  /** As written, for example `app1:8080` or `be_app/web1`. */
  readonly label: string;
  readonly address: UpstreamAddress;
  readonly backup: boolean;
  /** Taken out by configuration (`down`, `disabled`). */
  readonly down: boolean;
  /** For a name: whether the proxy resolves it only when it starts or reloads, or again while it runs. */
  readonly lookup?: "at-start" | "at-run-time";
  /** What the running proxy itself says of it, as it says it, for example `DOWN` or `UP 1/3`. */
  readonly state?: string;
  readonly source?: SourceRef;
}

/** The numbers and switches of the live configuration that verdicts depend on; absent = the product's default is unknown here. */
export interface ProxySettings {
  readonly connectTimeoutMs?: number;
  readonly readTimeoutMs?: number;
  readonly sendTimeoutMs?: number;
  /** The largest response header block it accepts. */
  readonly headerBufferBytes?: number;
  readonly verifiesCertificate?: boolean;
  /** The name sent as SNI; null when none is sent. */
  readonly sniName?: string | null;
  readonly trustedCertificateFile?: string;
  readonly reusesConnections?: boolean;
  readonly balancerRetryMs?: number;
  readonly maxConnections?: number;
  /** Files the process may open, where configured. */
  readonly maxOpenFiles?: number;
}

/** Where requests for the URL go. */
export type RouteAction =
  | {
      readonly kind: "pass";
      readonly protocol: UpstreamProtocol;
      /** Name of the upstream group, balancer or backend; absent for a bare address. */
      readonly group?: string;
      readonly members: readonly UpstreamMember[];
      readonly source: SourceRef;
    }
  /** The proxy answers itself: a `return`, files, a redirect, an error page. */
  | { readonly kind: "local"; readonly what: string; readonly status?: number; readonly source: SourceRef }
  /** A variable or map that cannot be known from the outside. */
  | {
      readonly kind: "unresolved";
      readonly expression: string;
      readonly why: string;
      readonly source: SourceRef;
    };

/** What one proxy's live configuration says about one URL: the answer of a proxy-configuration parser. */
export interface ProxyRoute {
  /** Id of the playbook that read it. */
  readonly playbook: string;
  readonly version?: string;
  /** The server block, vhost or frontend that serves the URL, by its first name. */
  readonly serverName: string;
  /** All names of that block: lines of any other block are foreign. */
  readonly serverNames: readonly string[];
  /** True when no name matched and the default server answers. */
  readonly byDefault: boolean;
  readonly source: SourceRef;
  /** The location, ProxyPass or ACL that matched, as written. */
  readonly location?: string;
  readonly action: RouteAction;
  readonly errorLogs: readonly LogTarget[];
  readonly accessLogs: readonly LogTarget[];
  readonly settings: ProxySettings;
  /** The user its workers run as. */
  readonly workerUser?: string;
  /** What could not be resolved, and what differs from what one would expect. */
  readonly notes: readonly string[];
}

/** A process on a host. */
export interface ProcessInfo {
  readonly pid: number;
  readonly ppid: number;
  readonly user: string;
  /** Seconds since it started. */
  readonly ageSeconds: number;
  /** First letter of the kernel's state: R S D T Z … */
  readonly state: string;
  readonly rssKiB: number;
  /** systemd unit from its cgroup, template instances included. */
  readonly unit?: string;
  /** Container id from its cgroup. */
  readonly container?: string;
  readonly comm: string;
  readonly args: string;
}

/** A listening socket. */
export interface Listener {
  readonly address: UpstreamAddress;
  /** Connections waiting to be accepted. */
  readonly recvQ: number;
  /** The backlog's limit. */
  readonly sendQ: number;
  readonly processes: readonly { readonly comm: string; readonly pid: number }[];
}

/** `systemctl show` of one unit, only what verdicts need. Times are ISO-8601 UTC. */
export interface UnitState {
  readonly unit: string;
  readonly names: readonly string[];
  readonly loadState: string;
  readonly unitFileState: string;
  readonly activeState: string;
  readonly subState: string;
  readonly result: string;
  /** 1 exited, 2 killed, 3 dumped; 0 when it never ran. */
  readonly execMainCode: number;
  readonly execMainStatus: number;
  readonly mainPid: number;
  readonly restarts: number;
  readonly activeEnteredAt?: string;
  readonly inactiveEnteredAt?: string;
  readonly execMainStartedAt?: string;
  readonly execMainExitedAt?: string;
  readonly invocationId?: string;
  readonly fragmentPath?: string;
  readonly execStart: string;
  /** Units that are stopped or restarted together with it. */
  readonly boundBy: readonly string[];
  readonly startLimitBurst?: number;
  readonly startLimitIntervalMs?: number;
  readonly maxOpenFiles?: number;
  readonly tasksCurrent?: number;
  readonly tasksMax?: number;
  /** `simple`, `notify`, `forking`, `oneshot`, …; absent for units that are no services. */
  readonly type?: string;
  /** What a socket unit listens on. */
  readonly listens?: readonly UpstreamAddress[];
  /** Units that it starts on demand (socket and timer units). */
  readonly triggers?: readonly string[];
}

/** Who owns (or should own) an upstream address. */
export interface Owner {
  /** Playbook that knows this kind of process; absent for an unknown program. */
  readonly playbook?: string;
  readonly manager: "systemd" | "pm2" | "docker" | "compose" | "supervisor" | "none";
  /** Pool, app or site within the unit, for example the pool `www`. */
  readonly part?: string;
  /** Unit, app or container as its manager names it. */
  readonly name?: string;
  readonly unit?: UnitState;
  readonly processes: readonly ProcessInfo[];
  /** How we know. `listener`: it holds the socket. `config`: the operator said. `declared`: its own configuration names the address. `elimination`: the only stopped service that fits. */
  readonly by: "listener" | "config" | "declared" | "elimination";
  /** Where the service itself says it listens, when it can be read. */
  readonly declaredAddresses: readonly UpstreamAddress[];
  readonly logs: readonly LogTarget[];
  /** Numbers of its own configuration: workers, timeouts, backlog. Units in the key: `requestTimeoutMs`, `maxWorkers`, `backlog`, `keepaliveMs`. */
  readonly settings: Readonly<Record<string, number>>;
  /** What it speaks at this address, where its configuration says so. */
  readonly speaks?: readonly UpstreamProtocol[];
}

/** A service that could have answered but listens elsewhere, or nowhere. */
interface AlternativeService {
  readonly owner: Owner;
  /** What it really listens on now; empty when it is stopped. */
  readonly listens: readonly UpstreamAddress[];
}

/** One address behind a proxy, joined to the machine and the service behind it. */
export interface UpstreamHop {
  readonly member: UpstreamMember;
  /** Our name of the machine it lives on; absent when we have no access to it. */
  readonly host?: string;
  /** The addresses the name resolves to from the proxy. */
  readonly resolved: readonly string[];
  /** Whether something listens there; unknown without access or rights. */
  readonly listening: "yes" | "no" | "unknown";
  readonly listener?: Listener;
  readonly owner?: Owner;
  /** When nothing is known to listen there: the other application services of that host. */
  readonly alternatives?: readonly AlternativeService[];
  /** Set when this upstream is itself a proxy we can read: the chain goes on there. */
  readonly proxy?: ProxyHop;
}

/** One proxy of the chain. */
export interface ProxyHop {
  readonly host: string;
  readonly owner?: Owner;
  /** Null when no live configuration could be read or it does not serve the URL; `why` says so. */
  readonly route: ProxyRoute | null;
  readonly why?: string;
  readonly listening: "yes" | "no" | "unknown";
  readonly upstreams: readonly UpstreamHop[];
}

/** A database, cache or other service the application talks to. */
export interface DependencyHop {
  readonly playbook: string;
  readonly host: string;
  readonly owner?: Owner;
  /** `config`: the operator said; `sockets`: the application holds or tries connections to it; `same-host`: it merely lives there. */
  readonly by: "config" | "sockets" | "same-host";
  readonly listening: "yes" | "no" | "unknown";
}

/** The hops of one site as they really are, outermost proxy first. */
export interface Target {
  readonly site: string;
  readonly url: string;
  readonly edge?: string;
  readonly service?: ServiceOverride;
  readonly proxies: readonly ProxyHop[];
  readonly dependencies: readonly DependencyHop[];
  /** Differences between what the operator typed and what is live. */
  readonly mismatches: readonly string[];
}
