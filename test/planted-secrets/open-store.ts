import { randomBytes } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { cleanText } from "../../src/collect/clean-text.ts";
import { redact } from "../../src/collect/redact.ts";
import type { Incident } from "../../src/incident/incident.ts";
import { createAlertReceiver } from "../../src/intake/alerts/alert-receiver.ts";
import { headerProof } from "../../src/intake/alerts/prove-sender.ts";
import { openRecords } from "../../src/store/open-records.ts";
import { shippedMapping } from "../intake/alerts/shipped-mapping.ts";
import { NOON } from "../store/sample-records.ts";
import { makeStateDirectory } from "../store/temporary-place.ts";
import { jsonOf, quoting } from "./collected.ts";

const PROOF = "k".repeat(32);
const MAX_LINE = 2000;

/** The records of a bot, and the receiver of alerts that writes into them. */
interface Store {
  readonly incident: Incident;
  /** Keeps what was collected of texts, and an alert made of each text. */
  readonly keep: (texts: readonly Buffer[], outputs: readonly string[]) => Promise<void>;
  /** All that can be read back, of each text one. */
  readonly readBack: () => Promise<readonly string[]>;
  /** Closes the store and reads its files, as somebody with a backup would. */
  readonly readFiles: () => Promise<string>;
}

export async function openStore(t: TestContext): Promise<Store> {
  const directory = await makeStateDirectory(t);
  let minutes = 0;
  const now = () => NOON + minutes * 60_000;
  const records = await openRecords(
    { kind: "sqlite", directory },
    { now, random: randomBytes, holdLock: false },
  );
  const { incident } = await records.incidents.openOrJoin(
    { site: "shop", url: "https://shop.example.com/", openedBy: { kind: "bot" } },
    { kind: "incident-opened", actor: { kind: "bot" }, text: "opened" },
  );
  const receiver = createAlertReceiver({
    sources: [
      { name: "own", mapping: shippedMapping("alertmanager"), proof: headerProof("authorization", PROOF) },
    ],
    sites: [],
    inbox: records.inbox,
    clean: (text) => redact(cleanText(Buffer.from(text), { maxLineLength: MAX_LINE })),
    wake: () => undefined,
    now,
    log: { info: () => undefined, warn: () => undefined },
  });

  /** Every text that is kept of an alert is the same one. */
  async function alert(texts: readonly string[]): Promise<string> {
    const alerts = texts.map((text) => ({
      status: "firing",
      fingerprint: text,
      labels: { site: text, instance: text },
      annotations: { summary: text },
    }));
    minutes++;
    const { status, body } = await receiver.handle({
      source: "own",
      method: "POST",
      headers: new Headers({ authorization: PROOF, "content-type": "application/json" }),
      rawBody: Buffer.from(JSON.stringify({ version: "4", status: "firing", alerts })),
    });
    if (status !== 200) throw new Error(`alerts were answered ${status} ${body}`);
    return body;
  }

  const ids: string[] = [];
  const answers: string[] = [];
  return {
    incident,
    async keep(texts, outputs) {
      const evidence = JSON.stringify(outputs);
      const diagnosis = quoting(outputs);
      ids.push(await records.diagnoses.save({ incident: incident.number, diagnosis, evidence }));
      const answer = await alert(texts.map((text) => text.toString("utf8")));
      answers.push(...texts.map(() => answer));
    },
    async readBack() {
      const diagnoses = await Promise.all(ids.map((id) => records.diagnoses.find(id)));
      const evidence = await Promise.all(ids.map((id) => records.diagnoses.evidence(id)));
      const quotes = diagnoses.flatMap((diagnosis) => diagnosis?.findings ?? []);
      const outputs: readonly unknown[] = evidence.flatMap((stored) => JSON.parse(stored ?? "[]"));
      const alerts = await records.inbox.pending(answers.length);
      return answers.map((answer, at) => jsonOf([answer, quotes[at], outputs[at], alerts[at]]));
    },
    async readFiles() {
      await records.close();
      return globSync("*", { cwd: directory })
        .map((name) => readFileSync(join(directory, name), "latin1"))
        .join("");
    },
  };
}
