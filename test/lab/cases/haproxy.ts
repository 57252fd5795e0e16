import { addFilterRule, edit, overrideUnit, startAgainSoon } from "../faults.ts";
import type { LabCase } from "../lab-case.ts";

const CONFIG = "/etc/haproxy/haproxy.cfg";
const RELOAD = "systemctl reload haproxy; sleep 0.5";

/** HAProxy: every failed connection is 503, and the termination flags say the rest. */
export const haproxyCases: readonly LabCase[] = [
  {
    name: "healthy--haproxy-node",
    stack: "haproxy-node",
    truth: { status: [200], causes: [], outcomes: ["healthy"], restartHelps: ["no"] },
    fault: async () => undefined,
  },
  {
    name: "upstream-not-running--haproxy-node",
    stack: "haproxy-node",
    requests: 2,
    truth: { status: [503], causes: ["upstream-not-running"], restartHelps: ["yes"] },
    fault: (lab) => lab.stop("app-1", "shop"),
  },
  {
    name: "wrong-upstream-address--haproxy-node--port",
    stack: "haproxy-node",
    requests: 2,
    truth: { status: [503], causes: ["wrong-upstream-address"], restartHelps: ["no"] },
    async fault(lab) {
      await edit(lab.host("edge-1"), CONFIG, "10.77.0.20:3000", "10.77.0.20:3010");
      await lab.on("edge-1", RELOAD);
    },
  },
  {
    name: "upstream-too-slow--haproxy-node",
    stack: "haproxy-node",
    path: "/slow",
    requests: 1,
    truth: { status: [504], causes: ["upstream-too-slow"], restartHelps: ["briefly", "no"] },
    fault: async () => undefined,
  },
  {
    name: "upstream-crashed-mid-request--haproxy-node",
    stack: "haproxy-node",
    path: "/report",
    truth: {
      status: [502],
      causes: ["upstream-crashed-mid-request", "upstream-crash-loop"],
      restartHelps: ["briefly", "no"],
    },
    fault: startAgainSoon,
  },
  {
    name: "firewall-drop--haproxy-node",
    stack: "haproxy-node",
    requests: 1,
    truth: { status: [503], causes: ["firewall-drop"], restartHelps: ["no"] },
    fault: (lab) => addFilterRule(lab, "app-1", "input", "tcp dport 3000 drop"),
  },
  {
    name: "response-malformed--haproxy-node--two-lengths",
    stack: "haproxy-node",
    path: "/twice",
    truth: { status: [502], causes: ["response-malformed"], restartHelps: ["no"] },
    fault: async () => undefined,
  },
  {
    name: "response-header-too-large--haproxy-node",
    stack: "haproxy-node",
    path: "/headers?bytes=15800",
    truth: { status: [502], causes: ["response-header-too-large"], restartHelps: ["no"] },
    fault: async () => undefined,
  },
  {
    name: "application-error--haproxy-node--own-503",
    stack: "haproxy-node",
    path: "/unavailable",
    truth: {
      status: [503],
      causes: ["application-error"],
      outcomes: ["fault", "not-a-gateway-error"],
      restartHelps: ["no"],
    },
    fault: async () => undefined,
  },
  {
    name: "tls-certificate-rejected--haproxy-https-node--expired",
    stack: "haproxy-https-node",
    requests: 2,
    truth: { status: [503], causes: ["tls-certificate-rejected"], restartHelps: ["no"] },
    async fault(lab) {
      await overrideUnit(
        lab.host("app-1"),
        "shop",
        "Environment=TLS_CERT=/etc/ssl/shop/expired.crt TLS_KEY=/etc/ssl/shop/expired.key",
      );
      await lab.on("edge-1", "sleep 0.4; systemctl restart haproxy; sleep 0.3");
    },
  },
  {
    name: "no-live-upstream--haproxy-gunicorn-pair",
    stack: "haproxy-gunicorn-pair",
    truth: { status: [503], causes: ["upstream-not-running"], restartHelps: ["yes"] },
    async fault(lab) {
      await lab.stop("app-1", "shop-a", "shop-b");
      await lab.on("app-1", "sleep 2");
    },
  },
  {
    name: "healthy--haproxy-gunicorn-pair--one-of-two",
    stack: "haproxy-gunicorn-pair",
    truth: {
      status: [200],
      causes: ["upstream-not-running"],
      outcomes: ["healthy", "recovered", "fault"],
      restartHelps: ["yes", "briefly", "no"],
    },
    fault: (lab) => lab.on("app-1", "systemctl stop shop-b; sleep 2"),
  },
  {
    // The health check's path is broken, not the application.
    name: "no-live-upstream--haproxy-gunicorn-pair--health-check",
    stack: "haproxy-gunicorn-pair",
    truth: { status: [503], causes: ["no-live-upstream"], restartHelps: ["no"] },
    async fault(lab) {
      await edit(lab.host("edge-1"), CONFIG, "httpchk GET /", "httpchk GET /unavailable");
      await lab.on("edge-1", `${RELOAD}; sleep 1.5`);
    },
  },
  {
    // The 502 is nginx's, relayed: the diagnosis must go one hop deeper.
    name: "upstream-not-running--haproxy-nginx-fpm--inner-hop",
    stack: "haproxy-nginx-fpm",
    truth: { status: [502], causes: ["upstream-not-running"], restartHelps: ["yes"] },
    fault: (lab) => lab.stop("app-1", "php8.2-fpm"),
  },
  {
    name: "inner-hop-error--haproxy-nginx-unseen",
    stack: "haproxy-nginx-unseen",
    truth: { status: [502], causes: ["inner-hop-error"], restartHelps: ["no"] },
    fault: (lab) => lab.stop("app-1", "php8.2-fpm"),
  },
  {
    name: "upstream-not-running--haproxy-nginx-fpm--inner-proxy",
    stack: "haproxy-nginx-fpm",
    requests: 2,
    truth: {
      status: [503],
      causes: ["upstream-not-running", "proxy-not-running"],
      restartHelps: ["yes", "no"],
    },
    fault: (lab) => lab.on("app-1", "systemctl stop nginx"),
  },
  {
    name: "upstream-too-slow--haproxy-nginx-fpm--inner-hop",
    stack: "haproxy-nginx-fpm",
    path: "/slow",
    requests: 1,
    truth: { status: [504], causes: ["upstream-too-slow"], restartHelps: ["briefly", "no"] },
    async fault(lab) {
      await edit(lab.host("edge-1"), CONFIG, "timeout server 2s", "timeout server 8s");
      await lab.on("edge-1", RELOAD);
    },
  },
];
