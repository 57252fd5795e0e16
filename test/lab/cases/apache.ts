import { addFilterRule, edit, overrideUnit, startAgainSoon } from "../faults.ts";
import type { LabCase } from "../lab-case.ts";

const SITE = "/etc/apache2/sites-enabled/shop.test.conf";
const RELOAD = "systemctl reload apache2; sleep 0.5";

/** Apache httpd: a refused connection is 503, a timeout 502, a failed handshake 500. */
export const apacheCases: readonly LabCase[] = [
  {
    name: "healthy--apache-fpm-socket",
    stack: "apache-fpm-socket",
    truth: { status: [200], causes: [], outcomes: ["healthy"], restartHelps: ["no"] },
    fault: async () => undefined,
  },
  {
    name: "upstream-not-running--apache-fpm-socket",
    stack: "apache-fpm-socket",
    truth: { status: [503], causes: ["upstream-not-running"], restartHelps: ["yes"] },
    fault: (lab) => lab.stop("web-1", "php8.2-fpm"),
  },
  {
    name: "socket-access-denied--apache-fpm-socket",
    stack: "apache-fpm-socket",
    truth: { status: [503], causes: ["socket-access-denied"], restartHelps: ["no"] },
    async fault(lab) {
      const web = lab.host("web-1");
      await edit(
        web,
        "/etc/php/8.2/fpm/pool.d/www.conf",
        "listen.owner = www-data\nlisten.group = www-data",
        "listen.owner = root\nlisten.group = root",
      );
      await web.sh("systemctl restart php8.2-fpm");
    },
  },
  {
    name: "upstream-crashed-mid-request--apache-fpm-socket",
    stack: "apache-fpm-socket",
    path: "/report",
    truth: { status: [503], causes: ["upstream-crashed-mid-request"], restartHelps: ["briefly", "no"] },
    fault: async () => undefined,
  },
  {
    name: "wrong-upstream-address--apache-fpm-tcp--port",
    stack: "apache-fpm-tcp",
    truth: { status: [503], causes: ["wrong-upstream-address"], restartHelps: ["no"] },
    async fault(lab) {
      await edit(lab.host("edge-1"), SITE, ":9000", ":9001");
      await lab.on("edge-1", RELOAD);
    },
  },
  {
    name: "upstream-not-running--apache-node",
    stack: "apache-node",
    truth: { status: [503], causes: ["upstream-not-running"], restartHelps: ["yes"] },
    fault: (lab) => lab.stop("app-1", "shop"),
  },
  {
    name: "upstream-crashed-mid-request--apache-node",
    stack: "apache-node",
    path: "/report",
    truth: {
      status: [502],
      causes: ["upstream-crashed-mid-request", "upstream-crash-loop"],
      restartHelps: ["briefly", "no"],
    },
    fault: startAgainSoon,
  },
  {
    name: "upstream-too-slow--apache-node",
    stack: "apache-node",
    path: "/slow",
    requests: 1,
    truth: { status: [502], causes: ["upstream-too-slow"], restartHelps: ["briefly", "no"] },
    fault: async () => undefined,
  },
  {
    name: "firewall-drop--apache-node",
    stack: "apache-node",
    requests: 2,
    // 502 on a connection that was open before the rule came, 503 on a new one.
    truth: { status: [502, 503], causes: ["firewall-drop"], restartHelps: ["no"] },
    fault: (lab) => addFilterRule(lab, "app-1", "input", "tcp dport 3000 drop"),
  },
  {
    name: "keepalive-race--apache-node",
    stack: "apache-node",
    requests: 8,
    truth: {
      status: [502],
      causes: ["keepalive-race"],
      outcomes: ["fault", "recovered"],
      restartHelps: ["no"],
    },
    async fault(lab) {
      // One process, or requests would rarely meet a connection that is already open.
      await lab
        .host("edge-1")
        .write(
          "/etc/apache2/conf-enabled/one-process.conf",
          "StartServers 1\nServerLimit 1\nThreadsPerChild 25\nMaxRequestWorkers 25\n",
        );
      await lab.on("edge-1", "systemctl restart apache2");
      await overrideUnit(lab.host("app-1"), "shop", "Environment=ONE_SHOT=1");
      await lab.on("app-1", "sleep 0.4");
    },
  },
  {
    name: "response-header-too-large--apache-node",
    stack: "apache-node",
    path: "/headers?bytes=9000",
    truth: { status: [502], causes: ["response-header-too-large"], restartHelps: ["no"] },
    fault: async () => undefined,
  },
  {
    name: "response-malformed--apache-node",
    stack: "apache-node",
    path: "/garbled",
    truth: { status: [502], causes: ["response-malformed"], restartHelps: ["no"] },
    fault: async () => undefined,
  },
  {
    name: "tls-certificate-rejected--apache-https-node--expired",
    stack: "apache-https-node",
    truth: { status: [500], causes: ["tls-certificate-rejected"], restartHelps: ["no"] },
    async fault(lab) {
      await overrideUnit(
        lab.host("app-1"),
        "shop",
        "Environment=TLS_CERT=/etc/ssl/shop/expired.crt TLS_KEY=/etc/ssl/shop/expired.key",
      );
      await lab.on("edge-1", "sleep 0.4; systemctl restart apache2");
    },
  },
  {
    name: "upstream-not-running--apache-gunicorn-balancer--all",
    stack: "apache-gunicorn-balancer",
    requests: 6,
    truth: { status: [503], causes: ["upstream-not-running"], restartHelps: ["yes", "briefly"] },
    fault: (lab) => lab.stop("app-1", "shop-a", "shop-b"),
  },
  {
    // The balancer takes it out for a minute: clients see nothing.
    name: "healthy--apache-gunicorn-balancer--one-of-two",
    stack: "apache-gunicorn-balancer",
    requests: 6,
    truth: {
      status: [200],
      causes: ["upstream-not-running"],
      outcomes: ["healthy", "recovered", "fault"],
      restartHelps: ["yes", "briefly", "no"],
    },
    fault: (lab) => lab.stop("app-1", "shop-b"),
  },
  {
    name: "upstream-not-running--apache-tomcat-ajp",
    stack: "apache-tomcat-ajp",
    truth: { status: [503], causes: ["upstream-not-running"], restartHelps: ["yes"] },
    fault: (lab) => lab.stop("web-1", "tomcat10"),
  },
  {
    name: "protocol-mismatch--apache-tomcat-ajp--http-to-ajp",
    stack: "apache-tomcat-ajp",
    truth: { status: [502, 503], causes: ["protocol-mismatch"], restartHelps: ["no"] },
    async fault(lab) {
      await edit(
        lab.host("web-1"),
        SITE,
        "ajp://127.0.0.1:8009/ secret=between-us",
        "http://127.0.0.1:8009/",
      );
      await lab.on("web-1", RELOAD);
    },
  },
];
