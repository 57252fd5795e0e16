import { addFilterRule, edit, editAndReload } from "../faults.ts";
import type { LabCase } from "../lab-case.ts";

const SITE = "/etc/nginx/sites-enabled/shop.test";
const RELOAD = "systemctl reload nginx; sleep 0.4";

/** Between the proxy and the application: filters, routes, names. */
export const networkCases: readonly LabCase[] = [
  {
    name: "firewall-drop--nginx-node",
    stack: "nginx-node",
    requests: 1,
    truth: { status: [504], causes: ["firewall-drop"], hops: ["proxy->upstream"], restartHelps: ["no"] },
    fault: (lab) => addFilterRule(lab, "app-1", "input", "tcp dport 3000 counter drop"),
  },
  {
    name: "firewall-drop--nginx-node--without-sudo",
    stack: "nginx-node",
    withoutSudo: true,
    requests: 1,
    truth: {
      status: [504],
      causes: ["firewall-drop"],
      outcomes: ["fault", "inconclusive"],
      restartHelps: ["no"],
    },
    fault: (lab) => addFilterRule(lab, "app-1", "input", "tcp dport 3000 counter drop"),
  },
  {
    name: "firewall-drop--nginx-node--leaving-the-proxy",
    stack: "nginx-node",
    requests: 1,
    truth: { status: [504], causes: ["firewall-drop"], restartHelps: ["no"] },
    fault: (lab) => addFilterRule(lab, "edge-1", "output", "ip daddr 10.77.0.20 tcp dport 3000 counter drop"),
  },
  {
    name: "firewall-reject--nginx-node--reset",
    stack: "nginx-node",
    truth: { status: [502], causes: ["firewall-reject"], restartHelps: ["no"] },
    fault: (lab) => addFilterRule(lab, "app-1", "input", "tcp dport 3000 counter reject with tcp reset"),
  },
  {
    name: "firewall-reject--nginx-fpm-tcp--prohibited",
    stack: "nginx-fpm-tcp",
    truth: { status: [502], causes: ["firewall-reject"], restartHelps: ["no"] },
    fault: (lab) =>
      addFilterRule(lab, "app-1", "input", "tcp dport 9000 counter reject with icmpx admin-prohibited"),
  },
  {
    name: "network-unreachable--nginx-node--host-down",
    stack: "nginx-node",
    requests: 2,
    truth: { status: [502, 504], causes: ["network-unreachable"], restartHelps: ["no"] },
    async fault(lab) {
      await edit(lab.host("edge-1"), SITE, "proxy_connect_timeout 2s", "proxy_connect_timeout 8s");
      await lab.on("edge-1", RELOAD);
      await lab.powerOff("app-1");
      await lab.on("edge-1", "ip neigh flush dev eth0");
    },
  },
  {
    name: "network-unreachable--nginx-node--no-route",
    stack: "nginx-node",
    truth: { status: [502], causes: ["network-unreachable", "wrong-upstream-address"], restartHelps: ["no"] },
    fault: (lab) =>
      editAndReload(lab.host("edge-1"), {
        path: SITE,
        from: "10.77.0.20:3000",
        to: "10.88.0.20:3000",
        unit: "nginx",
      }),
  },
  {
    name: "network-unreachable--nginx-fpm-tcp--unreachable-route",
    stack: "nginx-fpm-tcp",
    truth: { status: [502], causes: ["network-unreachable"], restartHelps: ["no"] },
    fault: (lab) => lab.on("edge-1", "ip route add unreachable 10.77.0.20/32"),
  },
  {
    name: "dns-resolution-failed--nginx-named--no-record",
    stack: "nginx-named",
    truth: { status: [502], causes: ["dns-resolution-failed"], restartHelps: ["no"] },
    fault: (lab) => lab.on("edge-1", ": >/etc/names; sleep 2.2"),
  },
  {
    name: "dns-resolution-failed--nginx-named--resolver-down",
    stack: "nginx-named",
    requests: 2,
    truth: { status: [502], causes: ["dns-resolution-failed"], restartHelps: ["no"] },
    fault: (lab) => lab.on("edge-1", "systemctl stop names; systemctl restart nginx; sleep 0.3"),
  },
  {
    name: "dns-resolution-failed--nginx-named--no-resolver",
    stack: "nginx-named",
    truth: { status: [502], causes: ["dns-resolution-failed"], restartHelps: ["no"] },
    fault: (lab) =>
      editAndReload(lab.host("edge-1"), {
        path: SITE,
        from: "resolver 127.0.0.1 valid=1s ipv6=off;",
        to: "",
        unit: "nginx",
      }),
  },
  {
    // The application moved and its record with it; nginx has looked the name up once, at its start.
    name: "dns-stale-address--nginx-named-once",
    stack: "nginx-named-once",
    truth: { status: [502], causes: ["dns-stale-address"], restartHelps: ["no"] },
    async fault(lab) {
      await lab.on("app-2", "systemctl start shop");
      await lab.on("app-1", "systemctl disable -q --now shop");
      await edit(lab.host("edge-1"), "/etc/hosts", "10.77.0.20 app.internal", "10.77.0.21 app.internal");
    },
  },
];
