import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { orderHostKeyAlgorithms } from "../../src/ssh/algorithms.ts";
import { fingerprintOf, makeHostKeyPolicy } from "../../src/ssh/host-key-policy.ts";
import { isLineFor, knownHostsName, parseKnownHosts } from "../../src/ssh/known-hosts.ts";

/** A public key blob of a type; its bytes are its name. */
function blob(type: string, name: string): Buffer {
  const wire = (text: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text)]);
  };
  return Buffer.concat([wire(type), wire(name)]);
}

const ED = "ssh-ed25519";
const GOOD = blob(ED, "good");
const OTHER = blob(ED, "other");
const RSA = blob("ssh-rsa", "rsa");
const ECDSA = blob("ecdsa-sha2-nistp256", "ec");

function judge(file: string, key: Buffer, options: { pin?: string; port?: number } = {}): string {
  const { pin, port = 22 } = options;
  const policy = makeHostKeyPolicy({
    host: `web1 (web1.example.com:${port})`,
    address: "web1.example.com",
    port,
    knownName: knownHostsName("web1.example.com", port),
    lines: parseKnownHosts(file, "/kh"),
    files: ["/kh"],
    ...(pin === undefined ? {} : { pin }),
  });
  return policy.judge(key)?.code ?? "ok";
}
const line = (hosts: string, key: Buffer, marker = "") =>
  `${marker}${hosts} ${key.toString("latin1", 4, 4 + key.readUInt32BE(0))} ${key.toString("base64")} comment\n`;

const VERDICTS: readonly (readonly [
  what: string,
  file: string,
  key: Buffer,
  verdict: string,
  options?: object,
])[] = [
  ["a listed key", line("web1.example.com", GOOD), GOOD, "ok"],
  ["a listed key, among aliases and addresses", line("web,web1.example.com,192.0.2.1", GOOD), GOOD, "ok"],
  ["names in other case", line("WEB1.Example.com", GOOD), GOOD, "ok"],
  ["a wildcard", line("*.example.com", GOOD), GOOD, "ok"],
  ["a question mark", line("web?.example.com", GOOD), GOOD, "ok"],
  ["a negated name", line("*.example.com,!web1.example.com", GOOD), GOOD, "HOST_KEY_UNKNOWN"],
  ["another port", line("[web1.example.com]:2222", GOOD), GOOD, "ok", { port: 2222 }],
  [
    "the bare name, when the port is another",
    line("web1.example.com", GOOD),
    GOOD,
    "HOST_KEY_UNKNOWN",
    { port: 2222 },
  ],
  ["one of two listed types", line("web1.example.com", GOOD) + line("web1.example.com", RSA), RSA, "ok"],
  ["nothing listed", "", GOOD, "HOST_KEY_UNKNOWN"],
  ["another host's line", line("web2.example.com", GOOD), GOOD, "HOST_KEY_UNKNOWN"],
  ["a changed key", line("web1.example.com", GOOD), OTHER, "HOST_KEY_CHANGED"],
  ["a key of a type that is not listed", line("web1.example.com", GOOD), RSA, "HOST_KEY_CHANGED"],
  ["a revoked key", line("*", GOOD, "@revoked "), GOOD, "HOST_KEY_REVOKED"],
  [
    "a revoked key that is listed too",
    line("web1.example.com", GOOD) + line("*", GOOD, "@revoked "),
    GOOD,
    "HOST_KEY_REVOKED",
  ],
  ["another host's revoked key", line("web1.example.com", GOOD) + line("db*", GOOD, "@revoked "), GOOD, "ok"],
  [
    "an authority alone",
    line("*.example.com", OTHER, "@cert-authority "),
    GOOD,
    "HOST_CERTIFICATE_UNSUPPORTED",
  ],
  [
    "an authority beside the key",
    line("*", OTHER, "@cert-authority ") + line("web1.example.com", GOOD),
    GOOD,
    "ok",
  ],
  [
    "an authority that shows its own key",
    line("*", GOOD, "@cert-authority "),
    GOOD,
    "HOST_CERTIFICATE_UNSUPPORTED",
  ],
  ["an unknown marker", line("web1.example.com", GOOD, "@future "), GOOD, "HOST_KEY_UNKNOWN"],
  ["comments and garbage", `# x\n\nweb1.example.com\nweb1.example.com ${ED} !!!\n`, GOOD, "HOST_KEY_UNKNOWN"],
  ["the pinned key", "", GOOD, "ok", { pin: fingerprintOf(GOOD) }],
  ["another key than the pinned one", "", OTHER, "HOST_KEY_CHANGED", { pin: fingerprintOf(GOOD) }],
  [
    "a pinned key that is revoked",
    line("*", GOOD, "@revoked "),
    GOOD,
    "HOST_KEY_REVOKED",
    { pin: fingerprintOf(GOOD) },
  ],
  ["a pin and a file that agree", line("web1.example.com", GOOD), GOOD, "ok", { pin: fingerprintOf(GOOD) }],
  [
    "a pin that the file contradicts",
    line("web1.example.com", OTHER),
    GOOD,
    "HOST_KEY_CONTRADICTION",
    { pin: fingerprintOf(GOOD) },
  ],
  [
    "a file that the pin contradicts",
    line("web1.example.com", OTHER),
    OTHER,
    "HOST_KEY_CONTRADICTION",
    { pin: fingerprintOf(GOOD) },
  ],
  [
    "a pin of a type the file does not have",
    line("web1.example.com", ECDSA),
    GOOD,
    "ok",
    { pin: fingerprintOf(GOOD) },
  ],
];

