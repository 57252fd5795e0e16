import assert from "node:assert/strict";
import { test } from "node:test";
import { dnsResolutionFailed } from "../../src/classify/rules/dns-resolution-failed.ts";
import { noLiveUpstream } from "../../src/classify/rules/no-live-upstream.ts";
import { psLine, result, tcpLine, unitBlock } from "../topology/site.ts";
import {
  accessLine,
  bashSays,
  CLOSED,
  diagnose,
  journalLine,
  look,
  makeFile,
  nginxLine,
  READ_TIMED_OUT,
  REFUSED,
  type Seen,
  STOPPED,
  sample,
  unixTime,
} from "./evidence.ts";

test("a site that answers and left no trace of an error is healthy", () => {
  const { outcome, cause, remediation, client } = diagnose({});
  assert.deepEqual({ outcome, cause, remediation }, { outcome: "healthy", cause: null, remediation: null });
  assert.deepEqual(client, { status: 200, mintedBy: "app" });
});

test("a page that does not exist is no gateway error", () => {
  assert.equal(diagnose({ status: 404 }).outcome, "not-a-gateway-error");
});

test("an error of the application is named, and is no gateway error", () => {
  const { outcome, cause, hops } = diagnose({ status: 500, body: "<h1>Oops</h1>" });
  assert.equal(outcome, "not-a-gateway-error");
  assert.equal(cause?.id, "application-error");
  assert.equal(cause.restartHelps, "no");
  assert.ok(hops.every(({ state }) => state !== "broken"));
});

test("a gateway's status that the application itself sends is its error", () => {
  const { outcome, cause } = diagnose({ status: 503, body: "maintenance" });
  assert.equal(outcome, "fault");
  assert.equal(cause?.id, "application-error");
});

for (const { name, seen } of [
  { name: "older lines of a proxy", seen: { errorLog: [nginxLine(600, REFUSED)] } },
  {
    name: "gateway errors in the access log",
    seen: { accessLog: [accessLine(900, 502, " host=shop.example.com")] },
  },
  { name: "lines that are older than the window", seen: { errorLog: [nginxLine(1500, REFUSED)] } },
] satisfies { name: string; seen: Seen }[]) {
  test(`a site that works, with ${name}, has recovered`, () => {
    assert.equal(diagnose(seen).outcome, "recovered");
  });
}

test("errors that other sites may have caused do not make a healthy site recovered", () => {
  assert.equal(diagnose({ accessLog: [accessLine(900, 502)] }).outcome, "healthy");
  assert.equal(
    diagnose({ errorLog: [nginxLine(600, REFUSED, { server: "blog.example.com" })] }).outcome,
    "healthy",
  );
});

test("good answers do not hide a fault that failed others a moment ago", () => {
  const seen: Seen = { ...STOPPED, samples: [sample(200), sample(200)] };
  const { outcome, cause } = diagnose(seen);
  assert.equal(outcome, "fault");
  assert.equal(cause?.id, "upstream-not-running");
});

test("a service that is back makes the site recovered, and its absence the cause", () => {
  const { outcome, cause } = diagnose({ errorLog: [nginxLine(30, REFUSED)] });
  assert.equal(outcome, "recovered");
  assert.equal(cause?.id, "upstream-not-running");
  assert.match(cause.summary, /it is back/);
});

const UNSEEN: Seen = {
  visits: {
    "edge-1": {
      status: "unreachable",
      failure: { kind: "refused", reason: "diag@edge-1:22: refused.", hint: "Is sshd running there?" },
    },
  },
  nginxConfig: "",
};

for (const status of [200, 502]) {
  test(`an answer of ${status} from a site whose proxy could not be looked at is inconclusive, and access comes first`, () => {
    const { outcome, cause, advice, hops, notChecked } = diagnose({ ...UNSEEN, status, body: "an own page" });
    assert.deepEqual({ outcome, cause }, { outcome: "inconclusive", cause: null });
    assert.deepEqual(advice, ["Is sshd running there?"]);
    assert.ok(hops.every(({ state }) => state === "unknown"));
    assert.deepEqual(
      notChecked.map(({ check, host }) => [check, host]),
      [["ssh", "edge-1"]],
    );
  });
}

