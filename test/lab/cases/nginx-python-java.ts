import { edit, editAndReload, oomKill, overrideUnit } from "../faults.ts";
import { withKernelLines } from "../kernel-log.ts";
import type { LabCase } from "../lab-case.ts";

const SITE = "/etc/nginx/sites-enabled/shop.test";
const RELOAD = "systemctl reload nginx; sleep 0.4";

/** gunicorn, uWSGI and Tomcat behind nginx. */
export const nginxPythonJavaCases: readonly LabCase[] = [
  {
    name: "upstream-not-running--nginx-gunicorn-socket",
    stack: "nginx-gunicorn-socket",
    truth: { status: [502], causes: ["upstream-not-running"], restartHelps: ["yes"] },
    fault: (lab) => lab.stop("web-1", "shop"),
  },
  {
    name: "upstream-crash-loop--nginx-gunicorn-tcp--import-error",
    stack: "nginx-gunicorn-tcp",
    truth: {
      status: [502],
      causes: ["upstream-crash-loop", "upstream-not-running"],
      restartHelps: ["no", "briefly"],
    },
    fault: (lab) =>
      lab.on(
        "app-1",
        "sed -i '1i import django_environ' /srv/shop/shop.py; systemctl restart shop || true; sleep 1",
      ),
  },
  {
    name: "upstream-killed-own-timeout--nginx-gunicorn-socket",
    stack: "nginx-gunicorn-socket",
    path: "/slow?seconds=20",
    requests: 2,
    truth: { status: [502], causes: ["upstream-killed-own-timeout"], restartHelps: ["no", "briefly"] },
    async fault(lab) {
      const web = lab.host("web-1");
      await edit(web, "/etc/systemd/system/shop.service", "--timeout 30", "--timeout 1");
      await edit(web, SITE, "proxy_read_timeout 2s", "proxy_read_timeout 15s");
      await web.sh(`systemctl daemon-reload; systemctl restart shop; ${RELOAD}`);
    },
  },
  {
    name: "upstream-oom-killed--nginx-gunicorn-tcp--worker",
    stack: "nginx-gunicorn-tcp",
    path: "/memory",
    truth: {
      status: [502, 200, 504],
      causes: ["upstream-oom-killed"],
      outcomes: ["fault", "recovered"],
      restartHelps: ["briefly", "no"],
    },
    fault: (lab) => oomKill(lab, { host: "app-1", unit: "shop.service", path: "/memory", limitMiB: 128 }),
  },
  {
    name: "upstream-crashed-mid-request--nginx-gunicorn-tcp",
    stack: "nginx-gunicorn-tcp",
    path: "/report",
    truth: { status: [502], causes: ["upstream-crashed-mid-request"], restartHelps: ["briefly", "no"] },
    fault: (lab) => withKernelLines(lab.host("app-1"), () => lab.get("/report")),
  },
  {
    name: "worker-pool-exhausted--nginx-gunicorn-tcp",
    stack: "nginx-gunicorn-tcp",
    requests: 1,
    truth: { status: [504], causes: ["worker-pool-exhausted"], restartHelps: ["briefly"] },
    async fault(lab) {
      await edit(
        lab.host("app-1"),
        "/etc/systemd/system/shop.service",
        "--workers 2",
        "--workers 2 --timeout 300",
      );
      await lab.on("app-1", "systemctl daemon-reload; systemctl restart shop");
      lab.hold("/slow?seconds=100", 8);
      await lab.on("app-1", "sleep 2.5");
    },
  },
  {
    name: "socket-access-denied--nginx-gunicorn-socket--directory",
    stack: "nginx-gunicorn-socket",
    truth: { status: [502], causes: ["socket-access-denied"], restartHelps: ["no"] },
    fault: (lab) =>
      overrideUnit(lab.host("web-1"), "shop", "User=shop\nGroup=shop\nRuntimeDirectoryMode=0700"),
  },
  {
    name: "wrong-upstream-address--nginx-gunicorn-socket--moved",
    stack: "nginx-gunicorn-socket",
    truth: { status: [502], causes: ["wrong-upstream-address"], restartHelps: ["no"] },
    async fault(lab) {
      const web = lab.host("web-1");
      await edit(web, "/etc/systemd/system/shop.service", "gunicorn.sock", "app.sock");
      await web.sh("systemctl daemon-reload; systemctl restart shop");
    },
  },
  {
    name: "upstream-not-running--nginx-uwsgi",
    stack: "nginx-uwsgi",
    truth: { status: [502], causes: ["upstream-not-running"], restartHelps: ["yes"] },
    fault: (lab) => lab.stop("web-1", "uwsgi-shop"),
  },
  {
    name: "upstream-killed-own-timeout--nginx-uwsgi--harakiri",
    stack: "nginx-uwsgi",
    path: "/slow?seconds=20",
    requests: 2,
    truth: { status: [502], causes: ["upstream-killed-own-timeout"], restartHelps: ["no", "briefly"] },
    async fault(lab) {
      const web = lab.host("web-1");
      await edit(web, "/etc/uwsgi/apps-available/shop.ini", "vacuum = true", "harakiri = 1\nvacuum = true");
      await web.sh("systemctl restart uwsgi-shop");
    },
  },
  {
    name: "listen-backlog-full--nginx-uwsgi",
    stack: "nginx-uwsgi",
    truth: { status: [502], causes: ["listen-backlog-full"], restartHelps: ["briefly"] },
    async fault(lab) {
      const web = lab.host("web-1");
      await edit(web, "/etc/uwsgi/apps-available/shop.ini", "vacuum = true", "listen = 4\nvacuum = true");
      await edit(web, SITE, "uwsgi_read_timeout 4s", "uwsgi_read_timeout 90s");
      await web.sh(`systemctl restart uwsgi-shop; ${RELOAD}`);
      lab.hold("/slow?seconds=60", 16);
      await web.sh("sleep 1.2");
    },
  },
  {
    name: "protocol-mismatch--nginx-uwsgi--http-to-uwsgi",
    stack: "nginx-uwsgi",
    truth: { status: [502], causes: ["protocol-mismatch"], restartHelps: ["no"] },
    async fault(lab) {
      const web = lab.host("web-1");
      await edit(
        web,
        SITE,
        "uwsgi_pass unix:/run/uwsgi-shop/shop.sock;",
        "proxy_pass http://unix:/run/uwsgi-shop/shop.sock:;",
      );
      await web.sh(RELOAD);
    },
  },
  {
    name: "upstream-not-running--nginx-tomcat",
    stack: "nginx-tomcat",
    truth: { status: [502], causes: ["upstream-not-running"], restartHelps: ["yes"] },
    fault: (lab) => lab.stop("web-1", "tomcat10"),
  },
  {
    name: "wrong-upstream-address--nginx-tomcat--port",
    stack: "nginx-tomcat",
    truth: { status: [502], causes: ["wrong-upstream-address"], restartHelps: ["no"] },
    fault: (lab) =>
      editAndReload(lab.host("web-1"), { path: SITE, from: ":8080", to: ":8005", unit: "nginx" }),
  },
];
