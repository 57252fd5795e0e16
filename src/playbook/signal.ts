/**
 * The closed vocabulary between playbooks and rules. A playbook says which message of its product means which signal;
 * rules know signals only, never products. Grouped by where in the request's life they happen.
 */
export const SIGNALS = [
  // the proxy connects
  "connect-refused",
  "connect-timed-out",
  "connect-unreachable", // EHOSTUNREACH (113)
  "connect-no-route", // ENETUNREACH (101)
  "connect-denied", // EACCES (13)
  "connect-socket-missing", // ENOENT (2)
  "connect-backlog-full", // EAGAIN (11) on a unix socket
  "connect-no-local-port", // EADDRNOTAVAIL (99)
  "connect-failed", // the proxy does not say which of the above
  // TLS towards the upstream
  "tls-not-tls", // the peer does not speak TLS
  "tls-alert", // holes: <alert>
  "tls-closed",
  "tls-timed-out",
  "tls-certificate-bad", // holes: <code> <reason>
  "tls-name-mismatch",
  "tls-failed", // the proxy does not say why
  // the request is with the upstream
  "upstream-closed", // closed or reset before a response header
  "upstream-closed-in-body",
  "upstream-read-timed-out",
  "upstream-send-timed-out",
  "upstream-send-failed",
  "response-header-too-large",
  "response-malformed",
  "response-foreign-protocol", // the peer speaks another protocol
  "response-relayed-error", // a 5xx of the upstream, passed on
  "client-gave-up",
  // names
  "dns-not-found",
  "dns-server-failed",
  "dns-no-resolver",
  // balancing
  "no-live-upstream",
  "peer-disabled",
  "peer-down", // holes: <peer> <reason>
  "peer-up",
  "proxy-queue-timed-out",
  // the proxy itself
  "proxy-config-invalid",
  "proxy-bind-failed",
  "proxy-out-of-files",
  "proxy-out-of-connections",
  "proxy-workers-exhausted",
  "proxy-worker-crashed",
  // the application tier
  "worker-crashed", // holes: <pid> <signal>
  "worker-killed-by-own-timeout", // holes: <pid>
  "worker-sigkilled", // holes: <pid>
  "worker-pool-exhausted",
  "worker-slow",
  "listen-queue-full",
  "app-boot-failed",
  "app-address-in-use",
  "app-heap-exhausted",
  "app-uncaught-exception",
  "app-respawning-too-fast",
  "app-request-not-understood", // the app's socket got another protocol
  "app-listening", // holes: <address>: what it says it listens on
  "app-stopping",
  "app-error", // the application's own error; not a gateway fault by itself
  "out-of-files",
  "fork-failed",
  // the service manager
  "unit-started",
  "unit-stopped",
  "unit-main-exited", // holes: <code> <status>
  "unit-start-limit",
  "unit-oom-killed",
  "unit-watchdog",
  "unit-timed-out",
  "unit-restarting",
  "unit-failed", // holes: <result>
  // the kernel and the host
  "kernel-oom-killed", // holes: <pid> <comm>
  "kernel-segfault", // holes: <comm> <pid>
  "kernel-syn-flood",
  "kernel-conntrack-full",
  "kernel-tcp-memory",
  "kernel-io-error",
  "kernel-task-hung",
  "disk-full",
  "mac-denied", // SELinux, AppArmor
  "firewall-blocked",
  "package-changed",
  // dependencies
  "dependency-refused",
  "dependency-too-many-connections",
  "dependency-lost",
  "dependency-starting",
  "dependency-read-only-or-full",
  "dependency-slow",
  // known and harmless
  "noise",
] as const;

export type Signal = (typeof SIGNALS)[number];
