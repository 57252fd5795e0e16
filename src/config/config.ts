import type { ListenAddress } from "./listen-address.ts";

/** Where a secret is; it is never in the config itself. */
export type SecretReference = ({ readonly file: string } | { readonly env: string }) & {
  /** Where the config says so: `file:line:column: key`. */
  readonly place?: string;
};

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
  /** `user`: whose PM2 it is; without it nothing can be restarted. */
  | { readonly kind: "pm2"; readonly app: string; readonly user?: string }
  | { readonly kind: "compose"; readonly project: string; readonly service: string }
  | { readonly kind: "docker"; readonly container: string }
  | { readonly kind: "supervisor"; readonly program: string };

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
  /** Who may approve a restart: immutable ids of people and groups, per surface. Nobody, unless named. */
  readonly approvers: {
    readonly slack: readonly string[];
    readonly discord: readonly string[];
    readonly console: readonly string[];
  };
  readonly approval: ApprovalPolicy;
  readonly restart: RestartPolicy;
  readonly channel: { readonly slack?: string; readonly discord?: string };
}

/** How many must approve, and by when. */
export interface ApprovalPolicy {
  /** Whoever asked for the diagnosis may approve its restart. */
  readonly selfApproval: boolean;
  readonly approvals: 1 | 2;
  readonly expireAfterMs: number;
}

/** How a restart of the site's service is done. */
interface RestartPolicy {
  /** A used-up start budget may be reset first (`systemctl reset-failed`). */
  readonly resetStartBudget: boolean;
  /** Between two restarts of one service, at least. */
  readonly coolDownMs: number;
  /** How long the site must stay well before the restart counts as proven. */
  readonly soakMs: number;
}

/** A sender of alerts, and how it proves itself. */
export interface AlertSourceConfig {
  readonly name: string;
  /** Name of a shipped mapping, or the absolute path of one's own. */
  readonly mapping: string;
  readonly proof:
    | { readonly kind: "token"; readonly token: SecretReference }
    | { readonly kind: "basic"; readonly user: string; readonly password: SecretReference }
    | { readonly kind: "header"; readonly name: string; readonly value: SecretReference }
    | { readonly kind: "hmac"; readonly key: SecretReference };
  /** The site all its alerts are about. */
  readonly site?: string;
  /** Where the config says so: `file:line:column: key`. */
  readonly places: { readonly mapping: string; readonly proof: string };
}

/** The model that may explain, when there is one. */
export interface ModelConfig {
  readonly name: string;
  readonly baseUrl?: string;
  readonly key?: SecretReference;
  readonly requestsPerDay: number;
  /** Host names and addresses are sent as they are, instead of labels. */
  readonly showHostNames: boolean;
}

/** What `diagnose502.yaml` says. */
export interface Config {
  /** Absolute path it was read from. */
  readonly file: string;
  readonly hosts: readonly HostConfig[];
  readonly sites: readonly SiteConfig[];
  readonly chat: {
    /** Where incidents of sites without a channel of their own go. */
    readonly slack: { readonly channel?: string };
    readonly discord?: { readonly guild: string; readonly channel?: string };
  };
  readonly alerts: readonly AlertSourceConfig[];
  /** `publicUrl`: an origin, `https://bot.example.com`. */
  readonly web: { readonly listen: ListenAddress; readonly publicUrl?: string };
  readonly model?: ModelConfig;
  /** Units beyond the built-in list that are never restarted. */
  readonly neverRestart: readonly string[];
}
