import type { Client, ParsedKey } from "ssh2";

/**
 * Makes the client log in right behind its request for the login service, instead of waiting for the grant, which
 * every server gives: one round trip less. Not when an RSA key comes first, since how it must sign is among what the
 * server says meanwhile. As `signAtOnce`, it reaches into the library, and changes nothing where that looks different.
 * Source: RFC 4253, section 10; RFC 8308, section 3.1.
 */
export function pipelineLogin(client: Client, keys: readonly ParsedKey[]): void {
  const [first] = keys;
  if (first === undefined || first.type === "ssh-rsa") return;
  const protocol: unknown = Reflect.get(client, "_protocol");
  if (typeof protocol !== "object" || protocol === null) return;
  const handlers: unknown = Reflect.get(protocol, "_handlers");
  if (typeof handlers !== "object" || handlers === null) return;
  const request: unknown = Reflect.get(protocol, "service");
  const onGranted: unknown = Reflect.get(handlers, "SERVICE_ACCEPT");
  if (typeof request !== "function" || request.length !== 1) return;
  if (typeof onGranted !== "function" || onGranted.length !== 2) return;

  Reflect.set(handlers, "SERVICE_ACCEPT", () => undefined);
  Reflect.set(protocol, "service", (name: string) => {
    Reflect.apply(request, protocol, [name]);
    Reflect.apply(onGranted, undefined, [protocol, name]);
  });
}
