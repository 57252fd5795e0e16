import type { ServiceRef } from "../approval/intent.ts";
import { OperatorError } from "../operator-error.ts";

/** A service cannot be named to its manager: the name is no plain word, or could be an option or a pattern. */
export class ServiceNameError extends OperatorError {
  readonly code = "SERVICE_NAME";

  constructor(what: string, name: string, expected: string) {
    super(`${JSON.stringify(name.slice(0, 80))} cannot be restarted as a ${what}: expected ${expected}.`, {
      hint: "Name the service in the config as its manager lists it.",
    });
  }
}

const UNIT = /^[a-zA-Z0-9][a-zA-Z0-9:_.@-]{0,200}\.service$/;
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;
const USER = /^[a-z_][a-z0-9_-]{0,31}$/;

/**
 * One word that names a service to the helper on its host: `shop.service`, `docker:web`, `compose:shop/web`, `pm2:deploy/shop`,
 * `supervisor:shop`. It holds nothing that a shell, sudo or systemd would read as more than a letter.
 * @throws {ServiceNameError}
 */
export function serviceWord(service: ServiceRef): string {
  switch (service.manager) {
    case "systemd":
      return checked("systemd service", service.unit, {
        pattern: UNIT,
        expected: "letters, digits and :_.@- before .service",
      });
    case "docker":
      return `docker:${checkedName("container", service.container)}`;
    case "compose":
      return `compose:${checkedName("Compose project", service.project)}/${checkedName("Compose service", service.service)}`;
    case "pm2": {
      const user = checked("PM2 user", service.user, { pattern: USER, expected: "a login's name" });
      return `pm2:${user}/${checkedName("PM2 app", service.app)}`;
    }
    case "supervisor":
      return `supervisor:${checkedName("supervisord program", service.program)}`;
  }
}

function checkedName(what: string, name: string): string {
  return checked(what, name, {
    pattern: NAME,
    expected: "up to 128 letters, digits and _.-, beginning with a letter or digit",
  });
}

function checked(
  what: string,
  name: string,
  { pattern, expected }: { readonly pattern: RegExp; readonly expected: string },
): string {
  if (!pattern.test(name)) throw new ServiceNameError(what, name, expected);
  return name;
}
