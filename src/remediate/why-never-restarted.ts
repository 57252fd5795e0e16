import type { ServiceRef } from "../approval/intent.ts";
import { whyNameNeverTouched, whyNeverTouched } from "../playbook/never-touch.ts";

/**
 * Why a service is never restarted, for a sentence `<service> is …`; undefined when its name forbids nothing. `neverRestart`: the config's
 * list of units, which holds for containers, apps and programs of that name, too.
 */
export function whyNeverRestarted(service: ServiceRef, neverRestart: readonly string[]): string | undefined {
  const isUnit = service.manager === "systemd";
  const name = nameOf(service);
  if (neverRestart.includes(isUnit ? name : `${name}.service`))
    return "on the list neverRestart of the config";
  return isUnit ? whyNeverTouched(name) : whyNameNeverTouched(name);
}

/** What its manager lists it as. */
export function nameOf(service: ServiceRef): string {
  switch (service.manager) {
    case "systemd":
      return service.unit;
    case "docker":
      return service.container;
    case "compose":
      return service.service;
    case "pm2":
      return service.app;
    case "supervisor":
      return service.program;
  }
}
