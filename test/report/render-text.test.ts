import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import type { Diagnosis } from "../../src/classify/diagnosis.ts";
import { makeReport } from "../../src/report/make-report.ts";
import { renderText } from "../../src/report/render-text.ts";
import { displayWidth } from "../../src/report/wrap-text.ts";
import { FIREWALL, HEALTHY, INCONCLUSIVE, NOT_FOUND, OOM_KILLED, RECOVERED } from "./fixtures.ts";

const PLAIN = { width: 80, unicode: true, colours: false };

function render(diagnosis: Diagnosis, terminal: Partial<typeof PLAIN> = {}): string {
  return renderText(makeReport(diagnosis), { ...PLAIN, ...terminal });
}

test("a fault reads: answer, hops, restart, proof, onset, next steps", () => {
  assert.equal(
    render(FIREWALL),
    `✗ shop: a firewall on origin-1 drops what edge-1 sends to port 8080. Restarting
  the application would not help.

  proxy edge-1 ✓ → upstream origin-1 ✗

  Restart   no
            The application is up and answers on its own host; the packets never
            reach it.

  Because   A rule drops TCP port 8080 and has counted 214 packets.
            origin-1
            │ tcp dport 8080 counter packets 214 bytes 12840 drop

  Do next   Remove the rule, or allow 192.0.2.10 above it.

  HTTP 502 from the proxy · firewall-drop, 93 % sure · looked for 1.8 s
`,
  );
});

test("everything a diagnosis holds has its place", () => {
  const text = render(OOM_KILLED);
  const inOrder = [
    "✗ shop: php8.2-fpm on origin-1 is down",
    "edge ✓ → proxy edge-1 ✓ → upstream origin-1 ✗",
    "Restart   only briefly: php8.2-fpm.service on origin-1",
    "Because   The kernel killed php-fpm8.2 for lack of memory.",
    "origin-1 · 03:09:12 UTC, 3 min ago",
    "│ kernel: Out of memory",
    "1 more finding",
    "Since     03:09:12 UTC, 3 min ago; 40 % of requests fail ▁▁▂▇█▇",
    "Changed   php8.2-fpm was upgraded",
    "Do next   1. Find what grew",
    "Or else   The application keeps crashing at start.",
    "Unchecked firewall-rules, conntrack on edge-1",
    "fix: Add `diag",
    "upstream-oom-killed, 97 % sure",
  ];
  const places = inOrder.map((part) => text.indexOf(part));
  assert.ok(!places.includes(-1), `missing: ${inOrder[places.indexOf(-1)]}`);
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
});

test("an undecided case lists what it could be", () => {
  assert.match(
    render(INCONCLUSIVE),
    /^ {2}Could be {2}The application is not running \(44 %\)\.\n {12}\+ A conn/m,
  );
});

test("hops that stand side by side are told from hops behind one another, and an address is named once", () => {
  const hops: Diagnosis["hops"] = [
    { name: "proxy", host: "edge-1", state: "ok" },
    { name: "shop", host: "origin-1", state: "broken" },
    { name: "192.0.2.21:3000", host: "192.0.2.21", state: "ok", beside: true },
  ];
  assert.match(
    render({ ...FIREWALL, hops }),
    /^ {2}proxy edge-1 ✓ → shop origin-1 ✗ \| 192\.0\.2\.21:3000 ✓$/m,
  );
});

test("dozens of looks that one host hid are counted, not listed", () => {
  const notChecked = Array.from({ length: 30 }, (_, n) => ({
    check: `look ${n}`,
    host: "origin-1",
    reason: "the connection broke",
  }));
  assert.match(
    render({ ...FIREWALL, notChecked }, { width: 100 }),
    /^ {2}Unchecked look 0, look 1, look 2, look 3 and 26 more on origin-1: the connection broke$/m,
  );
});

test("a line for sudoers is called so", () => {
  const fix = "diag ALL=(root) NOPASSWD:NOSETENV: /usr/sbin/nginx -T -q";
  const gap = { check: "live configuration", host: "edge-1", reason: "permission", fix };
  assert.match(
    render({ ...FIREWALL, notChecked: [gap] }),
    /Unchecked live configuration on edge-1: not permitted\n {12}sudoers: diag ALL=/,
  );
});

test("no line is wider than the terminal, from 60 to 120 columns", () => {
  for (const diagnosis of [OOM_KILLED, FIREWALL, INCONCLUSIVE, HEALTHY, RECOVERED, NOT_FOUND]) {
    for (const width of [60, 61, 80, 100, 120]) {
      for (const line of render(diagnosis, { width }).split("\n")) {
        assert.ok(displayWidth(line) <= width, `${width}: ${line}`);
      }
    }
  }
});

test("a terminal without UTF-8 gets ASCII, with words instead of marks", () => {
  const text = render(OOM_KILLED, { unicode: false });
  assert.match(text, /^[\n\x20-\x7e]*$/);
  assert.match(text, /edge ok -> proxy edge-1 ok -> upstream origin-1 BROKEN/);
});

test("colours change nothing but colours", () => {
  const coloured = render(OOM_KILLED, { colours: true });
  assert.notEqual(coloured, render(OOM_KILLED));
  assert.equal(stripVTControlCharacters(coloured), render(OOM_KILLED));
});

test("a very long quote is cut, and the cut is shown", () => {
  const [first] = FIREWALL.findings;
  assert.ok(first);
  const text = render({ ...FIREWALL, findings: [{ ...first, quote: "word ".repeat(5000) }] });
  assert.match(text, /│ \[…\]\n/);
  assert.ok(text.split("\n").length < 40);
});

test("host text never controls the terminal and never leaves its quote", () => {
  const hostile = fc.array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "\x1b[2J",
        "\x1b]52;c;cm0=\x07",
        "\u202e",
        "\u200b",
        "\r",
        "\n✗ shop: fine",
        "\u009b31m",
      ),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(hostile, fc.integer({ min: 60, max: 120 }), fc.boolean(), (parts, width, unicode) => {
      const [first] = FIREWALL.findings;
      assert.ok(first);
      const quote = `q${parts.join("")}`;
      const text = render({ ...FIREWALL, findings: [{ ...first, quote }] }, { width, unicode });
      assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
      const bar = unicode ? "│ " : "| ";
      const lines = text.split("\n");
      const from = lines.findIndex((line) => line.includes(`            ${bar}`));
      const quoted = lines.slice(from, lines.indexOf("", from));
      assert.ok(quoted.every((line) => line.startsWith(`            ${bar}`)));
      assert.ok(lines.every((line) => displayWidth(line) <= width));
    }),
    { numRuns: 300 },
  );
});
