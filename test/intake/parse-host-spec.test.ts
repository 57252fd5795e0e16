import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseHostSpec } from "../../src/intake/parse-host-spec.ts";
import { UsageError } from "../../src/intake/usage-error.ts";

function parse(text: string) {
  return parseHostSpec(text, { option: "--proxy" });
}

for (const [text, spec] of [
  ["web", { host: "web" }],
  ["web-1.example.com", { host: "web-1.example.com" }],
  ["diag@web", { host: "web", user: "diag" }],
  ["diag@192.0.2.1:2222", { host: "192.0.2.1", user: "diag", port: 2222 }],
  ["diag@corp.example@web", { host: "web", user: "diag@corp.example" }],
  ["CORP\\diag@web", { host: "web", user: "CORP\\diag" }],
  ["2001:db8::1", { host: "2001:db8::1" }],
  ["[2001:db8::1]", { host: "2001:db8::1" }],
  ["diag@[2001:db8::1]:22", { host: "2001:db8::1", user: "diag", port: 22 }],
  ["ssh://diag@web:22/", { host: "web", user: "diag", port: 22 }],
] as const) {
  test(`${text} names a host`, () => assert.deepEqual(parse(text), spec));
}

for (const [text, problem] of [
  ["", "the host is missing"],
  ["diag@", "the host is missing"],
  ["@web", '"" is not a user name'],
  ["-oProxyCommand=x", '"-oProxyCommand=x" is not a host name or address'],
  ["diag@-web", '"-web" is not a host name or address'],
  ["-l@web", '"-l" is not a user name'],
  ["web:", '"" is not a port (1 to 65535)'],
  ["web:0", '"0" is not a port (1 to 65535)'],
  ["web:65536", '"65536" is not a port (1 to 65535)'],
  ["web:22x", '"22x" is not a port (1 to 65535)'],
  ["[2001:db8::1", '"[2001:db8::1" is not a host name or address'],
  ["[web]:22", '"[web]:22" is not a host name or address'],
  ["a b", '"a b" is not a host name or address'],
  ["web;reboot", '"web;reboot" is not a host name or address'],
  ["web\n", '"web\n" is not a host name or address'],
] as const) {
  test(`${JSON.stringify(text)} is refused by name`, () => {
    assert.throws(
      () => parse(text),
      (error) => {
        assert.ok(error instanceof UsageError);
        assert.equal(error.exitStatus, 64);
        assert.equal(error.message, `--proxy ${JSON.stringify(text)}: ${problem}.`);
        return true;
      },
    );
  });
}

test("whatever is typed, a host that is accepted is no option and holds no blank or control", () => {
  const characters = fc.constantFrom(
    "a",
    "-",
    "@",
    ":",
    "[",
    "]",
    ".",
    " ",
    "\n",
    "\u0000",
    "1",
    "\\",
    "$",
    "`",
    "é",
    "%",
  );
  fc.assert(
    fc.property(fc.array(characters, { maxLength: 16 }), (parts) => {
      try {
        const { host, user = "", port = 1 } = parse(parts.join(""));
        assert.match(host, /^[A-Za-z0-9_:][A-Za-z0-9_.:%-]*$/);
        assert.match(user, /^(?!-)[A-Za-z0-9_.@\\-]*\$?$/);
        assert.ok(port >= 1 && port <= 65_535);
      } catch (error) {
        assert.ok(error instanceof UsageError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
