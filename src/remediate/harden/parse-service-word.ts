import type { ServiceRef } from "../../approval/intent.ts";
import { ServiceNameError, serviceWord } from "../service-word.ts";

/** The reverse of `serviceWord`; a bare name is a systemd service. @throws {ServiceNameError} */
export function parseServiceWord(word: string): ServiceRef {
  const service = readWord(word);
  if (service === undefined) {
    throw new ServiceNameError(
      "service",
      word,
      "shop.service, docker:NAME, compose:PROJECT/SERVICE, pm2:USER/APP or supervisor:PROGRAM",
    );
  }
  serviceWord(service);
  return service;
}

function readWord(word: string): ServiceRef | undefined {
  const colon = word.indexOf(":");
  const manager = word.slice(0, Math.max(0, colon));
  const name = word.slice(colon + 1);
  const [first = "", second, ...more] = name.split("/");
  switch (manager) {
    case "docker":
      return { manager, container: name };
    case "supervisor":
      return { manager, program: name };
    case "compose":
      return second === undefined || more.length > 0
        ? undefined
        : { manager, project: first, service: second };
    case "pm2":
      return second === undefined || more.length > 0 ? undefined : { manager, user: first, app: second };
    default:
      return { manager: "systemd", unit: word.endsWith(".service") ? word : `${word}.service` };
  }
}
