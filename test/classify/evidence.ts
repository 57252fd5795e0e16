import type { CaseFile } from "../../src/classify/case-file.ts";
import type { Diagnosis } from "../../src/classify/diagnosis.ts";
import { makeCaseFile } from "../../src/classify/make-case-file.ts";
import type { Evidence, HostVisit, PublicSample } from "../../src/collect/evidence.ts";
import type { ProbeResult } from "../../src/playbook/probe-result.ts";
import { makeTarget } from "../../src/topology/make-target.ts";
import { diagnoseEvidence } from "../../src/workflow/diagnose-evidence.ts";
import {
  edge,
  interfaces,
  makeRequest,
  origin,
  playbooks,
  psLine,
  result,
  tcpLine,
  unitBlock,
} from "../topology/site.ts";

const NOW = "2026-11-20T12:00:00.000Z";
export const NGINX_502 =
  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n";

/** nginx on edge-1 sends shop.example.com to a Node service on origin-1, and blog.example.com to something of its own. */
const CONFIG = `# configuration file /etc/nginx/nginx.conf:
user www-data;
error_log /var/log/nginx/error.log;
events { }
http {
    access_log /var/log/nginx/access.log;
    upstream shop_app { server 192.0.2.20:3000; }
    server { listen 80; server_name shop.example.com www.shop.example.com; location / { proxy_pass http://shop_app; } }
    server { listen 80; server_name blog.example.com; location / { proxy_pass http://192.0.2.20:4000; } }
}
`;

/** What differs from a shop that works. Lines are given oldest first. */
export interface Seen {
  /** What every public request gets; null = no answer. 200 unless told. */
  readonly status?: number | null;
  readonly body?: string;
  readonly samples?: readonly PublicSample[];
  readonly nginxConfig?: string;
  readonly errorLog?: readonly string[];
  readonly accessLog?: readonly string[];
  /** What our own connection to the service says, as bash prints it. Connected unless told. */
  readonly connect?: string;
  /** Whether the service listens. */
  readonly listens?: boolean;
  /** Properties of the service's unit. */
  readonly unit?: Readonly<Record<string, string>>;
  /** The journal of the service. */
  readonly journal?: readonly string[];
  readonly kernelLog?: readonly string[];
  /** They take the place of a look with the same probe on the same host. */
  readonly results?: readonly ProbeResult[];
  readonly visits?: Readonly<Record<string, Partial<HostVisit>>>;
}

/** Evidence of the shop with what was seen in it. */
export function makeEvidence(seen: Seen = {}): Evidence {
  const listens = seen.listens ?? true;
  const lines = (list: readonly string[] | undefined) =>
    list === undefined ? "" : list.map((line) => `${line}\n`).join("");
  const ofEdge = [
    result("edge-1", "nginx.config", seen.nginxConfig ?? CONFIG),
    result("edge-1", "linux-host.addresses", interfaces("192.0.2.10")),
    result(
      "edge-1",
      "linux-host.processes",
      psLine(81, 1, { unit: "nginx.service", comm: "nginx", args: "nginx: master process /usr/sbin/nginx" }),
    ),
    result("edge-1", "linux-host.listeners", tcpLine("0.0.0.0:80", ["nginx", 81])),
    result("edge-1", "linux-host.units", unitBlock("nginx.service", { MainPID: "81" })),
    look("edge-1", "linux-host.upstream-connect", seen.connect ?? "seconds 0.001\n", {
      params: { ip: "192.0.2.20", port: "3000" },
      ...(seen.connect === undefined ? {} : { exitCode: 1 }),
    }),
    look("edge-1", "nginx.error-log", lines(seen.errorLog), { params: { path: "/var/log/nginx/error.log" } }),
    look("edge-1", "nginx.access-log", lines(seen.accessLog), {
      params: { path: "/var/log/nginx/access.log" },
    }),
  ];
  const ofOrigin = [
    result("origin-1", "linux-host.addresses", interfaces("192.0.2.20")),
    result(
      "origin-1",
      "linux-host.processes",
      listens ? psLine(301, 1, { unit: "shop.service", comm: "node", args: "/usr/bin/node server.js" }) : "",
    ),
    result("origin-1", "linux-host.listeners", listens ? tcpLine("0.0.0.0:3000", ["node", 301]) : ""),
    result(
      "origin-1",
      "linux-host.units",
      unitBlock("shop.service", {
        MainPID: listens ? "301" : "0",
        ExecStart: "{ path=/usr/bin/node ; argv[]=/usr/bin/node server.js ; }",
        ...seen.unit,
      }),
    ),
    result(
      "origin-1",
      "node-systemd.unit-environment",
      "# file /etc/systemd/system/shop.service\nEnvironment=PORT=3000\n",
    ),
    result("origin-1", "linux-host.kernel-log", lines(seen.kernelLog)),
    look("origin-1", "linux-host.service-journal", lines(seen.journal), { params: { unit: "shop.service" } }),
  ];
  const given = seen.results ?? [];
  const replaced = ({ host, probe }: ProbeResult) =>
    given.some((other) => other.host === host && other.probe === probe);
  return {
    request: makeRequest({ url: "http://shop.example.com/", proxies: [edge], upstreams: [origin] }),
    startedAt: NOW,
    visits: ["edge-1", "origin-1"].map((host) => ({
      host,
      status: "looked",
      utcOffsetMinutes: 0,
      clockSkewMs: 0,
      ...seen.visits?.[host],
    })),
    results: [...[...ofEdge, ...ofOrigin].filter((one) => !replaced(one)), ...given],
    samples:
      seen.samples ??
      Array.from({ length: 4 }, () =>
        sample(seen.status === undefined ? 200 : seen.status, seen.body ?? NGINX_502),
      ),
  };
}

