import type { ServiceRef } from "../approval/intent.ts";
import { isPm2App, isServiceName, isSupervisorProgram } from "../config/service-name.ts";
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
        fits: (name) => UNIT.test(name),
        expected: "letters, digits and :_.@- before .service",
      });
    case "docker":
      return `docker:${checkedName("container", service.container)}`;
    case "compose":
      return `compose:${checkedName("Compose project", service.project)}/${checkedName("Compose service", service.service)}`;
    case "pm2": {
      const user = checked("PM2 user", service.user, {
        fits: (name) => USER.test(name),
        expected: "a login's name",
      });
      return `pm2:${user}/${checkedOne("PM2 app", service.app, { fits: isPm2App, not: "`all`, a number or a file, which may be other apps" })}`;
    }
    case "supervisor":
      return `supervisor:${checkedOne("supervisord program", service.program, { fits: isSupervisorProgram, not: "`all`, which is every program" })}`;
  }
}

function checkedName(what: string, name: string): string {
  return checked(what, name, {
    fits: isServiceName,
    expected: "up to 128 letters, digits and _.-, beginning with a letter or digit",
  });
}

/** `not`: names that their manager takes for others, or for several. */
function checkedOne(
  what: string,
  name: string,
  { fits, not }: { readonly fits: (name: string) => boolean; readonly not: string },
): string {
  return checked(what, checkedName(what, name), { fits, expected: `the name of one, not ${not}` });
}

function checked(
  what: string,
  name: string,
  { fits, expected }: { readonly fits: (name: string) => boolean; readonly expected: string },
): string {
  if (!fits(name)) throw new ServiceNameError(what, name, expected);
  return name;
}
