import type { Signal } from "./signal.ts";

/**
 * What a probe in round 2 is repeated for, and the typed parameters each repetition gets.
 * The values come from the live topology, never from log text.
 */
export const DOMAINS = {
  /** Once per host; no parameters. The only one in round 1. */
  host: [],
  /** Error and access logs (files) of the proxy's route, on the proxy's host. */
  "proxy-error-log": ["path"],
  "proxy-access-log": ["path"],
  /** The proxy's own unit. */
  "proxy-unit": ["unit"],
  /** Each upstream address, seen from the proxy's host. `ip` is what the configured name resolves to. */
  "upstream-tcp": ["ip", "port"],
  "upstream-unix": ["path"],
  "upstream-name": ["name"],
  "upstream-tls": ["ip", "port", "sni"],
  /** One direct HTTP request of the same path, for HTTP upstreams; `authority` is the Host header. */
  "upstream-http": ["ip", "port", "scheme", "authority", "path"],
  "upstream-http-unix": ["socket", "authority", "path"],
  /** The service that owns an upstream address (or would), on its host. */
  "service-unit": ["unit"],
  "service-log": ["path"],
  "service-pid": ["pid"],
  /** Databases and caches behind the application. */
  "dependency-unit": ["unit"],
  "dependency-log": ["path"],
} as const;

export type Domain = keyof typeof DOMAINS;

/** One read-only look, as YAML has it; `{name}` in a word is replaced by a parameter, as one word. */
export interface Probe {
  readonly title: string;
  readonly round: 1 | 2;
  /** Hosts it runs on, by their role in the request. `any` = all of them. */
  readonly on: "any" | "proxy" | "upstream";
  readonly each: Domain;
  readonly action:
    | { readonly kind: "run"; readonly argv: readonly string[]; readonly stdin?: string }
    | { readonly kind: "files"; readonly globs: readonly string[]; readonly only?: readonly string[] }
    /** A text log; `timestamps` names how its lines begin, so that the window is found without reading all of it. */
    | { readonly kind: "log"; readonly path: string; readonly timestamps: string };
  /** Only where a process of one of these names runs: for programs that would create files of a service that is stopped. */
  readonly whileRunning?: readonly string[];
  readonly as: "self" | "root" | "prefer-root";
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** A component's message and what it means. `message` is the literal text with `<holes>`. */
export interface Signature {
  /** Stable id within the playbook, for example `NG01`. */
  readonly id: string;
  readonly message: string;
  readonly signal: Signal;
  /** `own`: in the component's log. `client`: in the log of an application that uses it. */
  readonly in: "own" | "client";
  /** Where the fact comes from. */
  readonly source: string;
}

/** How to recognise an error page this product wrote itself. All given parts must match. */
export interface PageFingerprint {
  readonly statuses?: readonly number[];
  /** Lower-case header name → template with holes. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Templates that must all occur in the first 4 KiB of the body. */
  readonly body?: readonly string[];
  /** True when the header must be absent. */
  readonly without?: readonly string[];
  /** The page proves that a hop further in answered the error, and this product re-branded it. */
  readonly relayed?: boolean;
}

interface Remediation {
  readonly title: string;
  readonly manager: "systemd" | "pm2" | "docker" | "compose" | "supervisor";
  readonly argv: readonly string[];
}

/** One system we support: a file in `playbooks/`. */
export interface Playbook {
  /** The file's name without `.yaml`. */
  readonly id: string;
  readonly title: string;
  readonly role: "host" | "edge" | "proxy" | "upstream" | "dependency";
  /** The protocols it can speak to a proxy, when that is a short list; absent = it depends on its configuration. */
  readonly speaks?: readonly ("http" | "fastcgi" | "uwsgi" | "ajp")[];
  /** When a process or unit on a host belongs to this playbook. Templates with `<holes>` match whole strings. */
  readonly detect: {
    readonly comms: readonly string[];
    readonly args: readonly string[];
    readonly units: readonly string[];
    readonly ports: readonly number[];
  };
  /** Name of its parser in `src/topology/parsers/`. */
  readonly parser?: string;
  readonly probes: Readonly<Record<string, Probe>>;
  readonly signatures: readonly Signature[];
  readonly pages: readonly PageFingerprint[];
  readonly remediations: Readonly<Record<string, Remediation>>;
  /** What the product does when nothing is configured; units in the key. */
  readonly defaults: Readonly<Record<string, number>>;
}