test("a proxy that is stopped while the site answers is not drawn as working", () => {
  const { outcome, hops } = diagnose({
    results: [
      result(
        "edge-1",
        "linux-host.processes",
        psLine(900, 1, { unit: "web.service", comm: "webd", args: "webd" }),
      ),
      result("edge-1", "linux-host.listeners", tcpLine("0.0.0.0:80", ["webd", 900])),
      result(
        "edge-1",
        "linux-host.units",
        unitBlock("nginx.service", { MainPID: "0", ActiveState: "inactive", SubState: "dead" }),
      ),
    ],
  });
  assert.equal(outcome, "healthy");
  assert.equal(hops[0]?.state, "unknown");
});

for (const { when, lookup, says } of [
  { when: "only when it starts", lookup: "at-start", says: /then reload the proxy: it resolves names only/ },
  { when: "again and again", lookup: "at-run-time", says: /the proxy finds it by itself/ },
  { when: "nobody knows when", lookup: undefined, says: /then reload the proxy if it resolves/ },
] as const) {
  test(`a missing record is created first; what comes then depends on the proxy, which resolves ${when}`, () => {
    const file = makeFile({ status: 502 });
    const [hop] = file.hops;
    const [member] = hop?.members ?? [];
    assert.ok(hop && member);
    const { lookup: _lookup, ...written } = member.hop.member;
    const name = {
      addresses: [],
      finding: file.find({ check: "name", host: "edge-1", summary: "It does not." }),
    };
    const unnamed = {
      ...member,
      name,
      hop: { ...member.hop, member: { ...written, ...(lookup === undefined ? {} : { lookup }) } },
    };
    const verdict = dnsResolutionFailed.check({ ...hop, members: [unnamed] }, file);
    assert.match(verdict?.advice[0] ?? "", says);
  });
}

test("an own page is no proof against the application when the proxy we know is not the one who answers", () => {
  const seen: Seen = {
    status: 502,
    body: "an own page",
    results: [
      result(
        "edge-1",
        "linux-host.processes",
        psLine(900, 1, { unit: "web.service", comm: "webd", args: "webd" }),
      ),
      result("edge-1", "linux-host.listeners", tcpLine("0.0.0.0:80", ["webd", 900])),
      result(
        "edge-1",
        "linux-host.units",
        unitBlock("nginx.service", { MainPID: "0", ActiveState: "inactive", SubState: "dead" }),
      ),
    ],
  };
  const { outcome, cause, hops } = diagnose(seen);
  assert.notEqual(cause?.id, "application-error");
  assert.equal(outcome, "inconclusive");
  assert.ok(hops.every(({ state }) => state !== "ok"));
});

test("a member that does not listen is down in the picture, whichever member is named", () => {
  const nginxConfig = `# configuration file /etc/nginx/nginx.conf:
events { }
http { upstream shop { server 192.0.2.20:3000; server 192.0.2.20:3001; }
  server { listen 80; server_name shop.example.com; location / { proxy_pass http://shop; } } }`;
  const { hops } = diagnose({ ...STOPPED, nginxConfig });
  assert.deepEqual(
    hops.map(({ state, beside }) => [state, beside]),
    [
      ["ok", undefined],
      ["broken", undefined],
      ["broken", true],
    ],
  );
});

test("a guess is no verdict: it is listed as a candidate with what to look at next", () => {
  const { outcome, cause, candidates, advice, remediation } = diagnose({
    status: 502,
    errorLog: [nginxLine(2, CLOSED)],
  });
  assert.equal(outcome, "inconclusive");
  assert.equal(cause, null);
  assert.equal(remediation, null);
  assert.equal(candidates[0]?.id, "upstream-crashed-mid-request");
  assert.ok(advice.length > 0);
});

test("a bad answer that nothing explains is inconclusive", () => {
  const { outcome, candidates } = diagnose({ status: 502 });
  assert.equal(outcome, "inconclusive");
  assert.deepEqual(candidates, []);
});

test("only the broken hop is marked in the chain", () => {
  assert.deepEqual(
    diagnose(STOPPED).hops.map(({ name, state }) => `${name} ${state}`),
    ["nginx ok", "shop.service broken"],
  );
});

