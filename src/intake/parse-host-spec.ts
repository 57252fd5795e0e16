import { type HostSpec, readHostSpec } from "../config/host-spec.ts";
import { UsageError } from "./usage-error.ts";

/**
 * `user@host[:port]`, `[2001:db8::1]:22` or an ssh_config alias, as typed after `option`.
 * @throws {UsageError}
 */
export function parseHostSpec(text: string, options: { readonly option: string }): HostSpec {
  const read = readHostSpec(text);
  if (read.ok) return read.spec;
  throw new UsageError(`${options.option} ${JSON.stringify(text)}: ${read.problem}.`, {
    hint: "Write user@host, user@host:port, user@[ipv6]:port, an alias of ~/.ssh/config or a host of diagnose502.yaml.",
  });
}
