import { edit } from "../faults.ts";
import type { LabCase } from "../lab-case.ts";

const SITE = "/etc/nginx/sites-enabled/shop.test";

/** The proxy itself is the fault: restarting the application cannot help. */
export const proxyCases: readonly LabCase[] = [
  {
    name: "proxy-not-running--nginx-fpm-socket",
    stack: "nginx-fpm-socket",
    truth: {
      status: [null],
      causes: ["proxy-not-running"],
      hops: ["edge->proxy", "proxy"],
      restartHelps: ["no"],
    },
    fault: (lab) => lab.on("web-1", "systemctl stop nginx"),
  },
  {
    name: "proxy-not-running--nginx-node--without-sudo",
    stack: "nginx-node",
    withoutSudo: true,
    truth: { status: [null], causes: ["proxy-not-running"], restartHelps: ["no"] },
    fault: (lab) => lab.on("edge-1", "systemctl stop nginx"),
  },
  {
    name: "proxy-not-running--haproxy-node",
    stack: "haproxy-node",
    truth: { status: [null], causes: ["proxy-not-running"], restartHelps: ["no"] },
    fault: (lab) => lab.on("edge-1", "systemctl stop haproxy"),
  },
  {
    name: "proxy-not-running--apache-node",
    stack: "apache-node",
    truth: { status: [null], causes: ["proxy-not-running"], restartHelps: ["no"] },
    fault: (lab) => lab.on("edge-1", "systemctl stop apache2"),
  },
  {
    // Something else took port 80 while nginx was down; it accepts and says nothing an HTTP client understands.
    name: "proxy-not-running--nginx-node--port-taken",
    stack: "nginx-node",
    requests: 1,
    truth: { status: [null], causes: ["proxy-not-running"], restartHelps: ["no"] },
    fault: (lab) =>
      lab.on(
        "edge-1",
        `systemctl stop nginx
systemd-run -q --unit=metrics-agent socat TCP6-LISTEN:80,fork,reuseaddr,ipv6-v6only=0 EXEC:'/bin/echo agent 1.0'
sleep 0.2; systemctl start nginx || true`,
      ),
  },
  {
    name: "proxy-config-invalid--nginx-node--restarted",
    stack: "nginx-node",
    truth: { status: [null], causes: ["proxy-config-invalid", "proxy-not-running"], restartHelps: ["no"] },
    async fault(lab) {
      await edit(lab.host("edge-1"), SITE, "proxy_read_timeout 2s;", "proxy_read_timeuot 2s;");
      await lab.on("edge-1", "systemctl restart nginx || true");
    },
  },
  {
    // The running workers still have the good configuration.
    name: "healthy--nginx-node--broken-config-on-disk",
    stack: "nginx-node",
    truth: { status: [200], causes: [], outcomes: ["healthy"], restartHelps: ["no"] },
    async fault(lab) {
      await edit(lab.host("edge-1"), SITE, "proxy_read_timeout 2s;", "proxy_read_timeuot 2s;");
      await lab.on("edge-1", "systemctl reload nginx || true");
    },
  },
  {
    // A refused reload hides that the good address never took effect.
    name: "upstream-not-running--nginx-node--broken-config-on-disk",
    stack: "nginx-node",
    truth: { status: [502], causes: ["upstream-not-running"], restartHelps: ["yes"] },
    async fault(lab) {
      await edit(lab.host("edge-1"), SITE, "proxy_read_timeout 2s;", "proxy_read_timeuot 2s;");
      await lab.on("edge-1", "systemctl reload nginx || true");
      await lab.stop("app-1", "shop");
    },
  },
  {
    name: "proxy-config-invalid--haproxy-node",
    stack: "haproxy-node",
    truth: { status: [null], causes: ["proxy-config-invalid", "proxy-not-running"], restartHelps: ["no"] },
    async fault(lab) {
      await edit(lab.host("edge-1"), "/etc/haproxy/haproxy.cfg", "use_backend blog", "use_backend blgo");
      await lab.on("edge-1", "systemctl restart haproxy || true; sleep 1");
    },
  },
  {
    name: "resource-limit-hit--nginx-node--worker-connections",
    stack: "nginx-node",
    truth: { status: [500, null], causes: ["resource-limit-hit"], restartHelps: ["no"] },
    async fault(lab) {
      const edge = lab.host("edge-1");
      await edit(edge, "/etc/nginx/nginx.conf", "worker_connections 768;", "worker_connections 16;");
      await edit(edge, "/etc/nginx/nginx.conf", "worker_processes auto;", "worker_processes 1;");
      await edit(edge, SITE, "proxy_read_timeout 2s", "proxy_read_timeout 90s");
      await edge.sh("systemctl restart nginx; sleep 0.3");
      lab.hold("/slow?seconds=60", 6);
      await edge.sh("sleep 0.7");
    },
  },
  {
    name: "resource-limit-hit--nginx-node--proxy-files",
    stack: "nginx-node",
    truth: { status: [500, null], causes: ["resource-limit-hit"], restartHelps: ["no"] },
    async fault(lab) {
      const edge = lab.host("edge-1");
      await edit(edge, "/etc/nginx/nginx.conf", "worker_processes auto;", "worker_processes 1;");
      await edit(edge, SITE, "proxy_read_timeout 2s", "proxy_read_timeout 90s");
      // Room for four requests, two descriptors each, and for accepting a fifth, which then finds none for its upstream.
      await edge.sh(`systemctl restart nginx; sleep 0.3
files=$(ls /proc/$(pgrep -f 'nginx: worker')/fd | wc -l)
echo "worker_rlimit_nofile $((files + 9));" >>/etc/nginx/nginx.conf
systemctl restart nginx; sleep 0.3`);
      lab.hold("/slow?seconds=60", 4);
      await edge.sh("sleep 0.7");
    },
  },
];
