import { positionsOf, type Secret, type SecretFinder } from "./secret.ts";

/** Shorter ones are words of every log: removing them would take the evidence along, and a guess finds them anyway. */
const MIN_LENGTH = 5;
/** Of a secret in the middle of something longer in base64, so much must be certain. */
const MIN_BASE64 = 8;

/** The secrets this process itself was given: they are removed wherever they turn up, whatever stands around them. */
export interface KnownSecrets {
  readonly add: (secret: string) => void;
  readonly find: SecretFinder;
}

/** Knows none yet. Kept in memory alone; a secret of fewer than five characters is not remembered. */
export function createKnownSecrets(): KnownSecrets {
  const forms = new Set<string>();
  return {
    add(secret) {
      if (secret.length < MIN_LENGTH) return;
      for (const form of [secret, ...urlForms(secret), ...base64Forms(secret)]) forms.add(form);
    },
    find: ({ text }) =>
      [...forms].flatMap((form) =>
        [...positionsOf(text, form)].map(
          (start): Secret => ({ start, end: start + form.length, kind: "known-secret" }),
        ),
      ),
  };
}

/** As in a path, as in a query or form, and with either case of hex digits. */
function urlForms(secret: string): readonly string[] {
  const text = secret.toWellFormed();
  const inPath = encodeURIComponent(text);
  const inForm = new URLSearchParams([["", text]]).toString().slice(1);
  return [inPath, inForm].flatMap((form) => [
    form,
    form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ]);
}

/**
 * The characters that stay the same whatever stands before and after the secret, in both alphabets, for each of the
 * three ways its bytes can fall into groups of three.
 */
function base64Forms(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), bytes]);
    const start = Math.ceil((before * 8) / 6);
    const end = Math.floor((padded.length * 8) / 6);
    return (["base64", "base64url"] as const)
      .map((encoding) => padded.toString(encoding).slice(start, end))
      .filter((form) => form.length >= MIN_BASE64);
  });
}
