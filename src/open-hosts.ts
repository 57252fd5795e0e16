import { randomBytes } from "node:crypto";
import type { PublicHttp } from "./collect/public-probe.ts";
import { openDiagnose } from "./open-diagnose.ts";
import { createServiceControl } from "./remediate/create-service-control.ts";
import type { ServiceControl } from "./remediate/service-control.ts";
import { createVerify } from "./verify/create-verify.ts";
import type { Verify } from "./verify/verify.ts";

/** Everything the bot does with hosts and sites: look, ask, restart, prove. */
export interface Hosts extends Pick<ReturnType<typeof openDiagnose>, "diagnose" | "redact" | "ownSecrets"> {
  readonly http: PublicHttp;
  readonly control: ServiceControl;
  readonly verify: Verify;
  close(): Promise<void>;
}

export type OpenHosts = (
  options: Parameters<typeof openDiagnose>[0] & {
    /** Units that are never restarted, beside those we know. */
    readonly neverRestart: readonly string[];
    /** How long a site must stay well. */
    readonly soakMsOf: (site: string) => number;
    /** Ends early, and without a word, when it is aborted. */
    readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  },
) => Hosts;

export const openHosts: OpenHosts = ({ neverRestart, soakMsOf, sleep, ...options }) => {
  const { diagnose, shell, http, redact, ownSecrets } = openDiagnose(options);
  const control = createServiceControl({ shell, redact, now: Date.now, random: randomBytes, neverRestart });
  const verify = createVerify({
    diagnose,
    http,
    read: control.read,
    now: Date.now,
    steady: () => performance.now(),
    wait: sleep,
    soakMsOf,
  });
  return { diagnose, redact, ownSecrets, http, control, verify, close: () => shell.close() };
};
