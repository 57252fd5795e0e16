import type { ServiceOverride } from "../intake/diagnosis-request.ts";
import type { ServiceRef } from "./intent.ts";

/** The service that the operator named, as its manager is asked for it; undefined where it is not said whose PM2 runs it. */
export function serviceRefOf(service: ServiceOverride): ServiceRef | undefined {
  switch (service.kind) {
    case "systemd":
      return { manager: "systemd", unit: service.unit };
    case "pm2": {
      const { app, user } = service;
      return user === undefined ? undefined : { manager: "pm2", app, user };
    }
    case "docker":
      return { manager: "docker", container: service.container };
    case "compose":
      return { manager: "compose", project: service.project, service: service.service };
    case "supervisor":
      return { manager: "supervisor", program: service.program };
  }
}