/** nginx on edge-1 passes to nginx on origin-1, which passes to a service that is down. */
const CHAIN: Seen = {
  ...STOPPED,
  nginxConfig: `# configuration file /etc/nginx/nginx.conf:
error_log /var/log/nginx/error.log;
http {
    upstream inner { server 192.0.2.20:80; }
    server { listen 80; server_name shop.example.com; location / { proxy_pass http://inner; } }
}
`,
  errorLog: [nginxLine(2, "no live upstreams while connecting to upstream", { upstream: "http://inner/" })],
  connect: "seconds 0.001\n",
  results: [
    result(
      "origin-1",
      "nginx.config",
      `# configuration file /etc/nginx/nginx.conf:
error_log /var/log/nginx/error.log;
http { server { listen 80; server_name shop.example.com; location / { proxy_pass http://127.0.0.1:3000; } } }
`,
    ),
    result("origin-1", "linux-host.listeners", tcpLine("0.0.0.0:80", ["nginx", 81])),
    result(
      "origin-1",
      "linux-host.processes",
      psLine(81, 1, { unit: "nginx.service", comm: "nginx", args: "nginx: master process /usr/sbin/nginx" }),
    ),
    look(
      "origin-1",
      "nginx.error-log",
      `${nginxLine(2, REFUSED, { upstream: "http://127.0.0.1:3000/" })}\n`,
      {
        params: { path: "/var/log/nginx/error.log" },
      },
    ),
  ],
};

test("the hop nearest to the application explains those that pass its error on", () => {
  const { cause, candidates, hops } = diagnose(CHAIN);
  assert.equal(cause?.id, "upstream-not-running");
  assert.deepEqual(
    candidates.map(({ id }) => id),
    ["upstream-not-running", "no-live-upstream"],
  );
  assert.deepEqual(
    hops.map(({ name, host, state }) => `${name} ${host} ${state}`),
    ["nginx edge-1 ok", "nginx origin-1 ok", "shop.service origin-1 broken"],
  );
});

test("a verdict that only says to look deeper stands where nothing deeper was seen", () => {
  const { cause } = diagnose({
    status: 502,
    errorLog: [
      nginxLine(2, "no live upstreams while connecting to upstream", { upstream: "http://shop_app/" }),
    ],
  });
  assert.equal(cause?.id, "no-live-upstream");
  assert.equal(cause.restartHelps, "no");
});

const DROPPED = (rules: readonly object[]): Seen => ({
  status: 504,
  connect: bashSays("Connection timed out", "3.9"),
  errorLog: [nginxLine(2, "upstream timed out (110: Connection timed out) while connecting to upstream")],
  results: [
    look(
      "origin-1",
      "linux-host.firewall-nft",
      JSON.stringify({
        nftables: [
          { chain: { family: "inet", table: "f", name: "in", hook: "input", policy: "accept" } },
          ...rules.map((expr) => ({ rule: { family: "inet", table: "f", chain: "in", expr } })),
        ],
      }),
    ),
  ],
});
const dport = (port: number) => ({
  match: { op: "==", left: { payload: { protocol: "tcp", field: "dport" } }, right: port },
});

test("dropped packets are blamed on the rule that drops them, and on none that does not", () => {
  const blamed = diagnose(DROPPED([[dport(3000), { drop: null }]])).cause;
  assert.equal(blamed?.id, "firewall-drop");
  assert.match(blamed.summary, /by a filter rule \(inet f in\)/);
  const unnamed = diagnose(
    DROPPED([[dport(22), { drop: null }], [dport(3000), { accept: null }], [{ drop: null }]]),
  ).cause;
  assert.equal(unnamed?.id, "firewall-drop");
  assert.doesNotMatch(unnamed.summary, /rule/);
  assert.ok(unnamed.confidence < blamed.confidence);
});

test("what the application said of its database before the incident does not explain it", () => {
  const old = journalLine(1700, "node[301]", "Error: connect ECONNREFUSED 192.0.2.30:3306");
  const { cause } = diagnose({ ...STOPPED, journal: [old, ...STOPPED.journal] });
  assert.equal(cause?.id, "upstream-not-running");
  assert.equal(
    diagnose({ status: 502, errorLog: [nginxLine(2, CLOSED)], journal: [old] }).outcome,
    "inconclusive",
  );
});

test("what the application says of its database now explains that it does not answer", () => {
  const { cause } = diagnose({
    status: 504,
    errorLog: [nginxLine(2, READ_TIMED_OUT)],
    journal: [journalLine(400, "node[301]", "Error: connect ECONNREFUSED 192.0.2.30:3306")],
  });
  assert.equal(cause?.id, "backend-dependency-down");
});

