import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { refuseParameters } from "../../src/plan/parameter-types.ts";
import { DOMAINS, type Domain } from "../../src/playbook/playbook.ts";

const good: Readonly<Record<string, readonly string[]>> = {
  unit: ["nginx.service", "uwsgi@shop.service", "postgresql@15-main.service", "app.socket"],
  ip: ["10.0.0.2", "::1", "2001:db8::1"],
  port: ["1", "8080", "65535"],
  sni: ["shop.example.com", "app1", "app_1"],
  name: ["app.internal", "xn--bcher-kva.example"],
  scheme: ["http", "https"],
  authority: ["shop.example.com", "shop.example.com:8443", "[::1]:8080", "10.0.0.2"],
  socket: ["/run/app.sock", "/tmp/app.sock", "/srv/shop/tmp/puma.sock"],
  pid: ["1", "4194303"],
};
const bad: Readonly<Record<string, readonly string[]>> = {
  unit: [
    "",
    "-H evil.service",
    "app*.service",
    "a\nb.service",
    "../x.service",
    "nginx",
    "nginx.target",
    "a b.service",
  ],
  ip: ["", "localhost", "10.0.0", "10.0.0.2;id", "-1"],
  port: ["0", "65536", "080", "8080 ", "-1", "1e3"],
  sni: ["", "-oProxyCommand=x", "a..b", "a b", "ünicode.example", "$(id)"],
  name: ["-x", "a;b", `${"a".repeat(64)}.example`],
  scheme: ["file", "HTTP", ""],
  authority: ["a@b", "host:99999", "[::1", "-x", ""],
  socket: [
    "/etc/shadow",
    "run/app.sock",
    "/run/../etc/shadow",
    "/run//a",
    "/home/a/.ssh/agent",
    "/run/a b",
    "@abstract",
  ],
  pid: ["0", "-1", "9999999"],
};

/** The value in its place, with harmless ones beside it. */
function refusalOf(domain: Domain, parameter: string, value: string): string | undefined {
  const fillers: Readonly<Record<string, string>> = { ...firstOf(good), path: pathFor(domain) };
  return refuseParameters(domain, { ...fillers, [parameter]: value });
}

function firstOf(table: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(table).map(([name, values]) => [name, values[0] ?? ""]));
}

function pathFor(domain: Domain): string {
  return domain.startsWith("upstream-http") ? "/cart?id=1" : "/var/log/app.log";
}

const domains = Object.keys(DOMAINS).filter((key): key is Domain => key in DOMAINS);

test("each parameter takes its type and nothing else", () => {
  for (const domain of domains) {
    for (const parameter of DOMAINS[domain]) {
      for (const value of good[parameter] ?? []) {
        assert.equal(refusalOf(domain, parameter, value), undefined, `${domain} ${parameter} ${value}`);
      }
      for (const value of bad[parameter] ?? []) {
        assert.match(
          refusalOf(domain, parameter, value) ?? "",
          /expected/,
          `${domain} ${parameter} ${value}`,
        );
      }
    }
  }
});

test("logs are read where services write them, not where secrets lie", () => {
  const cases = [
    ["/var/log/nginx/error.log", true],
    ["/srv/shop/log/production.log", true],
    ["/home/shop/.pm2/logs/app-error.log", true],
    ["/home/shop/.ssh/id_ed25519", false],
    ["/etc/shadow", false],
    ["/root/secret.log", false],
    ["/var/log/../../etc/shadow", false],
    ["/var/log/$(id).log", false],
    ["/proc/1/environ", false],
  ] as const;
  for (const [path, taken] of cases) {
    assert.equal(refusalOf("service-log", "path", path) === undefined, taken, path);
  }
});

test("nothing that is taken can be an option, a glob, a second word or a second line", () => {
  const shape = fc.constantFrom(
    ".service",
    "/var/log/",
    "/run/",
    "-",
    " ",
    "*",
    "\n",
    "..",
    "a",
    "1",
    ":",
    "'",
    "@",
    "\u0000",
  );
  const value = fc.oneof(
    fc.string(),
    fc.array(shape).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(fc.constantFrom(...domains), value, (domain, text) => {
      for (const parameter of DOMAINS[domain]) {
        if (refusalOf(domain, parameter, text) !== undefined) continue;
        assert.doesNotMatch(text, /^-|[\s'"`\\\u0000-\u001f\u007f-\uffff]/);
        if (parameter !== "path" || !domain.startsWith("upstream-http"))
          assert.doesNotMatch(text, /[*?$;&|<>(){}]|(^|\/)\.\.(\/|$)/);
      }
    }),
    { numRuns: 2000 },
  );
});
