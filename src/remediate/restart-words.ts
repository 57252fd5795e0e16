import type { Intent, ServiceIdentity, ServiceRef } from "../approval/intent.ts";
import { KEY_WORD } from "../approval/make-intent.ts";
import { serviceWord } from "./service-word.ts";

/** Where the root helper lives on hosts; `diagnose502 harden` prints it. */
export const HELPER_PATH = "/usr/local/lib/diagnose502/restart";

/** systemd gives a service 90 s to stop and 90 s to start, and the far side ends before we do. */
export const RESTART_BOUNDS = { timeoutMs: 200_000, maxBytes: 16_384 } as const;
/** The helper may wait for its lock. */
export const ASK_BOUNDS = { timeoutMs: 30_000 } as const;

/** How root is reached: by sudo, or because the login is root. */
const PREFIXES = [["sudo", "-n"], []] as const;

/** The service by the name its manager knows it by: what was asked for may have been an alias. */
function canonical(service: ServiceRef, { id }: ServiceIdentity): ServiceRef {
  return service.manager === "systemd" ? { manager: "systemd", unit: id } : service;
}

/** The words of a restart: `KEY_WORD` stands for the intent's key, which is not known when they are shown first. */
export function makeRestartWords(
  service: ServiceRef,
  identity: ServiceIdentity,
  how: { readonly isRoot: boolean; readonly helper: boolean; readonly resetsBudget: boolean },
): readonly string[] {
  const prefix = how.isRoot ? PREFIXES[1] : PREFIXES[0];
  if (how.helper) {
    const reset = how.resetsBudget ? ["reset-budget"] : [];
    const word = serviceWord(canonical(service, identity));
    return [...prefix, HELPER_PATH, word, KEY_WORD, identity.invocation, ...reset];
  }
  if (service.manager !== "systemd") {
    throw new TypeError(`${service.manager} services are restarted by the helper only`);
  }
  return [...prefix, "systemctl", "restart", "--", identity.id];
}

/** Whether the words of an intent are a restart of its service and nothing else, whoever wrote the row. */
export function areRestartWords({
  argv,
  key,
  service,
  identity,
  risk,
}: Pick<Intent, "argv" | "key" | "service" | "identity" | "risk">): boolean {
  return [true, false].some((isRoot) =>
    [true, ...(service.manager === "systemd" ? [false] : [])].some((helper) => {
      const words = makeRestartWords(service, identity, { isRoot, helper, resetsBudget: risk.resetsBudget });
      return (
        words.length === argv.length &&
        words.every((word, index) => argv[index] === (word === KEY_WORD ? key : word))
      );
    }),
  );
}

/** The helper's other verbs, called the way the restart was; undefined when it was sent without the helper. */
export function makeHelperWords(
  verb: "status" | "forget",
  { argv, key, service, identity }: Intent,
): readonly string[] | undefined {
  const at = argv.indexOf(HELPER_PATH);
  return at < 0
    ? undefined
    : [...argv.slice(0, at + 1), verb, serviceWord(canonical(service, identity)), key];
}