test("what another site's pages say of a database in the shared error log does not explain this site", () => {
  const php =
    'FastCGI sent in stderr: "PHP message: SQLSTATE[HY000] [2002] Connection refused" while reading response header from upstream';
  const { candidates } = diagnose({
    status: 504,
    errorLog: [nginxLine(3, php, { server: "blog.example.com" }), nginxLine(2, READ_TIMED_OUT)],
  });
  assert.deepEqual(
    candidates.map(({ id }) => id),
    ["upstream-too-slow"],
  );
});

test("what the kernel ran out of hours ago does not explain a failure now", () => {
  const full = "nf_conntrack: nf_conntrack: table full, dropping packet";
  const of = (ageSeconds: number) =>
    diagnose({ status: 502, kernelLog: [journalLine(ageSeconds, "kernel", full)] }).cause?.id;
  assert.equal(of(60), "resource-limit-hit");
  assert.equal(of(7200), undefined);
});

test("a crash of another program does not stand among the proof", () => {
  const { cause, findings } = diagnose({
    status: 502,
    errorLog: [nginxLine(2, CLOSED)],
    journal: [journalLine(2, "systemd[1]", "shop.service: Main process exited, code=dumped, status=11/SEGV")],
    kernelLog: [journalLine(30_000, "kernel", "other[99]: segfault at 0 ip 0 sp 0 error 4")],
    unit: { NRestarts: "1", ActiveEnterTimestamp: unixTime(1) },
  });
  assert.equal(cause?.id, "upstream-crashed-mid-request");
  assert.ok(findings.every(({ quote }) => !quote?.startsWith("other")));
});

test("a redirect says where it leads, and a certificate nobody trusts is named, though the site is healthy", () => {
  const tls = {
    protocol: "TLSv1.3",
    cipher: "",
    subject: "",
    issuer: "",
    names: [],
    notAfter: "",
    trusted: false,
    problem: "DEPTH_ZERO_SELF_SIGNED_CERT: the certificate is self-signed",
  };
  const headers = { location: "https://www.example.com/shop" };
  const redirects = Array.from({ length: 2 }, () => ({ ...sample(301), headers, tls }));
  const { outcome, advice } = diagnose({ samples: redirects });
  assert.equal(outcome, "healthy");
  assert.deepEqual(advice, [
    "It redirects to https://www.example.com/shop: diagnose that, if it is where people see the error.",
    "Browsers may refuse the site: the certificate is self-signed (seen from here).",
  ]);
  for (const location of ["javascript:alert(1)", "//x", "https://a:b@x/", `https://x/${"a".repeat(300)}`]) {
    assert.deepEqual(diagnose({ samples: [{ ...sample(302), headers: { location } }] }).advice, []);
  }
});

test("an uncaught exception is quoted by what it says, not by the line that only reports the death", () => {
  const { cause, findings } = diagnose({
    ...STOPPED,
    unit: { ActiveState: "failed", SubState: "failed", Result: "start-limit-hit", NRestarts: "5" },
    journal: [
      journalLine(20, "node[301]", "TypeError: Cannot read properties of undefined (reading 'price')"),
      journalLine(20, "node[301]", "    at main (/srv/shop/server.js:3:7)"),
      journalLine(20, "node[301]", "Node.js v20.20.2"),
    ],
  });
  assert.equal(cause?.id, "upstream-crash-loop");
  const proof = findings.find(({ id }) => id === cause.evidence[0]);
  assert.equal(proof?.summary, "The application died of an uncaught exception.");
  assert.match(proof.quote ?? "", /^TypeError: Cannot read/);
});

test("a proxy that says of every member that it is down has no live member, though no line says so", () => {
  const file = makeFile({ status: 503 });
  const [hop] = file.hops;
  assert.ok(hop);
  const withStates = (...states: readonly string[]) =>
    noLiveUpstream.check(
      {
        ...hop,
        members: states.flatMap((state) =>
          hop.members.map((member) => ({
            ...member,
            hop: { ...member.hop, member: { ...member.hop.member, state } },
          })),
        ),
      },
      file,
    );
  assert.equal(withStates("DOWN 1/2", "MAINT")?.for.length, 2);
  assert.equal(withStates("DOWN", "UP 1/3"), undefined);
});
