import type { Shell } from "../../src/collect/shell.ts";
import { HELPER_PATH } from "../../src/remediate/restart-words.ts";
import { createShell } from "../../src/ssh/create-shell.ts";
import type { FakeHost } from "./fake-host.ts";

/** `createShell`, only that the helper's place is the fake host's, and that no sudo is needed. */
export function createShellTo(host: FakeHost): Shell {
  const shell = createShell({
    env: () => undefined,
    loadSecret: () => Promise.reject(new Error("the key has no passphrase")),
    warn: () => undefined,
  });
  const place = (script: string) =>
    script
      .replaceAll(`'sudo' '-n' '${HELPER_PATH}'`, `'${host.helper}'`)
      .replaceAll(HELPER_PATH, host.helper);
  return {
    async connect(access, options) {
      const outcome = await shell.connect(access, options);
      if (!outcome.ok) return outcome;
      const { connection } = outcome;
      const runScript: typeof connection.runScript = (script, limits) =>
        connection.runScript(place(script), limits);
      return { ok: true, connection: { ...connection, runScript } };
    },
    close: () => shell.close(),
  };
}