for (const [what, file, key, verdict, options] of VERDICTS) {
  test(`${what}: ${verdict}`, () => assert.equal(judge(file, key, options), verdict));
}

test("a changed key names the key seen, the key expected, where it stands, and the next command", () => {
  const policy = makeHostKeyPolicy({
    host: "web1 (web1.example.com:2222)",
    address: "web1.example.com",
    port: 2222,
    knownName: "[web1.example.com]:2222",
    lines: parseKnownHosts(line("[web1.example.com]:2222", GOOD), "/home/a/.ssh/known_hosts"),
    files: ["/home/a/.ssh/known_hosts"],
  });
  const error = policy.judge(OTHER);
  for (const part of [fingerprintOf(OTHER), fingerprintOf(GOOD), "/home/a/.ssh/known_hosts:1"]) {
    assert.ok(error?.message.includes(part), part);
  }
  for (const command of [
    "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
    "ssh-keygen -R '[web1.example.com]:2222' -f /home/a/.ssh/known_hosts",
    "ssh-keyscan -t ed25519 -p 2222 web1.example.com >> /home/a/.ssh/known_hosts",
  ]) {
    assert.ok(error?.hint.includes(command), command);
  }
});

test("another key than the pinned one is corrected in the config, not in known_hosts", () => {
  const policy = makeHostKeyPolicy({
    host: "web1",
    address: "web1.example.com",
    port: 22,
    knownName: "web1.example.com",
    lines: [],
    files: ["/home/a/.ssh/known_hosts"],
    pin: fingerprintOf(GOOD),
  });
  const hint = policy.judge(OTHER)?.hint ?? "";
  assert.match(hint, /correct hostKey in the config/);
  assert.doesNotMatch(hint, /known_hosts/);
});

test("what ssh-keygen hashed is found, and its fingerprint is the one ssh-keygen prints", (context) => {
  const directory = mkdtempSync(join(tmpdir(), "d502-kh-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(directory, "key")]);
  const publicKey = readFileSync(join(directory, "key.pub"), "utf8");
  const file = join(directory, "known_hosts");
  writeFileSync(file, `web1.example.com ${publicKey}[web1.example.com]:2222 ${publicKey}`);
  execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
  const text = readFileSync(file, "utf8");
  assert.ok(text.startsWith("|1|"));

  const key = Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
  assert.equal(judge(text, key), "ok");
  assert.equal(judge(text, key, { port: 2222 }), "ok");
  assert.equal(judge(text, key, { port: 22022 }), "HOST_KEY_UNKNOWN");
  const printed = execFileSync("ssh-keygen", ["-lf", join(directory, "key.pub")], { encoding: "utf8" });
  assert.ok(printed.includes(fingerprintOf(key)));
});

test("the types we know of a host are asked for first, and nothing weak is ever asked for", () => {
  assert.deepEqual(orderHostKeyAlgorithms(["ssh-rsa"]).slice(0, 3), [
    "rsa-sha2-512",
    "rsa-sha2-256",
    "ssh-ed25519",
  ]);
  assert.equal(orderHostKeyAlgorithms(["ecdsa-sha2-nistp256"])[0], "ecdsa-sha2-nistp256");
  assert.ok(
    !orderHostKeyAlgorithms(["ssh-rsa", "ssh-dss"]).some((name) => name === "ssh-rsa" || name === "ssh-dss"),
  );
});

test("a hostile pattern is matched in linear time", { timeout: 20_000 }, () => {
  const [hostile] = parseKnownHosts(line(`${"*a".repeat(2000)}b`, GOOD), "/kh");
  assert.ok(hostile !== undefined && !isLineFor(hostile, "a".repeat(5000)));
});

test("no file makes the parser throw, and no unlisted key is ever trusted", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "@revoked ",
      "@cert-authority ",
      "web1.example.com ",
      "|1|a|b ",
      "* ",
      ED,
      " ",
      "\n",
      "!",
      OTHER.toString("base64"),
    ),
    fc.string({ maxLength: 10 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      assert.notEqual(judge(pieces.join(""), GOOD), "ok");
    }),
    { numRuns: 500 },
  );
});

test("a host that shows no real key at all is judged, not crashed on", () => {
  for (const key of [Buffer.alloc(0), Buffer.alloc(3), Buffer.from([0xff, 0xff, 0xff, 0xff, 1])]) {
    assert.equal(judge("", key), "HOST_KEY_UNKNOWN");
  }
});
