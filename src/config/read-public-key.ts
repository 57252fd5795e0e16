import { ConfigError } from "./config-error.ts";
import type { Environment } from "./environment.ts";
import { readTrustedFile } from "./read-trusted-file.ts";
import { resolvePath } from "./resolve-path.ts";

const LINE =
  /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-[a-z0-9@.-]+) [A-Za-z0-9+/=]{20,2000}$/;

/**
 * Type and key of a public key file as ssh-keygen writes it, without its comment.
 * @throws {ConfigError} when it is not there, or holds something else (a private key, above all).
 */
export async function readPublicKey(path: string, environment: Environment): Promise<string> {
  const { home, workingDirectory } = environment;
  const file = resolvePath(path, { home, directory: workingDirectory });
  const hint = "Name the .pub file that ssh-keygen wrote.";
  let text: string;
  try {
    text = await readTrustedFile(file, { maxBytes: 16_384 });
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError(`${file} cannot be read.`, { hint, cause });
  }
  const line = text.trim().split(" ").slice(0, 2).join(" ");
  if (!LINE.test(line)) throw new ConfigError(`${file} holds no public key of OpenSSH.`, { hint });
  return line;
}
