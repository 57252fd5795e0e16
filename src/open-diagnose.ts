import { randomBytes } from "node:crypto";
import { createCollect } from "./collect/collect.ts";
import { createKnownSecrets } from "./collect/redact/known-secrets.ts";
import { createRedact } from "./collect/redact.ts";
import type { Environment } from "./config/environment.ts";
import { createHttp } from "./http/create-http.ts";
import type { Playbook } from "./playbook/playbook.ts";
import { createShell } from "./ssh/create-shell.ts";
import { createDiagnose } from "./workflow/diagnose.ts";

/** The edges that a diagnosis stands on, and the diagnosis. `warn`: what ssh_config or the agent could not give. */
export function openDiagnose({
  environment,
  playbooks,
  version,
  warn,
}: {
  readonly environment: Environment;
  readonly playbooks: readonly Playbook[];
  readonly version: string;
  readonly warn: (message: string) => void;
}) {
  const ownSecrets = createKnownSecrets();
  const redact = createRedact(ownSecrets);
  const shell = createShell({
    env: environment.variable,
    warn,
    loadSecret: async (reference) => {
      const { loadSecret } = await import("./config/load-secret.ts");
      const secret = await loadSecret(reference, environment);
      ownSecrets.add(secret);
      return secret;
    },
  });
  const http = createHttp({ version });
  const diagnose = createDiagnose({
    createCollect: () => createCollect({ shell, now: Date.now, random: randomBytes, redact }),
    http,
    redact,
    playbooks,
    now: Date.now,
  });
  return { diagnose, shell, http, redact, ownSecrets };
}
