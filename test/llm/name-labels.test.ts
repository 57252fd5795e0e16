import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createNameLabels, isAddressLike } from "../../src/llm/name-labels.ts";

const HOSTS = ["origin-1", "origin-1-old", "shop.example.com", "db"];

const HIDDEN: readonly (readonly [string, string])[] = [
  ["php-fpm on origin-1 is down", "php-fpm on HOST1 is down"],
  ["ORIGIN-1: up", "HOST1: up"],
  ["origin-1-old and origin-1", "HOST1 and HOST2"],
  ["/var/log/shop.example.com_access.log", "/var/log/HOST1_access.log"],
  ["adb is no host, db is", "adb is no host, HOST1 is"],
  ["connect() to 192.0.2.20:9000 failed", "connect() to ADDRESS1:9000 failed"],
  ["from 192.0.2.1-192.0.2.9.", "from ADDRESS1-ADDRESS2."],
  ['upstream: "fastcgi://[2001:db8::1]:9000"', 'upstream: "fastcgi://[ADDRESS1]:9000"'],
  ["client: 2001:db8::1, fe80::1%eth0", "client: ADDRESS1, ADDRESS2%eth0"],
  ["http://blog.internal:8080/x?y=a.example.org", "http://NAME1:8080/x?y=NAME2"],
  ["server:api.example.com:443.", "server:NAME1:443."],
  ["/srv/blog.example.net_error.log blog.example.net.access.log", "/srv/NAME1 NAME2"],
  ["ip-10-0-0-5 says", "NAME1 says"],
  ["bücher.example and xn--bcher-kva.example", "NAME1 and NAME2"],
];

for (const [text, shown] of HIDDEN) {
  test(`${JSON.stringify(text)} leaves as ${JSON.stringify(shown)}`, () => {
    const renumbered = new Map<string, string>();
    const hidden = createNameLabels({ hosts: HOSTS }).hide(text);
    const plain = hidden.replace(/\b(HOST|NAME|ADDRESS)\d+/g, (label, kind: string) => {
      if (!renumbered.has(label)) {
        const count = [...renumbered.values()].filter((seen) => seen.startsWith(kind)).length;
        renumbered.set(label, `${kind}${count + 1}`);
      }
      return renumbered.get(label) ?? label;
    });
    assert.equal(plain, shown);
  });
}

const KEPT = [
  "php8.2-fpm.service failed at 03:12:08",
  "unix:/run/php/php8.2-fpm.sock, user@1000.service",
  "pm.max_children is 5; php8.2 8.2.29-1",
  "worker.c:123 at 2026-11-20T03:12:08.123Z",
  "index.php took 30.5 s",
];

for (const text of KEPT) {
  test(`${JSON.stringify(text)} names no machine and stays`, () => {
    assert.equal(createNameLabels({ hosts: [] }).hide(text), text);
  });
}

test("the same name has the same label, and readers get the name back", () => {
  const labels = createNameLabels({ hosts: HOSTS });
  const text = "origin-1 asks db.example.com, 10.0.0.5 and origin-1";
  const hidden = labels.hide(text);
  assert.equal(labels.restore(hidden), text);
  assert.equal(labels.hide("10.0.0.5"), hidden.split(" ").at(-3));
  assert.equal(labels.restore("HOST99 stays"), "HOST99 stays");
});

test("no address gets out, wherever it stands", () => {
  const around = fc.constantFrom("", " ", "-", "_", ":", "/", "=", '"', "(", "x=", "@", ", ", "http://");
  // random endings would be those of files now and then
  const name = fc
    .tuple(fc.domain(), fc.constantFrom("com", "example", "internal"))
    .map((parts) => parts.join("."));
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), name, fc.ipV6()), around, around, (address, before, after) => {
      // with letters, digits or colons at its ends it would be another one, or none
      fc.pre(!address.includes(":") || !(/[:_-]$/.test(before) || /^[\w:-]/.test(after)));
      const hidden = createNameLabels({ hosts: [] }).hide(`${before}${address}${after}`);
      assert.ok(!hidden.includes(address), `${before}${address}${after} → ${hidden}`);
    }),
    { numRuns: 5000 },
  );
});

test("what could be looked up is known as such", () => {
  for (const word of ["10.0.0.1", "10.0.0.1:80.", "::1", "evil.example", "a.b.example:443"])
    assert.ok(isAddressLike(word), word);
  for (const word of ["HOST1", "8.2.29-1", "php8.2-fpm.service", "e.g", "end."])
    assert.ok(!isAddressLike(word), word);
});
