import type { z } from "zod";
import { refuseCommand } from "./allowed-programs.ts";
import type { Playbook, Probe } from "./playbook.ts";
import { playbookSchema } from "./playbook-schema.ts";

const READABLE = ["/etc/", "/var/log/", "/run/", "/proc/", "/opt/", "/srv/"] as const;

/** Places below those that hold secrets. Files are read as the login user, and what is read is redacted; this is the third net. */
const SECRET =
  /(^\/etc\/(shadow|gshadow|sudoers|ssh|ssl|pki|letsencrypt|security|wireguard|openvpn|krb5)|\/environ$|\/mem$|\/private\/|\.(key|pem|p12|pfx|jks)$|\/\.[a-z]|id_(rsa|dsa|ecdsa|ed25519))/i;

/**
 * The form of a playbook from outside the product: the same, with less power. Programs come from a list, paths from
 * the usual places, and root only for reading logs.
 */
export const outsidePlaybookSchema = playbookSchema.superRefine((playbook, context) => {
  for (const [id, probe] of Object.entries(playbook.probes)) {
    for (const { place, why } of refuseProbe(probe)) {
      context.addIssue({ code: "custom", path: ["probes", id, ...place], message: why });
    }
  }
}) satisfies z.ZodType<Omit<Playbook, "id">>;

interface Refusal {
  readonly place: readonly (string | number)[];
  readonly why: string;
}

function refuseProbe({ action, as }: Probe): readonly Refusal[] {
  const refusals: Refusal[] = [];
  if (as !== "self" && !(action.kind === "log" && as === "prefer-root")) {
    refusals.push({ place: ["as"], why: `a playbook from outside may not use ${as} here; leave it out` });
  }
  switch (action.kind) {
    case "run": {
      const refused = refuseCommand(action.argv, isReadable);
      if (refused) refusals.push({ place: ["run", refused.index], why: refused.why });
      if (action.stdin !== undefined)
        refusals.push({ place: ["stdin"], why: "is for shipped playbooks only" });
      break;
    }
    case "files":
      for (const [index, glob] of action.globs.entries()) {
        if (!isReadable(glob)) refusals.push({ place: ["files", index], why: unreadable(glob) });
      }
      break;
    case "log":
      if (action.path !== "{path}" && !action.path.startsWith("/var/log/")) {
        refusals.push({ place: ["log"], why: `${action.path} is not below /var/log/` });
      }
      break;
  }
  return refusals;
}

/** A path in the usual places, whose first two parts are spelled out, so that no wildcard finds its way to a secret. */
function isReadable(path: string): boolean {
  if (path === "{path}") return true;
  if (!READABLE.some((directory) => path.startsWith(directory)) || SECRET.test(path)) return false;
  if (path.includes("/..")) return false;
  if (path.startsWith("/proc/") && /[*?[]/.test(path)) return false;
  const [, , second = "", third] = path.split("/");
  return (
    !/[*?[]/.test(second) && (third !== undefined || !path.startsWith("/etc/") || path.endsWith(".conf"))
  );
}

function unreadable(path: string): string {
  return `${path} may not be read by a playbook from outside. Allowed: files below ${READABLE.join(" ")} with a plain second part, without keys and passwords`;
}
