import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadSecret } from "../../src/config/load-secret.ts";
import { createLoadKey, type Passphrase } from "../../src/ssh/load-key.ts";

const directory = mkdtempSync(join(tmpdir(), "d502-key-"));
after(() => rmSync(directory, { recursive: true, force: true }));

const PASSPHRASE = "correct horse";
writeFileSync(join(directory, "pass"), `${PASSPHRASE}\n`, { mode: 0o600 });
const variables = { variable: (name: string) => ({ KEY_PASS: PASSPHRASE, WRONG: "x" })[name] };

function load(path: string, passphrase?: Passphrase, warn: (message: string) => void = () => undefined) {
  return createLoadKey({ loadSecret: (reference) => loadSecret(reference, variables), warn })(
    path,
    passphrase,
  );
}

function keygen(name: string, ...options: string[]): string {
  const path = join(directory, name);
  execFileSync("ssh-keygen", ["-q", "-f", path, ...options]);
  return path;
}

function write(name: string, text: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function pkcs8(name: string, type: "ed25519" | "rsa" | "ec", encrypted: boolean): string {
  const { privateKey } =
    type === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : type === "ec"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : generateKeyPairSync("ed25519");
  const lock = encrypted ? { cipher: "aes-256-cbc", passphrase: PASSPHRASE } : {};
  return write(name, privateKey.export({ type: "pkcs8", format: "pem", ...lock }).toString());
}

const OPEN = { env: "KEY_PASS" };
const KEYS: readonly (readonly [what: string, path: string, passphrase?: Passphrase])[] = [
  ["OpenSSH Ed25519", keygen("a", "-t", "ed25519", "-N", "")],
  ["OpenSSH Ed25519, encrypted", keygen("b", "-t", "ed25519", "-N", PASSPHRASE), OPEN],
  [
    "OpenSSH ECDSA, passphrase from a file",
    keygen("c", "-t", "ecdsa", "-N", PASSPHRASE),
    { file: join(directory, "pass") },
  ],
  ["OpenSSH RSA", keygen("d", "-t", "rsa", "-b", "2048", "-N", "")],
  ["PEM RSA", keygen("e", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "")],
  ["PEM RSA, encrypted", keygen("f", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", PASSPHRASE), OPEN],
  ["PEM ECDSA", keygen("g", "-t", "ecdsa", "-m", "PEM", "-N", "")],
  ["PKCS#8 Ed25519", pkcs8("h", "ed25519", false)],
  ["PKCS#8 Ed25519, encrypted", pkcs8("i", "ed25519", true), OPEN],
  ["PKCS#8 RSA", pkcs8("j", "rsa", false)],
  ["PKCS#8 RSA, encrypted", pkcs8("k", "rsa", true), OPEN],
  ["PKCS#8 ECDSA", pkcs8("l", "ec", false)],
  ["PKCS#8 ECDSA, encrypted", pkcs8("m", "ec", true), OPEN],
];

for (const [what, path, passphrase] of KEYS) {
  test(`${what}: the key is loaded and signs`, async () => {
    const key = await load(path, passphrase);
    const data = Buffer.from("to be signed");
    assert.ok(key.verify(data, key.sign(data)));
    if (path.length === join(directory, "a").length && "abcdefg".includes(path.at(-1) ?? "")) {
      const stored = readFileSync(`${path}.pub`, "utf8").split(" ")[1];
      assert.equal(key.getPublicSSH().toString("base64"), stored);
    }
  });
}

const openFile = write("open-pass", PASSPHRASE);
chmodSync(openFile, 0o644);
const writable = keygen("writable", "-t", "ed25519", "-N", "");
chmodSync(writable, 0o606);
mkdirSync(join(directory, "everybody"));
const swappable = keygen("everybody/key", "-t", "ed25519", "-N", "");
chmodSync(join(directory, "everybody"), 0o777);
const encrypted = join(directory, "b");
const lockedPkcs8 = join(directory, "i");
const REFUSED: readonly (readonly [
  what: string,
  path: string,
  passphrase: Passphrase | undefined,
  code: string,
  says: RegExp,
])[] = [
  ["no passphrase", encrypted, undefined, "KEY_PASSPHRASE", /encrypted, and no passphrase/],
  ["no passphrase for PKCS#8", lockedPkcs8, undefined, "KEY_PASSPHRASE", /encrypted, and no passphrase/],
  ["a wrong passphrase", encrypted, { env: "WRONG" }, "KEY_PASSPHRASE", /does not open/],
  ["a wrong passphrase for PKCS#8", lockedPkcs8, { env: "WRONG" }, "KEY_PASSPHRASE", /does not open/],
  ["an unset variable", encrypted, { env: "UNSET" }, "CONFIG_INVALID", /UNSET/],
  ["an absent passphrase file", encrypted, { file: "/absent" }, "CONFIG_INVALID", /\/absent/],
  [
    "a passphrase file others can read",
    encrypted,
    { file: openFile },
    "CONFIG_INVALID",
    /others can read \(mode 0644\)/,
  ],
  ["a key others can write", writable, undefined, "CONFIG_INVALID", /can be written by others \(mode 0606\)/],
  ["a key in a directory of everybody's", swappable, undefined, "CONFIG_INVALID", /who could swap the files/],
  ["an absent file", "/absent/key", undefined, "KEY_UNUSABLE", /cannot be read/],
  ["a public key", `${encrypted}.pub`, undefined, "KEY_UNUSABLE", /public key/],
  ["no key at all", write("junk", "hello"), undefined, "KEY_UNUSABLE", /not a private key/],
  [
    "damaged PKCS#8",
    write("cut", "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"),
    undefined,
    "KEY_UNUSABLE",
    /not a private key/,
  ],
  [
    "a certificate",
    write("cert", "ssh-ed25519-cert-v01@openssh.com AAAA me"),
    undefined,
    "KEY_UNUSABLE",
    /certificates are not supported/,
  ],
];

for (const [what, path, passphrase, code, says] of REFUSED) {
  test(`${what} is refused with ${code} and a next step, never with the secret`, async () => {
    await assert.rejects(load(path, passphrase), (error: Error & { code?: string; hint?: string }) => {
      assert.equal(error.code, code);
      assert.match(error.message, says);
      assert.ok((error.hint ?? "").length > 10);
      assert.ok(!`${error.message}${error.hint}`.includes(PASSPHRASE));
      return true;
    });
  });
}

test("a key that others can read is used, with one warning that names the cure", async () => {
  const path = keygen("open", "-t", "ed25519", "-N", "");
  chmodSync(path, 0o644);
  const warnings: string[] = [];
  const loadKey = createLoadKey({
    loadSecret: () => Promise.reject(new Error("it has no passphrase")),
    warn: (message) => warnings.push(message),
  });
  await loadKey(path);
  await loadKey(path);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /mode 0644\): chmod 600/);
});

test("an encrypted key is opened once, and again when its file or its passphrase is another", async () => {
  const path = keygen("kept", "-t", "ed25519", "-N", PASSPHRASE);
  let passphrase = PASSPHRASE;
  const loadKey = createLoadKey({ loadSecret: async () => passphrase, warn: () => undefined });
  const first = await loadKey(path, OPEN);
  assert.equal(await loadKey(path, OPEN), first);
  passphrase = "another";
  await assert.rejects(loadKey(path, OPEN), /does not open/);
  execFileSync("ssh-keygen", ["-q", "-p", "-P", PASSPHRASE, "-N", passphrase, "-f", path]);
  const again = await loadKey(path, OPEN);
  assert.notEqual(again, first);
  assert.deepEqual(again.getPublicSSH(), first.getPublicSSH());
});
