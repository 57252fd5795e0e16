import type { CauseId } from "../classify/cause.ts";

/** Each cause in the words of a person on call; complete the sentence "it could be that …". */
export const CAUSE_TITLES: Readonly<Record<CauseId, string>> = {
  "upstream-not-running": "the application is not running",
  "upstream-crash-loop": "the application keeps crashing at start",
  "upstream-crashed-mid-request": "the application crashes while it handles a request",
  "upstream-oom-killed": "the kernel killed the application for lack of memory",
  "upstream-killed-own-timeout": "the application kills its own workers for taking too long",
  "upstream-too-slow": "the application is too slow for the proxy's timeout",
  "worker-pool-exhausted": "all workers of the application are busy",
  "listen-backlog-full": "the application's queue of waiting connections is full",
  "firewall-drop": "a firewall silently drops the connection",
  "firewall-reject": "a firewall rejects the connection",
  "network-unreachable": "there is no network path to the application's host",
  "wrong-upstream-address": "the proxy asks the wrong address",
  "socket-access-denied": "the proxy may not open the application's socket",
  "dns-resolution-failed": "the application's name does not resolve",
  "dns-stale-address": "the proxy still uses an old address of the application",
  "tls-handshake-failed": "the TLS handshake with the application fails",
  "tls-certificate-rejected": "the application's certificate is rejected",
  "protocol-mismatch": "proxy and application speak different protocols",
  "response-header-too-large": "the application's response header is too large for the proxy",
  "response-malformed": "the application's response is malformed",
  "keepalive-race": "the application closes idle connections just as the proxy reuses them",
  "resource-limit-hit": "a resource limit was reached",
  "backend-dependency-down": "something the application depends on is down",
  "no-live-upstream": "the proxy has marked every upstream as down",
  "inner-hop-error": "a hop further in answered with the error",
  "proxy-not-running": "the proxy is not running",
  "proxy-config-invalid": "the proxy's configuration is invalid",
  "edge-cannot-reach-origin": "the edge cannot reach the origin",
  "application-error": "the application itself answered with an error",
};

/** The same as a sentence of its own. */
export function causeSentence(cause: CauseId): string {
  const title = CAUSE_TITLES[cause];
  return `${title.charAt(0).toUpperCase()}${title.slice(1)}.`;
}
