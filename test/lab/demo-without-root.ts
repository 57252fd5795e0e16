import { join } from "node:path";
import { exitStatusOf } from "../../src/cli/exit-status.ts";
import { makeOutput } from "../../src/cli/output.ts";
import { printDiagnosis } from "../../src/cli/print-diagnosis.ts";
import { showProgress } from "../../src/cli/show-progress.ts";
import { readTerminal } from "../../src/config/terminal.ts";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import { loadIncident } from "../../src/store/load-incident.ts";
import { diagnoseOverSsh } from "../replay-server/diagnose-over-ssh.ts";
import { listRecordedIncidents } from "../replay-server/recorded-incidents.ts";

const SHOWN_FIRST = "upstream-oom-killed";

/**
 * The demo where no lab can run: a recorded incident, its hosts played by SSH servers on loopback.
 * Gives 0 when the fault was diagnosed. @throws {Error} when nothing was recorded.
 */
export async function runWithoutRoot(): Promise<number> {
  const stdout = makeOutput(process.stdout, readTerminal(process.stdout));
  const stderr = makeOutput(process.stderr, readTerminal(process.stderr));
  const incidents = listRecordedIncidents();
  const incident = incidents.find(({ name }) => name.startsWith(SHOWN_FIRST)) ?? incidents[0];
  if (!incident) throw new Error("test/incidents/ holds no recorded incident to show");
  stdout.write(`Real hosts with real faults need root on Debian, which is not the case here.
So this is a recorded incident, ${incident.name}: its hosts are played by SSH servers
on 127.0.0.1 that answer what the real ones answered. Connections, logins, looks and
verdict are the product's own.

`);
  const playbooks = await loadPlaybooks([
    { path: join(import.meta.dirname, "../../playbooks"), origin: "shipped" },
  ]);
  const evidence = await loadIncident(incident.folder);
  const progress = await showProgress({ stderr, verbose: false });
  const { onProgress } = progress;
  const { diagnosis } = await diagnoseOverSsh(evidence, { playbooks, onProgress }).finally(progress.close);
  printDiagnosis(diagnosis, { stdout, json: false });
  // 1 is `a fault was diagnosed`: the demonstration worked
  return exitStatusOf(diagnosis) === 1 ? 0 : 1;
}
