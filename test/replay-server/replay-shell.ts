import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Evidence } from "../../src/collect/evidence.ts";
import type { Shell } from "../../src/collect/shell.ts";
import type { Playbook } from "../../src/playbook/playbook.ts";
import { createShell } from "../../src/ssh/create-shell.ts";
import { NO_SECRETS } from "../fakes/no-secrets.ts";
import { makeSshKey } from "../fakes/ssh-key.ts";
import { createAnswerScript } from "./answer-script.ts";
import { openReplaySshServer, type ReplaySshServer } from "./replay-ssh-server.ts";

/**
 * The product's own SSH edge, led to servers on loopback that stand in for the recorded hosts: real handshakes, pinned
 * host keys, a real login. A host that was not reached when it was recorded is not reached now.
 */
export async function openReplayShell(
  evidence: Evidence,
  { playbooks }: { readonly playbooks: readonly Playbook[] },
): Promise<Shell> {
  const folder = await mkdtemp(join(tmpdir(), "diagnose502-replay-"));
  const key = makeSshKey();
  const identityFile = join(folder, "id_ed25519");
  await writeFile(identityFile, key.private, { mode: 0o600 });
  const servers = new Map<string, ReplaySshServer>();
  for (const { host, status } of evidence.visits) {
    if (status === "unreachable") continue;
    const answer = createAnswerScript(evidence, { host, playbooks });
    servers.set(host, await openReplaySshServer({ answer, clientKey: key.public }));
  }
  const shell = createShell(NO_SECRETS);

  return {
    async connect({ name }, options) {
      const failure = evidence.visits.find(({ host }) => host === name)?.failure;
      if (failure) return { ok: false, failure };
      const server = servers.get(name);
      if (!server) throw new Error(`${name} was not recorded`);
      const { port, fingerprint } = server;
      return await shell.connect(
        {
          name,
          how: {
            kind: "ssh",
            address: "127.0.0.1",
            port,
            user: "diag",
            identityFiles: [identityFile],
            hostKey: fingerprint,
            knownHostsFiles: [],
          },
        },
        options,
      );
    },
    async close() {
      await shell.close();
      await Promise.all([...servers.values()].map((server) => server.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
