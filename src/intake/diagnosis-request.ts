/** How to reach one machine. Everything here is resolved: no `~`, no aliases, no defaults left to fill in. */
export interface HostAccess {
  /** The name people use for it; unique within a request. */
  readonly name: string;
  readonly how:
    | { readonly kind: "local" }
    | {
        readonly kind: "ssh";
        /** Name or address to connect to (after `HostName` of ssh_config). */
        readonly address: string;
        readonly port: number;
        readonly user: string;
        /** Private key files, absolute, in the order to try. Empty: the agent only. */
        readonly identityFiles: readonly string[];
        /** Socket of the SSH agent, absolute. */
        readonly agentSocket?: string;
        /** Of the agent's keys, offer only those that are also in `identityFiles` (`IdentitiesOnly`). */
        readonly identitiesOnly?: boolean;
        /** `SHA256:…` fingerprint pinned in the config; it wins over, and must not contradict, `known_hosts`. */
        readonly hostKey?: string;
        /** Files to look the key up in, absolute. */
        readonly knownHostsFiles: readonly string[];
        /** The name `known_hosts` has it under (`HostKeyAlias`), when not `address`. */
        readonly hostKeyAlias?: string;
        /** Where the passphrase of an encrypted key is: a file, or a variable of the environment. */
        readonly passphrase?: { readonly file: string } | { readonly env: string };
        /** The host to go through (`ProxyJump`). */
        readonly jump?: HostAccess;
      };
}

/** A unit, app or container the operator names in the config; it overrides what is discovered. */
export type ServiceOverride =
  | { readonly kind: "systemd"; readonly unit: string }
  /** `user`: whose PM2 it is. */
  | { readonly kind: "pm2"; readonly app: string; readonly user?: string }
  | { readonly kind: "compose"; readonly project: string; readonly service: string }
  | { readonly kind: "docker"; readonly container: string }
  | { readonly kind: "supervisor"; readonly program: string };

/** What to diagnose: one URL, and the machines we may look at. */
export interface DiagnosisRequest {
  /** Name of the site in the config, else the host name of the URL. */
  readonly site: string;
  readonly url: string;
  /** Machines that run the proxy; never empty. */
  readonly proxies: readonly HostAccess[];
  /** Machines that run the application; empty when it lives on the proxy hosts. */
  readonly upstreams: readonly HostAccess[];
  /** What stands in front of the proxy, when the operator says so. */
  readonly edge?: string;
  readonly service?: ServiceOverride;
  readonly dependencies: readonly { readonly kind: string; readonly host: string }[];
  /** The proxies to ask directly, beside what DNS says: address or name, with `:port` when not the URL's. */
  readonly pinnedAddresses: readonly string[];
}
