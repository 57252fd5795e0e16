import { randomBytes } from "node:crypto";
import { createCollect } from "../../src/collect/collect.ts";
import type { Evidence } from "../../src/collect/evidence.ts";
import type { OnProgress } from "../../src/collect/progress.ts";
import type { Playbook } from "../../src/playbook/playbook.ts";
import { createDiagnose, type DiagnoseOutcome } from "../../src/workflow/diagnose.ts";
import { createReplayHttp } from "./replay-http.ts";
import { openReplayShell } from "./replay-shell.ts";

/** A whole diagnosis, over real SSH and HTTP connections on loopback, of hosts that answer as they were recorded. */
export async function diagnoseOverSsh(
  evidence: Evidence,
  options: { readonly playbooks: readonly Playbook[]; readonly onProgress?: OnProgress },
): Promise<DiagnoseOutcome> {
  const { playbooks, onProgress = () => undefined } = options;
  const shell = await openReplayShell(evidence, { playbooks });
  const http = createReplayHttp(evidence.samples);
  // the clock stands still at the recorded moment, so that logs are as old as they were
  const now = () => Date.parse(evidence.startedAt);
  try {
    const diagnose = createDiagnose({
      createCollect: () => createCollect({ shell, now, random: randomBytes }),
      http,
      playbooks,
      now,
    });
    return await diagnose(evidence.request, { onProgress, signal: new AbortController().signal });
  } finally {
    await Promise.all([shell.close(), http.close()]);
  }
}
