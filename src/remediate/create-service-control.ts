import type { Intent, ServiceRef } from "../approval/intent.ts";
import type { Redact } from "../collect/redact.ts";
import type { Shell } from "../collect/shell.ts";
import type { HostAccess } from "../intake/diagnosis-request.ts";
import { OperatorError } from "../operator-error.ts";
import { askHelper } from "./ask-helper.ts";
import { askManager } from "./ask-manager.ts";
import { type Judged, lookOf, type ReadOptions } from "./manager.ts";
import { judgeHelped, makeHelperLooks } from "./read-by-helper.ts";
import { readRestart } from "./read-restart.ts";
import { areRestartWords, makeHelperWords, RESTART_BOUNDS } from "./restart-words.ts";
import { createRunOn, type Stoppable } from "./run-on.ts";
import type { RestartOutcome, ServiceControl, ServiceReading } from "./service-control.ts";
import { serviceWord } from "./service-word.ts";
import { judgeUnit, makeUnitLooks } from "./systemd/read-systemd.ts";

interface Edges {
  readonly shell: Shell;
  readonly redact: Redact;
  /** Epoch ms. */
  readonly now: () => number;
  /** Bytes nobody can guess. */
  readonly random: (bytes: number) => Buffer;
  /** Units that the config adds to those that are never restarted. */
  readonly neverRestart: readonly string[];
}

/** Restarts over the same connections and frames as looks. What it changes, it changes by the words of an intent alone. */
export function createServiceControl(edges: Edges): ServiceControl {
  const runOn = createRunOn(edges, { maxRoundMs: RESTART_BOUNDS.timeoutMs + 10_000 });

  async function read(
    host: HostAccess,
    service: ServiceRef,
    options: Omit<ReadOptions, "neverRestart"> & Stoppable,
  ): Promise<ServiceReading> {
    const known = { ...options, neverRestart: edges.neverRestart };
    const first = await readOnce(host, service, known);
    if (first.kind !== "renamed") return first;
    // by an alias: the rest is asked by its own name
    const second = await readOnce(host, first.service, known);
    if (second.kind !== "renamed") return second;
    return {
      kind: "unreadable",
      why: `${serviceWord(service)} has names that lead to each other`,
      hint: "Name the unit itself in the config.",
    };
  }

  async function readOnce(
    host: HostAccess,
    service: ServiceRef,
    options: ReadOptions & Stoppable,
  ): Promise<ServiceReading | Extract<Judged, { readonly kind: "renamed" }>> {
    try {
      // checks the name before it stands in any words
      serviceWord(service);
      const looks = service.manager === "systemd" ? makeUnitLooks(service.unit) : makeHelperLooks(service);
      const ran = await runOn(host, looks, options);
      if (ran.kind === "not-run") return { ...ran, kind: "unreadable" };
      const judged =
        service.manager === "systemd"
          ? judgeUnit(service.unit, ran.run, options)
          : judgeHelped(service, ran.run, options);
      return judged.kind === "read" ? { ...judged, hostKey: ran.hostKey } : judged;
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      return { kind: "refused", why: error.message, hint: error.hint };
    }
  }

  const restart: ServiceControl["restart"] = async (host, intent, options) => {
    if (!areRestartWords(intent)) {
      return {
        kind: "refused",
        text: "Nothing was sent: the stored words are not a restart of this service.",
        hint: "Press “Look again” for a fresh proposal, and find out who changed the row.",
      };
    }
    const change = lookOf("restart", intent.argv, RESTART_BOUNDS);
    const ran = await runOn(host, [change], { ...options, hostKey: intent.hostKey });
    if (ran.kind === "not-run") {
      const text = `Nothing was sent: ${ran.why}`;
      return ran.isLate ? { kind: "not-done", text: `${text}.` } : { kind: "refused", text, hint: ran.hint };
    }
    return await readRestart(ran.run, intent, { host, runOn, ...options });
  };

  async function ask(host: HostAccess, intent: Intent, options: Stoppable): Promise<RestartOutcome> {
    const words = makeHelperWords("status", intent);
    const means = { runOn, ...options };
    return words === undefined
      ? await askManager(host, intent, {
          ...means,
          now: edges.now,
          restartTimeoutMs: RESTART_BOUNDS.timeoutMs,
        })
      : await askHelper(host, intent, { ...means, words });
  }

  return {
    read,
    restart,
    ask,
    async forget(host, intent) {
      const words = makeHelperWords("forget", intent);
      if (words === undefined) return;
      await runOn(host, [lookOf("forget", words)], { hostKey: intent.hostKey });
    },
  };
}