export function diagnose(seen: Seen | Evidence): Diagnosis {
  const evidence = "startedAt" in seen ? seen : makeEvidence(seen);
  return diagnoseEvidence(evidence, { playbooks, durationMs: 0 }).diagnosis;
}

/** A look of round 2. */
export function look(
  host: string,
  probe: string,
  output: string,
  given: { readonly params?: Record<string, string>; readonly exitCode?: number } = {},
): ProbeResult {
  const { params = {}, exitCode = 0 } = given;
  return result(host, probe, output, { params, round: 2, outcome: { kind: "exited", exitCode } });
}

export function sample(status: number | null, body = "", given: Partial<PublicSample> = {}): PublicSample {
  return {
    via: "public",
    at: NOW,
    status,
    phasesMs: { total: 4 },
    headers: {},
    bodyStart: status === null || status < 500 ? "" : body,
    ...(status === null
      ? { error: { phase: "connect", code: "ECONNREFUSED", message: "connect ECONNREFUSED" } }
      : {}),
    ...given,
  };
}

export function at(secondsAgo: number): string {
  return new Date(Date.parse(NOW) - secondsAgo * 1000).toISOString();
}

/** A line of nginx's error log about one request. */
export function nginxLine(
  secondsAgo: number,
  message: string,
  given: { readonly server?: string; readonly upstream?: string; readonly uri?: string } = {},
): string {
  const { server = "shop.example.com", upstream = "http://192.0.2.20:3000/", uri = "/" } = given;
  const stamp = at(secondsAgo).slice(0, 19).replaceAll("-", "/").replace("T", " ");
  return `${stamp} [error] 82#82: *7 ${message}, client: 198.51.100.7, server: ${server}, request: "GET ${uri} HTTP/1.1", upstream: "${upstream}", host: "${server}"`;
}

export const REFUSED = "connect() failed (111: Connection refused) while connecting to upstream";
export const CLOSED = "upstream prematurely closed connection while reading response header from upstream";
export const READ_TIMED_OUT =
  "upstream timed out (110: Connection timed out) while reading response header from upstream";

/** bash's words for a connection that failed. */
export function bashSays(text: string, seconds = "0.001"): string {
  return `connect: connect: ${text}\nconnect: line 1: /dev/tcp/192.0.2.20/3000: ${text}\nseconds ${seconds}\n`;
}

/** A line of `journalctl -o short-unix --no-hostname`. */
export function journalLine(secondsAgo: number, ident: string, message: string): string {
  return `${(Date.parse(at(secondsAgo)) / 1000).toFixed(6)} ${ident}: ${message}`;
}

/** A time as `systemctl show --timestamp=unix` prints it. */
export function unixTime(secondsAgo: number): string {
  return `@${Date.parse(at(secondsAgo)) / 1000}`;
}

/** A line of nginx's access log in the form `combined`, with what is appended to it. */
export function accessLine(secondsAgo: number, status: number, appended = ""): string {
  const time = new Date(at(secondsAgo)).toUTCString().slice(5, 25).replace(" ", "/").replace(" ", "/");
  return `198.51.100.7 - - [${time.replace(" ", ":")} +0000] "GET / HTTP/1.1" ${status} 157 "-" "curl/8"${appended}`;
}

/** The service was stopped by hand a minute ago, and the proxy is refused. */
export const STOPPED = {
  status: 502,
  listens: false,
  connect: bashSays("Connection refused"),
  unit: {
    ActiveState: "inactive",
    SubState: "dead",
    InactiveEnterTimestamp: unixTime(60),
    ExecMainExitTimestamp: unixTime(60),
  },
  errorLog: [nginxLine(20, REFUSED), nginxLine(1, REFUSED)],
  journal: [journalLine(60, "systemd[1]", "Stopped shop.service - Shop.")],
} satisfies Seen;

/** The case file that the rules get. */
export function makeFile(seen: Seen = {}): CaseFile {
  const evidence = makeEvidence(seen);
  const { request, results, visits } = evidence;
  return makeCaseFile({ target: makeTarget({ request, results, visits, playbooks }), evidence, playbooks });
}
