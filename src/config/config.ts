/** Where a secret is; it is never in the config itself. */
export type SecretReference = { readonly file: string } | { readonly env: string };

/** A machine as the operator describes it; what is absent comes from ssh_config, then from OpenSSH's defaults. */
export type HostConfig =
  | { readonly kind: "local"; readonly name: string }
  | {
      readonly kind: "ssh";
      readonly name: string;
      /** Host name, address or ssh_config alias; the host's own name when not given. */
      readonly address: string;
      readonly port?: number;
      readonly user?: string;
      /** Absolute. */
      readonly identityFiles: readonly string[];
      readonly hostKey?: string;
      readonly passphrase?: SecretReference;
      /** A name under `hosts`, or `user@host[:port]`. `none`: directly, whatever ssh_config says. */
      readonly jump?: string;
    };

/** The unit, app or container that runs the site. */
export type ServiceConfig =
  | { readonly kind: "systemd"; readonly unit: string }
  | { readonly kind: "pm2"; readonly app: string }
  | { readonly kind: "compose"; readonly project: string; readonly service: string }
  | { readonly kind: "docker"; readonly container: string };

/** A site; hosts are names under `hosts`, or `user@host[:port]`. */
export interface SiteConfig {
  readonly name: string;
  readonly url: string;
  readonly proxies: readonly string[];
  /** Empty: the application lives on the proxy's hosts. */
  readonly upstreams: readonly string[];
  readonly edge?: string;
  readonly service?: ServiceConfig;
  readonly dependencies: readonly { readonly kind: string; readonly host: string }[];
  readonly approvers: { readonly slack: readonly string[]; readonly discord: readonly string[] };
  readonly channel: { readonly slack?: string; readonly discord?: string };
}

/** What `diagnose502.yaml` says. */
export interface Config {
  /** Absolute path it was read from. */
  readonly file: string;
  readonly hosts: readonly HostConfig[];
  readonly sites: readonly SiteConfig[];
}
