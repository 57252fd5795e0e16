import { randomBytes } from "node:crypto";
import { type Collect, createCollect } from "../../../src/collect/collect.ts";
import type { ProgressEvent } from "../../../src/collect/progress.ts";
import type { HostAccess } from "../../../src/intake/diagnosis-request.ts";
import type { Look, Plan } from "../../../src/plan/plan.ts";
import { createShell } from "../../../src/ssh/create-shell.ts";
import { NO_SECRETS } from "../../../test/fakes/no-secrets.ts";
import { timed } from "../../statistics.ts";
import type { Contender, Endpoint, Login } from "../contender.ts";
import { looksOf } from "../looks.ts";
import { NAMES } from "../names.ts";

/** Our own collection, from the keys on disk to cleaned and redacted results. */
export function createColdDiagnose502(endpoints: readonly Endpoint[], login: Login): Contender {
  return {
    name: NAMES.ourCold,
    run: () =>
      timed(async () => {
        const visit = await openVisit(endpoints, login);
        await visit.look([], { last: true });
        await visit.close();
      }),
    close: async () => undefined,
  };
}

/** The same over connections that stand already. */
export async function createWarmDiagnose502(
  endpoints: readonly Endpoint[],
  login: Login,
): Promise<Contender> {
  const visit = await openVisit(endpoints, login);
  return {
    name: NAMES.ourWarm,
    run: () => timed(() => visit.look([])),
    close: () => visit.close(),
  };
}

/** When each frame came, by `host/look`, ms after the round began. */
export type Arrivals = ReadonlyMap<string, number>;

/** Connections to all endpoints, and rounds of the usual looks over them with `more` looks on every host. */
export async function openVisit(
  endpoints: readonly Endpoint[],
  login: Login,
): Promise<{
  look(more: readonly Look[], options?: { readonly last: boolean }): Promise<Arrivals>;
  close(): Promise<void>;
}> {
  const shell = createShell(NO_SECRETS);
  const collect = createCollect({ shell, now: Date.now, random: randomBytes });
  const visits = await collect.open(
    endpoints.map((endpoint) => makeAccess(endpoint, login)),
    { onProgress: () => undefined },
  );
  const unreachable = visits.find(({ status }) => status !== "looked");
  if (unreachable) throw new Error(`${unreachable.host}: ${unreachable.reason}`);
  return {
    look: (more, { last } = { last: false }) => lookOnce(collect, makePlans(endpoints, { more, last })),
    async close() {
      collect.close();
      await shell.close();
    },
  };
}

async function lookOnce(collect: Collect, plans: readonly Plan[]): Promise<Arrivals> {
  const arrivals = new Map<string, number>();
  const startedAt = performance.now();
  const onProgress = (event: ProgressEvent) => {
    if (event.kind === "looked") arrivals.set(`${event.host}/${event.look}`, performance.now() - startedAt);
  };
  const { results } = await collect.round(plans, { onProgress });
  const unanswered = results.find(({ outcome }) => outcome.kind !== "exited" && outcome.kind !== "timed-out");
  if (unanswered)
    throw new Error(`${unanswered.host} ${unanswered.id}: ${JSON.stringify(unanswered.outcome)}`);
  return arrivals;
}

/** After a first round a second one follows, and is prepared for; after the second, none. */
function makePlans(
  endpoints: readonly Endpoint[],
  { more, last }: { readonly more: readonly Look[]; readonly last: boolean },
): readonly Plan[] {
  return endpoints.map(({ name }) => ({
    host: name,
    round: last ? 2 : 1,
    looks: [...looksOf(name), ...more],
  }));
}

function makeAccess({ name, address, port }: Endpoint, login: Login): HostAccess {
  const { user, identityFile, knownHostsFile } = login;
  return {
    name,
    how: {
      kind: "ssh",
      address,
      port,
      user,
      identityFiles: [identityFile],
      knownHostsFiles: [knownHostsFile],
    },
  };
}
