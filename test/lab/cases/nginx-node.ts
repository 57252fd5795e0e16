import { edit, editAndReload, oomKill, overrideUnit, startAgainSoon } from "../faults.ts";
import type { LabCase } from "../lab-case.ts";
import { waitUntilHealthy } from "../stack.ts";

const SITE = "/etc/nginx/sites-enabled/shop.test";
const RELOAD = "systemctl reload nginx; sleep 0.4";
const BREAK_START = `sed -i '1i import "./missing-module.mjs";' /srv/shop/shop.mjs`;

/** Node behind nginx, on one machine, on two, and as a pair. */
export const nginxNodeCases: readonly LabCase[] = [
  {
    name: "healthy--nginx-node",
    stack: "nginx-node",
    truth: { status: [200], causes: [], outcomes: ["healthy"], restartHelps: ["no"] },
    fault: async () => undefined,
  },
  {
    name: "upstream-not-running--nginx-node",
    stack: "nginx-node",
    truth: { status: [502], causes: ["upstream-not-running"], restartHelps: ["yes"] },
    fault: (lab) => lab.stop("app-1", "shop"),
  },
  {
    name: "upstream-not-running--nginx-node-local",
    stack: "nginx-node-local",
    truth: { status: [502], causes: ["upstream-not-running"], restartHelps: ["yes"] },
    fault: (lab) => lab.stop("web-1", "shop"),
  },
  {
    name: "upstream-not-running--nginx-node--without-sudo",
    stack: "nginx-node",
    withoutSudo: true,
    truth: {
      status: [502],
      causes: ["upstream-not-running"],
      outcomes: ["fault", "inconclusive"],
      restartHelps: ["yes"],
    },
    fault: (lab) => lab.stop("app-1", "shop"),
  },
  {
    name: "upstream-crash-loop--nginx-node--gave-up",
    stack: "nginx-node",
    truth: { status: [502], causes: ["upstream-crash-loop"], restartHelps: ["no", "briefly"] },
    fault: (lab) =>
      lab.on("app-1", `${BREAK_START}; systemctl restart shop; sleep 2.5; systemctl status shop || true`),
  },
  {
    name: "upstream-crash-loop--nginx-node--restarting",
    stack: "nginx-node",
    truth: { status: [502], causes: ["upstream-crash-loop"], restartHelps: ["no", "briefly"] },
    async fault(lab) {
      await lab.on("app-1", BREAK_START);
      await overrideUnit(lab.host("app-1"), "shop", "RestartSec=1s");
      await lab.on("app-1", "sleep 3");
    },
  },
  {
    name: "upstream-oom-killed--nginx-node",
    stack: "nginx-node",
    truth: { status: [502], causes: ["upstream-oom-killed"], restartHelps: ["yes", "briefly"] },
    async fault(lab) {
      await overrideUnit(lab.host("app-1"), "shop", "Restart=no");
      await waitUntilHealthy(lab);
      await oomKill(lab, { host: "app-1", unit: "shop.service", path: "/memory", limitMiB: 200 });
    },
  },
  {
    name: "upstream-oom-killed--nginx-node--heap",
    stack: "nginx-node",
    truth: { status: [502], causes: ["upstream-oom-killed"], restartHelps: ["yes", "briefly"] },
    async fault(lab) {
      await edit(
        lab.host("app-1"),
        "/etc/systemd/system/shop.service",
        "/usr/bin/node ",
        "/usr/bin/node --max-old-space-size=40 ",
      );
      await overrideUnit(lab.host("app-1"), "shop", "Restart=no");
      await waitUntilHealthy(lab);
      await lab.get("/memory");
    },
  },
  {
    name: "upstream-crashed-mid-request--nginx-node",
    stack: "nginx-node",
    path: "/report",
    // A crash takes the whole server down until systemd starts it again: requests in between are refused.
    truth: {
      status: [502],
      causes: ["upstream-crashed-mid-request", "upstream-crash-loop"],
      restartHelps: ["briefly", "no"],
    },
    fault: startAgainSoon,
  },
  {
    name: "upstream-too-slow--nginx-node",
    stack: "nginx-node",
    path: "/slow",
    requests: 1,
    truth: { status: [504], causes: ["upstream-too-slow"], restartHelps: ["briefly", "no"] },
    fault: async () => undefined,
  },
  {
    // The unit says active (running), the port accepts, nobody answers.
    name: "upstream-too-slow--nginx-node--hung",
    stack: "nginx-node",
    requests: 1,
    truth: { status: [504], causes: ["upstream-too-slow"], restartHelps: ["yes", "briefly"] },
    fault: (lab) => lab.on("app-1", "systemctl kill -s STOP shop"),
  },
  {
    name: "listen-backlog-full--nginx-node",
    stack: "nginx-node",
    requests: 1,
    truth: { status: [504], causes: ["listen-backlog-full"], restartHelps: ["briefly", "yes"] },
    async fault(lab) {
      await edit(
        lab.host("app-1"),
        "/srv/shop/shop.mjs",
        "server.listen(Number(PORT), HOST,",
        "server.listen(Number(PORT), HOST, 4,",
      );
      await lab.on("app-1", "systemctl restart shop; sleep 0.5; systemctl kill -s STOP shop");
      await edit(lab.host("edge-1"), SITE, "proxy_read_timeout 2s", "proxy_read_timeout 90s");
      await lab.on("edge-1", RELOAD);
      lab.hold("/", 8);
      await lab.on("edge-1", "sleep 1.5");
    },
  },
  {
    name: "wrong-upstream-address--nginx-node--port",
    stack: "nginx-node",
    truth: { status: [502], causes: ["wrong-upstream-address"], restartHelps: ["no"] },
    fault: (lab) =>
      editAndReload(lab.host("edge-1"), { path: SITE, from: ":3000", to: ":3001", unit: "nginx" }),
  },
  {
    name: "wrong-upstream-address--nginx-node--loopback-only",
    stack: "nginx-node",
    truth: { status: [502], causes: ["wrong-upstream-address"], restartHelps: ["no"] },
    fault: (lab) => overrideUnit(lab.host("app-1"), "shop", "Environment=HOST=127.0.0.1"),
  },
  {
    name: "wrong-upstream-address--nginx-node-local--ipv6-only",
    stack: "nginx-node-local",
    truth: { status: [502], causes: ["wrong-upstream-address"], restartHelps: ["no"] },
    fault: (lab) => overrideUnit(lab.host("web-1"), "shop", "Environment=HOST=::1"),
  },
  {
    name: "resource-limit-hit--nginx-node--files",
    stack: "nginx-node",
    truth: { status: [502, 504], causes: ["resource-limit-hit"], restartHelps: ["briefly", "yes"] },
    async fault(lab) {
      await overrideUnit(lab.host("app-1"), "shop", "LimitNOFILE=40");
      await edit(lab.host("edge-1"), SITE, "proxy_read_timeout 2s", "proxy_read_timeout 90s");
      await lab.on("edge-1", RELOAD);
      lab.hold("/slow?seconds=60", 40);
      await lab.on("edge-1", "sleep 1.5");
    },
  },
  {
    name: "resource-limit-hit--nginx-node--disk",
    stack: "nginx-node",
    truth: {
      status: [502],
      causes: ["resource-limit-hit", "upstream-crash-loop"],
      restartHelps: ["no", "briefly"],
    },
    async fault(lab) {
      const app = lab.host("app-1");
      await edit(
        app,
        "/srv/shop/shop.mjs",
        "process.on(",
        'writeFileSync("/var/lib/shop/sessions.db", Buffer.alloc(65536));\nprocess.on(',
      );
      await edit(
        app,
        "/srv/shop/shop.mjs",
        "{ readFile, readFileSync }",
        "{ readFile, readFileSync, writeFileSync }",
      );
      await app.sh(`mkdir -p /var/lib/shop; mount -t tmpfs -o size=1m,mode=777 shop-data /var/lib/shop
dd if=/dev/zero of=/var/lib/shop/backup.tar bs=1M 2>/dev/null || true
systemctl restart shop; sleep 2.5`);
    },
  },
  {
    name: "response-header-too-large--nginx-node",
    stack: "nginx-node",
    path: "/headers?bytes=4200",
    truth: { status: [502], causes: ["response-header-too-large"], restartHelps: ["no"] },
    fault: async () => undefined,
  },
  {
    name: "response-malformed--nginx-node",
    stack: "nginx-node",
    path: "/malformed",
    truth: { status: [502], causes: ["response-malformed"], restartHelps: ["no"] },
    fault: async () => undefined,
  },
  {
    // GET requests are retried by nginx on a fresh connection and succeed; POST requests are not.
    name: "keepalive-race--nginx-node",
    stack: "nginx-node",
    requests: 8,
    post: "cart=1",
    truth: {
      status: [502],
      causes: ["keepalive-race"],
      outcomes: ["fault", "recovered"],
      restartHelps: ["no"],
    },
    async fault(lab) {
      await overrideUnit(lab.host("app-1"), "shop", "Environment=ONE_SHOT=1");
      const edge = lab.host("edge-1");
      await edit(
        edge,
        SITE,
        "proxy_pass http://10.77.0.20:3000;",
        'proxy_pass http://node;\n        proxy_http_version 1.1;\n        proxy_set_header Connection "";',
      );
      await edit(
        edge,
        SITE,
        "server {\n",
        "upstream node {\n    server 10.77.0.20:3000;\n    keepalive 8;\n}\n\nserver {\n",
      );
      await edge.sh("systemctl restart nginx; sleep 0.4");
    },
  },
  {
    name: "application-error--nginx-node--own-503",
    stack: "nginx-node",
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
    // The application calls somebody else's service and passes its 502 on.
    name: "application-error--nginx-node--own-502",
    stack: "nginx-node",
    path: "/unavailable?status=502",
    truth: {
      status: [502],
      causes: ["application-error"],
      outcomes: ["fault", "not-a-gateway-error"],
      restartHelps: ["no"],
    },
    fault: async () => undefined,
  },
  {
    name: "no-live-upstream--nginx-node-pair",
    stack: "nginx-node-pair",
    requests: 6,
    truth: { status: [502], causes: ["upstream-not-running"], restartHelps: ["yes"] },
    fault: (lab) => Promise.all([lab.stop("app-1", "shop"), lab.stop("app-2", "shop")]),
  },
  {
    name: "upstream-not-running--nginx-node-pair--one-of-two",
    stack: "nginx-node-pair",
    requests: 8,
    truth: {
      status: [502],
      causes: ["upstream-not-running"],
      outcomes: ["fault", "recovered"],
      restartHelps: ["yes"],
    },
    async fault(lab) {
      const edge = lab.host("edge-1");
      await edit(
        edge,
        SITE,
        "proxy_read_timeout 2s;",
        "proxy_read_timeout 2s;\n        proxy_next_upstream off;",
      );
      await edit(edge, SITE, ".21:3000;", ".21:3000 max_fails=0;");
      await edge.sh(RELOAD);
      await lab.stop("app-2", "shop");
    },
  },
];
