import type { Playbook } from "../playbook/playbook.ts";
import type { ProbeResult } from "../playbook/probe-result.ts";
import type {
  LogTarget,
  ProcessInfo,
  ProxyRoute,
  UnitState,
  UpstreamAddress,
  UpstreamProtocol,
} from "./target.ts";

/** What a parser is given: this product's round-1 results of one host, and what runs there. */
export interface ParserInput {
  readonly playbook: Playbook;
  readonly host: string;
  /** Results of this playbook's own probes on this host. */
  readonly results: readonly ProbeResult[];
  readonly processes: readonly ProcessInfo[];
  readonly units: readonly UnitState[];
}

/** A service as its own configuration, unit or command line declares it. */
export interface DeclaredService {
  /** The unit that runs it, when known. */
  readonly unit?: string;
  /** Pool, app or site within the unit, for example the PHP-FPM pool `www`. */
  readonly part?: string;
  readonly addresses: readonly UpstreamAddress[];
  readonly logs: readonly LogTarget[];
  /** `requestTimeoutMs`, `maxWorkers`, `backlog`, `keepaliveMs`, `maxHeaderBytes`, … */
  readonly settings: Readonly<Record<string, number>>;
  /** The protocols it speaks at these addresses, where its configuration says so. */
  readonly speaks?: readonly UpstreamProtocol[];
}

/** What one log line says about itself. */
export interface LineDetails {
  /** ISO-8601 UTC by the host's own clock. */
  readonly at?: string;
  readonly level?: string;
  readonly pid?: number;
  /** Server block or vhost, for lines of a proxy. */
  readonly server?: string;
  /** Host header of the request. */
  readonly requestHost?: string;
  /** Method and path. */
  readonly request?: string;
  /** Upstream as the proxy names it: `ip:port`, `unix:<path>`, or a group's or server's name. */
  readonly upstream?: string;
  /** Status, durations and flags where the line carries them (access logs). */
  readonly status?: number;
  readonly upstreamStatus?: string;
  readonly durationMs?: number;
  readonly upstreamHeaderMs?: number | null;
  /** HAProxy-like termination flags and whatever else signatures of the product look at. */
  readonly flags?: string;
}

export interface LogClock {
  /** Offset of the host's local time from UTC, minutes. */
  readonly utcOffsetMinutes: number;
  /** The host's own now, epoch ms: for logs without a year, and to settle month ends. */
  readonly nowMs: number;
}

/** How a product's log lines are built. */
export interface LogGrammar {
  /** Index in `text` where the message of the line `[start, end)` begins; -1 for a line that is the continuation of the one before. Called for every line: no allocation. */
  messageStart(text: string, start: number, end: number): number;
  /** Everything else about one line; called only for lines that matched something. */
  details(line: string, clock: LogClock): LineDetails;
}

/** One product's code, for what YAML cannot say. The only code that may know the product's name. */
export interface ProductParser {
  /** Proxies: what the live configuration says about this URL. Null with the reason when it does not serve it or cannot be read. */
  readonly route?: (
    input: ParserInput,
    url: URL,
  ) => { readonly route: ProxyRoute } | { readonly route: null; readonly why: string };
  /** Applications and dependencies: what is declared on this host. */
  readonly services?: (input: ParserInput) => readonly DeclaredService[];
  readonly errorLog?: LogGrammar;
  readonly accessLog?: LogGrammar;
  /** The grammar of an access log whose format the configuration gives (`LogTarget.format`). */
  readonly accessLogOf?: (format: string) => LogGrammar;
}
