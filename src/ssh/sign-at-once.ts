import type { Client, ParsedKey } from "ssh2";

/**
 * Makes the login with a key file send its signature at once, instead of first asking whether the key would do:
 * one round trip less. The library has no option for it, so its protocol object is reached into; where that looks
 * different from version 1.17, nothing is changed and the login merely takes that round trip.
 */
export function signAtOnce(client: Client, keys: readonly ParsedKey[]): void {
  const protocol: unknown = Reflect.get(client, "_protocol");
  if (typeof protocol !== "object" || protocol === null) return;
  const ask: unknown = Reflect.get(protocol, "authPK");
  if (typeof ask !== "function" || ask.length !== 4) return;

  Reflect.set(protocol, "authPK", (user: string, key: ParsedKey, algorithm?: string, sign?: unknown) => {
    const ours = keys.includes(key) && sign === undefined;
    const hash =
      algorithm === "rsa-sha2-512" ? "sha512" : algorithm === "rsa-sha2-256" ? "sha256" : undefined;
    const signNow = (data: Buffer, send: (signature: Buffer) => void) => send(key.sign(data, hash));
    Reflect.apply(ask, protocol, [user, key, algorithm, ours ? signNow : sign]);
  });
}
