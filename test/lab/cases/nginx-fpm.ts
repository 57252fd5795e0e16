import { edit, editAndReload, oomKill } from "../faults.ts";
import { withKernelLines } from "../kernel-log.ts";
import type { LabCase } from "../lab-case.ts";

const SITE = "/etc/nginx/sites-enabled/shop.test";
const POOL = "/etc/php/8.2/fpm/pool.d/www.conf";
const RESTART_FPM = "systemctl restart php8.2-fpm";

/** PHP-FPM behind nginx, on one machine and on two. */
export const nginxFpmCases: readonly LabCase[] = [
  {
    name: "healthy--nginx-fpm-socket",
    stack: "nginx-fpm-socket",
    truth: { status: [200], causes: [], outcomes: ["healthy"], restartHelps: ["no"] },
    fault: async () => undefined,
  },
  {
    name: "upstream-not-running--nginx-fpm-socket",
    stack: "nginx-fpm-socket",
    truth: { status: [502], causes: ["upstream-not-running"], restartHelps: ["yes"] },
    fault: (lab) => lab.stop("web-1", "php8.2-fpm"),
  },
  {
    name: "upstream-not-running--nginx-fpm-socket--without-sudo",
    stack: "nginx-fpm-socket",
    withoutSudo: true,
    truth: { status: [502], causes: ["upstream-not-running"], restartHelps: ["yes"] },
    fault: (lab) => lab.stop("web-1", "php8.2-fpm"),
  },
  {
    name: "upstream-not-running--nginx-fpm-tcp",
    stack: "nginx-fpm-tcp",
    truth: { status: [502], causes: ["upstream-not-running"], restartHelps: ["yes"] },
    fault: (lab) => lab.stop("app-1", "php8.2-fpm"),
  },
  {
    // A typo in a pool file: FPM refuses to start, and would again.
    name: "upstream-not-running--nginx-fpm-socket--broken-pool-file",
    stack: "nginx-fpm-socket",
    truth: { status: [502], causes: ["upstream-not-running", "upstream-crash-loop"], restartHelps: ["no"] },
    async fault(lab) {
      await edit(lab.host("web-1"), POOL, "pm.max_children = 5", "pm.max_childs = 5");
      await lab.on("web-1", `${RESTART_FPM} || true`);
    },
  },
  {
    // Left over from before the distribution upgrade.
    name: "wrong-upstream-address--nginx-fpm-socket--old-php-version",
    stack: "nginx-fpm-socket",
    truth: { status: [502], causes: ["wrong-upstream-address"], restartHelps: ["no"] },
    fault: (lab) =>
      editAndReload(lab.host("web-1"), {
        path: SITE,
        from: "php8.2-fpm.sock",
        to: "php7.4-fpm.sock",
        unit: "nginx",
      }),
  },
  {
    name: "wrong-upstream-address--nginx-fpm-tcp--listens-on-socket",
    stack: "nginx-fpm-tcp",
    truth: { status: [502], causes: ["wrong-upstream-address"], restartHelps: ["no"] },
    async fault(lab) {
      await edit(lab.host("app-1"), POOL, "10.77.0.20:9000", "/run/php/php8.2-fpm.sock");
      await lab.on("app-1", RESTART_FPM);
    },
  },
  {
    name: "socket-access-denied--nginx-fpm-socket",
    stack: "nginx-fpm-socket",
    truth: { status: [502], causes: ["socket-access-denied"], restartHelps: ["no"] },
    async fault(lab) {
      await edit(
        lab.host("web-1"),
        POOL,
        "listen.owner = www-data\nlisten.group = www-data",
        "listen.owner = root\nlisten.group = root",
      );
      await lab.on("web-1", RESTART_FPM);
    },
  },
  {
    name: "upstream-crashed-mid-request--nginx-fpm-socket",
    stack: "nginx-fpm-socket",
    path: "/report",
    truth: { status: [502], causes: ["upstream-crashed-mid-request"], restartHelps: ["briefly", "no"] },
    fault: (lab) => withKernelLines(lab.host("web-1"), () => lab.get("/report")),
  },
  {
    name: "upstream-killed-own-timeout--nginx-fpm-socket",
    stack: "nginx-fpm-socket",
    path: "/slow",
    requests: 2,
    truth: { status: [502], causes: ["upstream-killed-own-timeout"], restartHelps: ["no", "briefly"] },
    async fault(lab) {
      await edit(lab.host("web-1"), POOL, "pm = dynamic", "request_terminate_timeout = 1s\npm = dynamic");
      await edit(lab.host("web-1"), SITE, "fastcgi_read_timeout 2s", "fastcgi_read_timeout 10s");
      await lab.on("web-1", `${RESTART_FPM}; systemctl reload nginx; sleep 0.4`);
    },
  },
  {
    name: "upstream-too-slow--nginx-fpm-socket",
    stack: "nginx-fpm-socket",
    path: "/slow",
    requests: 1,
    truth: { status: [504], causes: ["upstream-too-slow"], restartHelps: ["briefly", "no"] },
    fault: async () => undefined,
  },
  {
    name: "worker-pool-exhausted--nginx-fpm-socket",
    stack: "nginx-fpm-socket",
    requests: 1,
    truth: { status: [504], causes: ["worker-pool-exhausted"], restartHelps: ["briefly"] },
    async fault(lab) {
      // FPM keeps a script running when nginx has given up on it: five slow requests hold all workers.
      lab.hold("/slow?seconds=60", 8);
      await lab.on("web-1", "sleep 2.5");
    },
  },
  {
    name: "listen-backlog-full--nginx-fpm-socket",
    stack: "nginx-fpm-socket",
    truth: { status: [502], causes: ["listen-backlog-full"], restartHelps: ["briefly"] },
    async fault(lab) {
      await edit(lab.host("web-1"), POOL, "pm = dynamic", "listen.backlog = 4\npm = dynamic");
      await edit(lab.host("web-1"), SITE, "fastcgi_read_timeout 2s", "fastcgi_read_timeout 60s");
      await lab.on("web-1", `${RESTART_FPM}; systemctl reload nginx; sleep 0.4`);
      lab.hold("/slow?seconds=60", 5);
      await lab.on("web-1", "sleep 2");
      lab.hold("/slow?seconds=60", 12);
      await lab.on("web-1", "sleep 0.7");
    },
  },
  {
    name: "response-header-too-large--nginx-fpm-socket",
    stack: "nginx-fpm-socket",
    path: "/headers?bytes=4200",
    truth: { status: [502], causes: ["response-header-too-large"], restartHelps: ["no"] },
    fault: async () => undefined,
  },
  {
    name: "upstream-oom-killed--nginx-fpm-tcp--worker",
    stack: "nginx-fpm-tcp",
    path: "/memory",
    truth: { status: [502], causes: ["upstream-oom-killed"], restartHelps: ["briefly", "no"] },
    fault: (lab) =>
      oomKill(lab, { host: "app-1", unit: "php8.2-fpm.service", path: "/memory", limitMiB: 96 }),
  },
  {
    name: "protocol-mismatch--nginx-node--fastcgi-to-http",
    stack: "nginx-node",
    truth: { status: [502], causes: ["protocol-mismatch"], restartHelps: ["no"] },
    fault: (lab) =>
      editAndReload(lab.host("edge-1"), {
        path: SITE,
        from: "proxy_pass http://10.77.0.20:3000",
        to: "fastcgi_pass 10.77.0.20:3000",
        unit: "nginx",
      }),
  },
  {
    name: "protocol-mismatch--nginx-fpm-tcp--http-to-fastcgi",
    stack: "nginx-fpm-tcp",
    path: "/index",
    truth: { status: [502], causes: ["protocol-mismatch"], restartHelps: ["no"] },
    async fault(lab) {
      await edit(
        lab.host("edge-1"),
        SITE,
        "try_files $uri /shop.php$is_args$args;",
        "proxy_pass http://php;",
      );
      await lab.on("edge-1", "systemctl reload nginx; sleep 0.4");
    },
  },
  {
    name: "application-error--nginx-fpm-socket--fatal",
    stack: "nginx-fpm-socket",
    path: "/fatal",
    truth: {
      status: [500],
      causes: ["application-error"],
      outcomes: ["fault", "not-a-gateway-error"],
      restartHelps: ["no"],
    },
    fault: async () => undefined,
  },
  {
    name: "application-error--nginx-fpm-socket--own-503",
    stack: "nginx-fpm-socket",
    path: "/unavailable",
    truth: {
      status: [503],
      causes: ["application-error"],
      outcomes: ["fault", "not-a-gateway-error"],
      restartHelps: ["no"],
    },
    fault: async () => undefined,
  },
];
