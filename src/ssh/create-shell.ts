import type { Shell } from "../collect/shell.ts";
import { createLocalShell } from "./local-shell.ts";
import { createSshShell } from "./ssh-shell.ts";

/** The shell for any host: each is reached the way its access says. `env`: what of our surroundings a local shell needs. */
export function createShell(
  options: Parameters<typeof createSshShell>[0] & { readonly env: (name: string) => string | undefined },
): Shell {
  const ssh = createSshShell(options);
  const local = createLocalShell(options);
  return {
    connect: (host, limits) => (host.how.kind === "local" ? local : ssh).connect(host, limits),
    async close() {
      await Promise.all([ssh.close(), local.close()]);
    },
  };
}
