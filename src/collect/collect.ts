import type { HostAccess } from "../intake/diagnosis-request.ts";
import type { Plan } from "../plan/plan.ts";
import type { ProbeResult } from "../playbook/probe-result.ts";
import type { HostVisit } from "./evidence.ts";
import type { OnProgress } from "./progress.ts";
import type { Redact } from "./redact.ts";
import { runPlan } from "./run-plan.ts";
import type { Shell, ShellConnection } from "./shell.ts";

/** Name resolution, handshake and login together. */
const CONNECT_TIMEOUT_MS = 10_000;

interface Watched {
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

/** The hosts of one diagnosis: connected once, looked at in rounds. */
export interface Collect {
  /**
   * Connects to all hosts at once; a host that cannot be reached is a visit that says so.
   * @throws {OperatorError} on a host key that is not the host's, or a key of ours that cannot be used.
   */
  open(hosts: readonly HostAccess[], watched: Watched): Promise<readonly HostVisit[]>;
  /** Runs one plan a host, all at once. Every look has a result, whatever became of its host. */
  round(
    plans: readonly Plan[],
    watched: Watched,
  ): Promise<{ readonly results: readonly ProbeResult[]; readonly visits: readonly HostVisit[] }>;
  /** Drops the connections; the far processes die with them. */
  close(): void;
}

interface Visited {
  readonly access: HostAccess;
  readonly visit: HostVisit;
  readonly connection?: ShellConnection;
}

function resultsWithoutAnswer(plan: Plan, reason: string): ProbeResult[] {
  return plan.looks.map(({ probe, id, params }) => ({
    probe,
    id,
    host: plan.host,
    round: plan.round,
    params,
    outcome: { kind: "no-answer", reason },
    output: "",
    truncated: false,
  }));
}

/** `now`: epoch ms, our clock. `random`: bytes nobody can guess. `redact`: the usual one unless told. */
export function createCollect(edges: {
  readonly shell: Shell;
  readonly now: () => number;
  readonly random: (bytes: number) => Buffer;
  readonly redact?: Redact;
}): Collect {
  const { shell, now, random, redact } = edges;
  const hosts = new Map<string, Visited>();

  async function connect(access: HostAccess, { onProgress, signal }: Watched): Promise<Visited> {
    const host = access.name;
    onProgress({ kind: "connecting", host });
    const startedAt = now();
    const limits = { timeoutMs: CONNECT_TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) };
    const outcome = await shell.connect(access, limits);
    const connectMs = now() - startedAt;
    if (!outcome.ok) {
      const { failure } = outcome;
      onProgress({ kind: "unreachable", host, failure });
      return { access, visit: { host, status: "unreachable", failure, reason: failure.reason, connectMs } };
    }
    onProgress({ kind: "connected", host, ms: connectMs });
    return { access, visit: { host, status: "looked", connectMs }, connection: outcome.connection };
  }

  async function look(plan: Plan, watched: Watched): Promise<readonly ProbeResult[]> {
    let visited = hosts.get(plan.host);
    if (visited === undefined) return resultsWithoutAnswer(plan, `no access to ${plan.host} is configured`);
    if (visited.visit.status === "lost") {
      // one more try: a connection may drop without the host being gone
      const again = await connect(visited.access, watched);
      if (again.connection !== undefined) visited = again;
    }
    const { connection, visit } = visited;
    if (connection === undefined)
      return resultsWithoutAnswer(plan, visit.reason ?? "the host cannot be reached");

    const running = runPlan(connection, plan, {
      now,
      random,
      ...(redact === undefined ? {} : { redact }),
      ...watched,
    });
    if (plan.round === 1) connection.prepare?.();
    const { results, lost, ...clock } = await running;
    if (lost === undefined) {
      hosts.set(plan.host, { ...visited, visit: { ...visit, ...clock } });
    } else {
      connection.close();
      watched.onProgress({ kind: "lost", host: plan.host, reason: lost });
      const { access } = visited;
      hosts.set(plan.host, { access, visit: { ...visit, ...clock, status: "lost", reason: lost } });
    }
    return results;
  }

  return {
    async open(accesses, watched) {
      const unique = [...new Map(accesses.map((access) => [access.name, access])).values()];
      const settled = await Promise.allSettled(unique.map((access) => connect(access, watched)));
      for (const one of settled) if (one.status === "fulfilled") hosts.set(one.value.access.name, one.value);
      const refused = settled.find((one) => one.status === "rejected");
      if (refused !== undefined) throw refused.reason;
      return [...hosts.values()].map(({ visit }) => visit);
    },
    async round(plans, watched) {
      const results = await Promise.all(plans.map((plan) => look(plan, watched)));
      return { results: results.flat(), visits: [...hosts.values()].map(({ visit }) => visit) };
    },
    close() {
      for (const { connection } of hosts.values()) connection?.close();
      hosts.clear();
    },
  };
}
