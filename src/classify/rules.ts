import type { Rule } from "./rule.ts";
import { applicationError } from "./rules/application-error.ts";
import { backendDependencyDown } from "./rules/backend-dependency-down.ts";
import { dnsResolutionFailed } from "./rules/dns-resolution-failed.ts";
import { dnsStaleAddress } from "./rules/dns-stale-address.ts";
import { edgeCannotReachOrigin } from "./rules/edge-cannot-reach-origin.ts";
import { firewallDrop } from "./rules/firewall-drop.ts";
import { firewallReject } from "./rules/firewall-reject.ts";
import { innerHopError } from "./rules/inner-hop-error.ts";
import { keepaliveRace } from "./rules/keepalive-race.ts";
import { listenBacklogFull } from "./rules/listen-backlog-full.ts";
import { networkUnreachable } from "./rules/network-unreachable.ts";
import { noLiveUpstream } from "./rules/no-live-upstream.ts";
import { protocolMismatch } from "./rules/protocol-mismatch.ts";
import { proxyConfigInvalid } from "./rules/proxy-config-invalid.ts";
import { proxyNotRunning } from "./rules/proxy-not-running.ts";
import { resourceLimitHit } from "./rules/resource-limit-hit.ts";
import { responseHeaderTooLarge } from "./rules/response-header-too-large.ts";
import { responseMalformed } from "./rules/response-malformed.ts";
import { socketAccessDenied } from "./rules/socket-access-denied.ts";
import { tlsCertificateRejected } from "./rules/tls-certificate-rejected.ts";
import { tlsHandshakeFailed } from "./rules/tls-handshake-failed.ts";
import { upstreamCrashLoop } from "./rules/upstream-crash-loop.ts";
import { upstreamCrashedMidRequest } from "./rules/upstream-crashed-mid-request.ts";
import { upstreamKilledOwnTimeout } from "./rules/upstream-killed-own-timeout.ts";
import { upstreamNotRunning } from "./rules/upstream-not-running.ts";
import { upstreamOomKilled } from "./rules/upstream-oom-killed.ts";
import { upstreamTooSlow } from "./rules/upstream-too-slow.ts";
import { workerPoolExhausted } from "./rules/worker-pool-exhausted.ts";
import { wrongUpstreamAddress } from "./rules/wrong-upstream-address.ts";

/** Every cause we can name, in no order: rules do not know of each other. */
export const RULES: readonly Rule[] = [
  applicationError,
  backendDependencyDown,
  dnsResolutionFailed,
  dnsStaleAddress,
  edgeCannotReachOrigin,
  firewallDrop,
  firewallReject,
  innerHopError,
  keepaliveRace,
  listenBacklogFull,
  networkUnreachable,
  noLiveUpstream,
  protocolMismatch,
  proxyConfigInvalid,
  proxyNotRunning,
  resourceLimitHit,
  responseHeaderTooLarge,
  responseMalformed,
  socketAccessDenied,
  tlsCertificateRejected,
  tlsHandshakeFailed,
  upstreamCrashLoop,
  upstreamCrashedMidRequest,
  upstreamKilledOwnTimeout,
  upstreamNotRunning,
  upstreamOomKilled,
  upstreamTooSlow,
  workerPoolExhausted,
  wrongUpstreamAddress,
];
