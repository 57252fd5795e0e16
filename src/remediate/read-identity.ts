import type { Intent, ServiceIdentity } from "../approval/intent.ts";
import type { HostAccess } from "../intake/diagnosis-request.ts";
import { bootIdOf, lookOf, outputOf } from "./manager.ts";
import type { RunOn, Stoppable } from "./run-on.ts";

/** The words that ask systemd which start of a unit runs. */
export function identityWords(unit: string): readonly string[] {
  return ["systemctl", "show", "--no-pager", "--property=Id,InvocationID", "--", unit];
}

/** Which start of a systemd unit runs now; undefined when the host does not say. */
export async function readIdentity(
  intent: Intent,
  { host, runOn, signal }: Stoppable & { readonly host: HostAccess; readonly runOn: RunOn },
): Promise<ServiceIdentity | undefined> {
  const { id } = intent.identity;
  const ran = await runOn(host, [lookOf("now", identityWords(id))], {
    hostKey: intent.hostKey,
    ...(signal === undefined ? {} : { signal }),
  });
  if (ran.kind === "not-run") return undefined;
  const bootId = bootIdOf(ran.run);
  const invocation = /^InvocationID=([0-9a-f]{32})?$/m.exec(outputOf(ran.run, "now") ?? "");
  if (invocation === null || bootId === "") return undefined;
  return { id, invocation: invocation[1] ?? "none", bootId };
}
