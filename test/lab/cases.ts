import { apacheCases } from "./cases/apache.ts";
import { dependencyCases } from "./cases/dependency.ts";
import { haproxyCases } from "./cases/haproxy.ts";
import { networkCases } from "./cases/network.ts";
import { nginxFpmCases } from "./cases/nginx-fpm.ts";
import { nginxNodeCases } from "./cases/nginx-node.ts";
import { nginxPythonJavaCases } from "./cases/nginx-python-java.ts";
import { proxyCases } from "./cases/proxy.ts";
import { tlsCases } from "./cases/tls.ts";
import { trapCases } from "./cases/traps.ts";
import type { LabCase } from "./lab-case.ts";

/** Every fault the lab can make. */
export const cases: readonly LabCase[] = [
  ...nginxFpmCases,
  ...nginxNodeCases,
  ...nginxPythonJavaCases,
  ...networkCases,
  ...tlsCases,
  ...proxyCases,
  ...trapCases,
  ...apacheCases,
  ...haproxyCases,
  ...dependencyCases,
];

/** A few that touch every part of the tool, for a quick run. */
export const SPREAD: readonly string[] = [
  "upstream-not-running--nginx-fpm-socket",
  "upstream-oom-killed--nginx-node",
  "firewall-drop--nginx-node",
  "wrong-upstream-address--nginx-node--port",
  "tls-certificate-rejected--nginx-https-node--expired",
  "upstream-crashed-mid-request--apache-node",
  "no-live-upstream--haproxy-gunicorn-pair",
  "healthy--nginx-fpm-socket--other-site-broken",
];
