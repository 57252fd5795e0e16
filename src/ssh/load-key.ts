import { createHash, createPrivateKey, type KeyObject } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { ParsedKey } from "ssh2";
import ssh2 from "ssh2";
import { readTrustedFile } from "../config/read-trusted-file.ts";
import { OperatorError } from "../operator-error.ts";

const MAX_BYTES = 64 * 1024;

/** A key file that cannot be used. */
export class UnusableKeyError extends OperatorError {
  readonly code = "KEY_UNUSABLE";
}

/** An encrypted key without its passphrase, or with a wrong one. */
class PassphraseError extends OperatorError {
  readonly code = "KEY_PASSPHRASE";
}

/** Where the operator keeps a key's passphrase. */
export type Passphrase = { readonly file: string } | { readonly env: string };

/** Fetches it from there. Rejects with an OperatorError. */
export type LoadSecret = (reference: Passphrase) => Promise<string>;

/** One string of the SSH wire format. */
function wireString(value: Buffer | string): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value, "latin1") : value;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Ed25519 has no PEM form but PKCS#8: the OpenSSH container is assembled. Source: openssh-portable, PROTOCOL.key. */
function openSshEd25519(key: KeyObject): string {
  const { d = "", x = "" } = key.export({ format: "jwk" });
  const publicKey = Buffer.from(x, "base64url");
  const secret = Buffer.concat([Buffer.from(d, "base64url"), publicKey]);
  const publicBlob = Buffer.concat([wireString("ssh-ed25519"), wireString(publicKey)]);
  // two equal check numbers; they only matter where a passphrase could be wrong
  const checks = Buffer.alloc(8);
  const body = Buffer.concat([checks, publicBlob, wireString(secret), wireString("")]);
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, index) => index + 1));
  const one = Buffer.from([0, 0, 0, 1]);
  const container = Buffer.concat([
    Buffer.from("openssh-key-v1\0", "latin1"),
    wireString("none"),
    wireString("none"),
    wireString(""),
    one,
    wireString(publicBlob),
    wireString(Buffer.concat([body, padding])),
  ]);
  const lines = container.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join(
    "\n",
  );
}

/** PKCS#8, which the library refuses, as the traditional form of the same key. */
function fromPkcs8(pem: string, passphrase: string | undefined, path: string): string {
  const key = createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase });
  switch (key.asymmetricKeyType) {
    case "rsa":
      return key.export({ type: "pkcs1", format: "pem" }).toString();
    case "ec":
      return key.export({ type: "sec1", format: "pem" }).toString();
    case "ed25519":
      return openSshEd25519(key);
    default:
      throw new UnusableKeyError(`${path} holds a ${key.asymmetricKeyType} key, which SSH does not use.`, {
        hint: "Use an Ed25519, ECDSA or RSA key: ssh-keygen -t ed25519.",
      });
  }
}

function parsePrivateKey(text: string, passphrase: string | undefined, path: string): ParsedKey {
  if (/^\S*-cert-v01@openssh\.com /.test(text)) {
    throw new UnusableKeyError(`${path} is a certificate; SSH certificates are not supported.`, {
      hint: "Give the private key, and put its public key in authorized_keys of the host's user.",
    });
  }
  const encrypted = text.includes("-----BEGIN ENCRYPTED PRIVATE KEY-----");
  if (encrypted && passphrase === undefined) throw missingPassphrase(path);
  let readable = text;
  if (encrypted || text.includes("-----BEGIN PRIVATE KEY-----")) {
    try {
      readable = fromPkcs8(text, passphrase, path);
    } catch (cause) {
      if (cause instanceof OperatorError) throw cause;
      if (encrypted) throw wrongPassphrase(path, cause);
      throw unreadable(path, cause);
    }
  }
  const key = ssh2.utils.parseKey(readable, passphrase);
  if (!(key instanceof Error)) {
    if (key.isPrivateKey()) return key;
    throw new UnusableKeyError(`${path} holds a public key; the private one is needed.`, {
      hint: `Name the file without .pub.`,
    });
  }
  if (key.message.includes("no passphrase given")) throw missingPassphrase(path);
  if (key.message.includes("bad passphrase")) throw wrongPassphrase(path, key);
  throw unreadable(path, key);
}

function missingPassphrase(path: string): PassphraseError {
  return new PassphraseError(`The key ${path} is encrypted, and no passphrase is configured.`, {
    hint: `Load it into the agent (ssh-add ${path}), or say where its passphrase is: passphrase: { env: NAME } or { file: /path }.`,
  });
}

function wrongPassphrase(path: string, cause: unknown): PassphraseError {
  return new PassphraseError(`The configured passphrase does not open the key ${path}.`, {
    hint: `Try it by hand: ssh-keygen -y -f ${path}`,
    cause,
  });
}

function unreadable(path: string, cause: unknown): UnusableKeyError {
  return new UnusableKeyError(`${path} is not a private key in OpenSSH, PEM, PKCS#8 or PuTTY form.`, {
    hint: `If ssh can use it, convert a copy: ssh-keygen -p -f ${path} (this rewrites it in OpenSSH form).`,
    cause,
  });
}

/**
 * A private key from a file that nobody but us and root can write.
 * @throws {UnusableKeyError | PassphraseError | ConfigError} or what `loadSecret` rejects with.
 */
export type LoadKey = (path: string, passphrase?: Passphrase) => Promise<ParsedKey>;

/**
 * Opens each key once, and again when its file or its passphrase is another: a passphrase is made to be slow, about 0.2 s
 * in which nothing else is done. `warn` hears of a file that others could read.
 */
export function createLoadKey({
  loadSecret,
  warn,
}: {
  readonly loadSecret: LoadSecret;
  readonly warn: (message: string) => void;
}): LoadKey {
  const opened = new Map<string, { readonly digest: string; readonly key: ParsedKey }>();
  return async (path, reference) => {
    const { text, mode } = await readKeyFile(path);
    const passphrase = reference && (await loadSecret(reference));
    const digest = createHash("sha256")
      .update(JSON.stringify([text, passphrase, mode]))
      .digest("hex");
    const known = opened.get(path);
    if (known?.digest === digest) return known.key;
    if ((mode & 0o077) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, "0");
      warn(`The key ${path} can be read by others (mode ${octal}): chmod 600 ${path}`);
    }
    const key = parsePrivateKey(text, passphrase, path);
    opened.set(path, { digest, key });
    return key;
  };
}

async function readKeyFile(path: string): Promise<{ readonly text: string; readonly mode: number }> {
  try {
    const { mode } = await stat(path);
    return { text: await readTrustedFile(path, { maxBytes: MAX_BYTES }), mode };
  } catch (cause) {
    if (cause instanceof OperatorError) throw cause;
    throw new UnusableKeyError(`The key file ${path} cannot be read.`, {
      hint: "Correct the path (-i, identityFile), or its owner and mode.",
      cause,
    });
  }
}

/** The public keys of key files, from `<file>.pub` or a file that holds nothing else; those that have none are left out. */
export async function loadPublicKeys(paths: readonly string[]): Promise<Buffer[]> {
  const found = await Promise.all(
    paths
      .flatMap((path) => [`${path}.pub`, path])
      .map(async (path) => {
        const text = await readFile(path, "utf8").catch(() => "");
        const key = ssh2.utils.parseKey(text);
        return key instanceof Error ? [] : [key.getPublicSSH()];
      }),
  );
  return found.flat();
}
