import assert from "node:assert/strict";
import { test } from "node:test";
import { makeClientView } from "../../src/classify/client-view.ts";
import { mintedBy } from "../../src/classify/minted-by.ts";
import type { PublicSample } from "../../src/collect/evidence.ts";
import { playbooks } from "../topology/site.ts";
import { NGINX_502, sample } from "./evidence.ts";

const APACHE_502 = `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">
<html><head>
<title>502 Proxy Error</title>
</head><body>
<h1>Proxy Error</h1>
<p>The proxy server received an invalid
response from an upstream server.<br />
The proxy server could not handle the request<p>Reason: <strong>Error reading from remote server</strong></p></p>
</body></html>
`;
const APACHE_503 = `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">
<html><head>
<title>503 Service Unavailable</title>
</head><body>
<h1>Service Unavailable</h1>
<p>The server is temporarily unable to service your
request due to maintenance downtime or capacity
problems. Please try again later.</p>
</body></html>
`;
const HAPROXY_503 =
  "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n";
const OPENRESTY_504 =
  "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n<center><h1>504 Gateway Time-out</h1></center>\r\n<hr><center>openresty</center>\r\n</body>\r\n</html>\r\n";

const PAGES: readonly {
  readonly name: string;
  readonly answer: PublicSample;
  readonly by: string;
  readonly playbook?: string;
}[] = [
  { name: "nginx's page", answer: sample(502, NGINX_502), by: "proxy", playbook: "nginx" },
  {
    name: "nginx's page as OpenResty serves it",
    answer: sample(504, OPENRESTY_504),
    by: "proxy",
    playbook: "nginx",
  },
  { name: "Apache's page with a reason", answer: sample(502, APACHE_502), by: "proxy", playbook: "apache" },
  { name: "Apache's page for no service", answer: sample(503, APACHE_503), by: "proxy", playbook: "apache" },
  { name: "HAProxy's page", answer: sample(503, HAPROXY_503), by: "proxy", playbook: "haproxy" },
  {
    name: "HAProxy's words with a Server header",
    answer: sample(503, HAPROXY_503, { headers: { server: "x" } }),
    by: "app",
  },
  { name: "nginx's page under another status", answer: sample(599, NGINX_502), by: "app" },
  { name: "an application's page", answer: sample(502, "<h1>502 Bad Gateway</h1>"), by: "app" },
  {
    name: "an application's JSON",
    answer: sample(503, '{"error":"maintenance"}', { headers: { server: "nginx" } }),
    by: "app",
  },
  { name: "no answer", answer: sample(null), by: "none" },
];

for (const { name, answer, by, playbook } of PAGES) {
  test(`${name} was written by: ${playbook ?? by}`, () => {
    const minter = mintedBy(answer, playbooks);
    assert.equal(minter.by, by);
    assert.equal(minter.playbook, playbook);
  });
}

function view(...samples: readonly PublicSample[]) {
  const summaries: string[] = [];
  const find = ({ summary }: { readonly summary: string }) => `f${summaries.push(summary)}`;
  const client = makeClientView(samples, { playbooks, find, url: "http://shop.example.com/" });
  return { ...client, summary: summaries[0] };
}

test("the client's view is the bad answer as soon as there is one, with its share", () => {
  const client = view(sample(200), sample(200), sample(502, NGINX_502), sample(200));
  assert.equal(client.status, 502);
  assert.equal(client.badShare, 0.25);
  assert.equal(client.mintedByPlaybook, "nginx");
  assert.equal(client.summary, "http://shop.example.com/ answers 502 (1 of 4 requests).");
});

test("of several bad answers the one that most people get is shown", () => {
  assert.equal(view(sample(504), sample(502), sample(502)).status, 502);
});

test("no answer is bad, and says why", () => {
  const client = view(sample(null), sample(null));
  assert.equal(client.status, null);
  assert.equal(client.badShare, 1);
  assert.equal(client.errorPhase, "connect");
  assert.equal(
    client.summary,
    "http://shop.example.com/ gave no answer (2 of 2 requests): connect ECONNREFUSED.",
  );
});

test("a page that does not exist is an answer like any other", () => {
  assert.equal(view(sample(404), sample(404)).badShare, 0);
});

test("what one proxy answers when asked directly is not what the public gets", () => {
  const pinned = sample(502, NGINX_502, { via: { pinned: "192.0.2.11" } });
  assert.equal(view(sample(200), pinned).status, 200);
  assert.equal(view(pinned).status, 502);
});

test("a site that was not asked has no status and no fault", () => {
  const { status, badShare, mintedBy: by } = view();
  assert.deepEqual({ status, badShare, by }, { status: null, badShare: 0, by: "none" });
});
