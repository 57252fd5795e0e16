import type { Shell, ShellConnection } from "../collect/shell.ts";
import { startCountdown } from "./countdown.ts";
import { createLoadKey } from "./load-key.ts";
import { createLoginPace } from "./login-pace.ts";
import { openClient } from "./open-client.ts";
import { runScriptOnClient } from "./script-channel.ts";
import { createWaitingShells } from "./waiting-shell.ts";

/**
 * Hosts over SSH. `loadSecret` fetches a key's passphrase; `warn` hears of what is unwise but works.
 * Local hosts are not for this shell.
 */
export function createSshShell(options: Parameters<typeof createLoadKey>[0]): Shell {
  const loadKey = createLoadKey(options);
  const open = new Set<() => void>();
  const pace = createLoginPace();

  return {
    async connect(host, { timeoutMs, signal }) {
      if (host.how.kind !== "ssh") throw new TypeError(`${host.name} is not reached by SSH`);
      const countdown = startCountdown(timeoutMs, { outer: signal });
      const opened = await openClient(host.name, host.how, { loadKey, countdown, pace }).finally(
        countdown.stop,
      );
      if (!opened.ok) return opened;
      open.add(opened.close);
      opened.client.once("close", () => open.delete(opened.close));
      const { client } = opened;
      const shells = createWaitingShells(client);
      const connection: ShellConnection = {
        rttMs: opened.rttMs,
        hostKey: opened.hostKey,
        runScript: (script, limits) => runScriptOnClient({ client, shells }, script, limits),
        prepare: shells.prepare,
        close: () => {
          open.delete(opened.close);
          opened.close();
        },
      };
      return { ok: true, connection };
    },
    async close() {
      for (const close of open) close();
      open.clear();
    },
  };
}
