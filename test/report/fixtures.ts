import type { Diagnosis } from "../../src/classify/diagnosis.ts";

const BASE: Diagnosis = {
  schema: "diagnose502/1",
  site: "shop",
  url: "https://shop.example.com/",
  startedAt: "2026-11-20T03:12:09.120Z",
  durationMs: 1840,
  client: { status: 502, mintedBy: "proxy" },
  outcome: "fault",
  cause: null,
  candidates: [],
  findings: [],
  onset: {},
  remediation: null,
  advice: [],
  notChecked: [],
  hops: [
    { name: "edge", host: "", state: "ok" },
    { name: "proxy", host: "edge-1", state: "ok" },
    { name: "upstream", host: "origin-1", state: "broken" },
  ],
};

/** A service the kernel killed: everything a diagnosis can hold is filled in. */
export const OOM_KILLED: Diagnosis = {
  ...BASE,
  cause: {
    id: "upstream-oom-killed",
    confidence: 0.97,
    hop: "upstream",
    summary: "php8.2-fpm on origin-1 is down: it was OOM-killed 3 min ago",
    restartHelps: "briefly",
    restartWhy: "Its memory limit is unchanged, so the same load will have it killed again.",
    evidence: ["f1", "f2", "f3", "f4"],
  },
  candidates: [
    { id: "upstream-oom-killed", confidence: 0.97, for: ["f1"], against: [] },
    { id: "firewall-drop", confidence: 0.001, for: [], against: [] },
    { id: "upstream-crash-loop", confidence: 0.11, for: ["f2"], against: ["f5"] },
  ],
  findings: [
    {
      id: "f1",
      check: "kernel-log",
      host: "origin-1",
      summary: "The kernel killed php-fpm8.2 for lack of memory.",
      quote:
        "kernel: Out of memory: Killed process 812 (php-fpm8.2) total-vm:1254332kB, anon-rss:489120kB, file-rss:0kB, shmem-rss:0kB, UID:33 pgtables:1412kB oom_score_adj:0",
      at: "2026-11-20T03:09:12.000Z",
    },
    {
      id: "f2",
      check: "unit-state",
      host: "origin-1",
      summary: "php8.2-fpm.service failed and nothing starts it again.",
      quote: "ActiveState=failed SubState=failed Result=oom-kill NRestarts=0",
    },
    {
      id: "f3",
      check: "proxy-error-log",
      host: "edge-1",
      summary: "The proxy is refused when it connects to 192.0.2.20:9000.",
      quote:
        '2026/11/20 03:12:08 [error] 411#411: *8812 connect() failed (111: Connection refused) while connecting to upstream, client: 198.51.100.7, server: shop.example.com, request: "GET /cart HTTP/1.1", upstream: "fastcgi://192.0.2.20:9000"',
      at: "2026-11-20T03:12:08.000Z",
    },
    {
      id: "f4",
      check: "listening-sockets",
      host: "origin-1",
      summary: "Nothing listens on 192.0.2.20:9000.",
    },
    { id: "f5", check: "journal", host: "origin-1", summary: "It ran for 9 days before." },
  ],
  onset: {
    first502At: "2026-11-20T03:09:12.000Z",
    share: 0.4,
    perMinute: [0, 0, 1, 8, 10, 9].map((errors, n) => ({
      at: `2026-11-20T03:0${n + 6}:00.000Z`,
      errors,
      requests: 10,
    })),
    lastChange: {
      what: "php8.2-fpm was upgraded from 8.2.7-1 to 8.2.29-1",
      at: "2026-11-19T22:58:00.000Z",
    },
  },
  remediation: {
    kind: "restart-upstream",
    host: "origin-1",
    unit: "php8.2-fpm.service",
    recommended: true,
    why: "Serving for a while beats not serving at all.",
  },
  advice: [
    "Find what grew: 489 MB in one worker is four times what its siblings use.",
    "Lower pm.max_children or raise the memory of the host before traffic returns.",
  ],
  notChecked: [
    {
      check: "firewall-rules",
      host: "edge-1",
      reason: "diag may not run nft as root",
      fix: "Add `diag ALL=(root) NOPASSWD: /usr/sbin/nft list ruleset` to /etc/sudoers.d/diagnose502 on edge-1.",
    },
    {
      check: "conntrack",
      host: "edge-1",
      reason: "diag may not run nft as root",
      fix: "Add `diag ALL=(root) NOPASSWD: /usr/sbin/nft list ruleset` to /etc/sudoers.d/diagnose502 on edge-1.",
    },
  ],
};

/** A firewall rule: a restart cannot help. */
export const FIREWALL: Diagnosis = {
  ...BASE,
  cause: {
    id: "firewall-drop",
    confidence: 0.93,
    hop: "proxy->upstream",
    summary: "a firewall on origin-1 drops what edge-1 sends to port 8080",
    restartHelps: "no",
    restartWhy: "The application is up and answers on its own host; the packets never reach it.",
    evidence: ["f1"],
  },
  findings: [
    {
      id: "f1",
      check: "firewall-rules",
      host: "origin-1",
      summary: "A rule drops TCP port 8080 and has counted 214 packets.",
      quote: "tcp dport 8080 counter packets 214 bytes 12840 drop",
    },
  ],
  hops: [
    { name: "proxy", host: "edge-1", state: "ok" },
    { name: "upstream", host: "origin-1", state: "broken" },
  ],
  advice: ["Remove the rule, or allow 192.0.2.10 above it."],
};

/** Two causes fit and nothing separates them. */
export const INCONCLUSIVE: Diagnosis = {
  ...BASE,
  outcome: "inconclusive",
  candidates: [
    { id: "network-unreachable", confidence: 0.31, for: ["f1"], against: [] },
    { id: "upstream-not-running", confidence: 0.44, for: ["f1"], against: ["f2"] },
  ],
  findings: [
    {
      id: "f1",
      check: "connect-from-proxy",
      host: "edge-1",
      summary: "A connection from edge-1 to 192.0.2.20:9000 got no answer.",
    },
    { id: "f2", check: "proxy-error-log", host: "edge-1", summary: "The log shows timeouts, not refusals." },
  ],
  hops: [
    { name: "edge", host: "cloudflare", state: "ok" },
    { name: "proxy", host: "edge-1", state: "ok" },
    { name: "upstream", host: "origin-1", state: "unknown" },
  ],
  advice: ["Look at origin-1 itself: give --upstream user@origin-1."],
  notChecked: [
    { check: "everything", host: "origin-1", reason: "192.0.2.20 port 22 did not answer within 5 s" },
  ],
};

/** All is well. */
export const HEALTHY: Diagnosis = {
  ...BASE,
  outcome: "healthy",
  client: { status: 200, mintedBy: "app" },
  hops: BASE.hops.map((hop) => ({ ...hop, state: "ok" })),
};

/** It was broken and works again. */
export const RECOVERED: Diagnosis = {
  ...HEALTHY,
  outcome: "recovered",
  onset: { first502At: "2026-11-20T03:09:12.000Z" },
};

/** The site answers 404: an answer, not a broken hop. */
export const NOT_FOUND: Diagnosis = {
  ...HEALTHY,
  outcome: "not-a-gateway-error",
  client: { status: 404, mintedBy: "app" },
};
