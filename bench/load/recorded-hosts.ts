import { writeFile } from "node:fs/promises";
import { setPriority } from "node:os";
import { join } from "node:path";
import ssh2 from "ssh2";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import { loadIncident } from "../../src/store/load-incident.ts";
import { openReplayHttpServer } from "../../test/replay-server/replay-http-server.ts";
import { openReplaySshServer } from "../../test/replay-server/replay-ssh-server.ts";
import { createReplayAnswers, moveTo } from "./replay-answers.ts";

/**
 * A process that stands in for the hosts of `count` sites, each a proxy and an origin: real SSH servers that say what was recorded when
 * an application was stopped. Arguments: directory for the key, count. Tells the parent where they are.
 */
const RECORDED = join(
  import.meta.dirname,
  "../../test/incidents/upstream-not-running--nginx-node--after-a-timeout",
);
const PLAYBOOKS = join(import.meta.dirname, "../../playbooks");
/** Hosts are other machines: here they get what the bot and the doubles leave. */
const NICENESS = 10;

const [directory = "", count = "0"] = process.argv.slice(2);
setPriority(NICENESS);
const playbooks = await loadPlaybooks([{ path: PLAYBOOKS, origin: "shipped" }]);
const recorded = await loadIncident(RECORDED);
const [sample] = recorded.samples;
if (sample === undefined) throw new Error("the recording has no public answer");
const web = await openReplayHttpServer(sample);
const evidence = moveTo(web.port, recorded);
const key = ssh2.utils.generateKeyPairSync("ed25519");
const identityFile = join(directory, "id_ed25519");
await writeFile(identityFile, key.private, { mode: 0o600 });

const answers = evidence.visits.map(({ host }) => createReplayAnswers(evidence, { host, playbooks }));
const sites = [];
for (let site = 0; site < Number(count); site++) {
  const hosts = [];
  for (const answer of answers) {
    const { port, fingerprint } = await openReplaySshServer({ answer, clientKey: key.public });
    hosts.push({ address: "127.0.0.1", port, user: "diag", hostKey: fingerprint, identityFile });
  }
  sites.push(hosts);
}
process.send?.({ url: evidence.request.url, sites });
process.once("disconnect", () => process.exit());
