import { dirname } from "node:path";
import type { SecretReference } from "./config.ts";
import { ConfigError } from "./config-error.ts";
import { readTrustedFile } from "./read-trusted-file.ts";

const MAX_BYTES = 4096;

/**
 * What a secret reference refers to, without the newline editors end files with.
 * @throws {ConfigError} when it is not there, empty, or a file others can read. Never holds the secret.
 */
export async function loadSecret(
  reference: SecretReference,
  environment: { variable(name: string): string | undefined },
): Promise<string> {
  const place = reference.place === undefined ? "" : `${reference.place}: `;
  if ("env" in reference) {
    const value = environment.variable(reference.env);
    if (value !== undefined) return value;
    throw new ConfigError(`${place}The environment variable ${reference.env} is not set.`, {
      hint: `The config refers to it: export ${reference.env} before starting.`,
    });
  }
  const { file } = reference;
  // systemd lets the service's user read its credentials by an ACL, which looks like a right of the group.
  // Source: systemd.exec(5), "Credentials"
  const isCredential = dirname(file) === environment.variable("CREDENTIALS_DIRECTORY");
  const text = await readSecretFile(file, { secret: !isCredential, place });
  const secret = text.endsWith("\n") ? text.slice(0, -1).replace(/\r$/, "") : text;
  if (secret === "")
    throw new ConfigError(`${place}${file} is empty.`, { hint: "Write the secret into it." });
  return secret;
}

async function readSecretFile(
  file: string,
  { secret, place }: { readonly secret: boolean; readonly place: string },
): Promise<string> {
  try {
    return await readTrustedFile(file, { maxBytes: MAX_BYTES, secret });
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const code = cause instanceof Error && "code" in cause ? cause.code : "unknown error";
    throw new ConfigError(`${place}${file} cannot be read (${code}).`, {
      hint: "The config refers to it as the place of a secret.",
      cause,
    });
  }
}
