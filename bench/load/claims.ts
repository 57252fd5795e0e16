import { randomBytes } from "node:crypto";
import type { EngineBackends } from "../../src/store/open-engine-backends.ts";
import type { Records } from "../../src/store/open-records.ts";
import { makeSendGuard } from "../../src/workflow/restart-allowed.ts";
import { makeApproval, makeEntry, makeIntent } from "../../test/store/sample-records.ts";
import { percentile, timed } from "../statistics.ts";
import type { Figure } from "./result.ts";

const CLAIMS = 300;
const HOUR_MS = 60 * 60_000;
/** So far back the guard of a restart reads what was sent. */
export const GUARDED_MS = 90 * 24 * HOUR_MS;

/** `posts`: so many there are; `open`: numbers of incidents that a restart can be offered for. */
export async function measureClaims(
  { records, engine }: { readonly records: Records; readonly engine: EngineBackends<"commands"> },
  given: { readonly posts: number; readonly open: readonly number[] },
): Promise<readonly Figure[]> {
  const posts: number[] = [];
  const runs: number[] = [];
  const moves: number[] = [];
  for (let nth = 0; nth < CLAIMS; nth++) {
    const id = 1 + ((nth * 7919) % given.posts);
    posts.push(await timed(() => records.incidents.claimPost(id, "bench", 30_000)));
    await records.incidents.savePost(id, "bench", { release: true });
    runs.push(await claimRun(engine.backends.commands));
    moves.push(await claimIntent(records, { nth, incident: given.open[nth % given.open.length] ?? 0 }));
  }
  const claim = (name: string, times: readonly number[]): readonly Figure[] => [
    { name: `claim of ${name}, p95`, value: percentile(times, 0.95), unit: "ms", atMost: 10 },
    { name: `claim of ${name}, p50`, value: percentile(times, 0.5), unit: "ms" },
  ];
  return [...claim("a message", posts), ...claim("a restart", moves), ...claim("a run of the engine", runs)];
}

async function claimRun(backend: EngineBackends<"commands">["backends"]["commands"]): Promise<number> {
  await backend.createWorkflowRun({
    workflowName: "incident",
    version: null,
    idempotencyKey: randomBytes(8).toString("hex"),
    config: {},
    context: null,
    input: { id: "0" },
    parentStepAttemptNamespaceId: null,
    parentStepAttemptId: null,
    availableAt: null,
    deadlineAt: null,
  });
  const startedAt = performance.now();
  const run = await backend.claimWorkflowRun({ workerId: "bench", leaseDurationMs: 30_000 });
  const tookMs = performance.now() - startedAt;
  if (run === null) throw new Error("there was no run to claim");
  await backend.completeWorkflowRun({ workflowRunId: run.id, workerId: "bench", output: null });
  return tookMs;
}

/** As it is claimed before it is sent: with the guard that asks for what was sent in the last 90 days. */
async function claimIntent(
  { intents }: Records,
  { nth, incident }: { readonly nth: number; readonly incident: number },
): Promise<number> {
  const key = randomBytes(16).toString("hex");
  const intent = makeIntent({ key, incident, site: `c${nth}`, host: `claimed-${nth}` });
  const entry = makeEntry();
  if (!(await intents.create(intent, entry, []))) throw new Error("nothing was offered");
  await intents.decide(key, makeApproval("U1"), { from: "awaiting", to: "approved" }, entry, []);
  const { site, host, identity, cause } = intent;
  const target = { site, url: `http://${site}.example.com/`, proxies: [], dependencies: [], mismatches: [] };
  const wanted = { site, target, host, serviceId: identity.id, cause, coolDownMs: 600_000, key };
  // so that those of the bench are not among those the guard reads
  const sentAt = new Date(Date.now() - GUARDED_MS - HOUR_MS).toISOString();
  const startedAt = performance.now();
  const guard = makeSendGuard(wanted, Date.now());
  const claimed = await intents.move(key, { from: ["approved"], to: "sent", sentAt }, entry, [], guard);
  const tookMs = performance.now() - startedAt;
  if (claimed === undefined) throw new Error("a restart could not be claimed");
  const endedAt = new Date().toISOString();
  await intents.move(
    key,
    { from: ["sent"], to: "not-done", endedAt, outcome: "It was the bench." },
    entry,
    [],
  );
  return tookMs;
}
