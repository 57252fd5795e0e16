import type { Signal } from "../../playbook/signal.ts";
import type { DependencyHop } from "../../topology/target.ts";
import { ids, proxyLines, quoteLine } from "../hop-view.ts";
import { defineRule, noRestart } from "../rule.ts";

const COMPLAINTS: Partial<Record<Signal, string>> = {
  "dependency-refused": "refuses connections",
  "dependency-too-many-connections": "has no connection left",
  "dependency-lost": "drops connections",
  "dependency-starting": "is still starting",
  "dependency-read-only-or-full": "refuses writes",
  "dependency-slow": "does not answer in time",
};

/** The application works, but what it depends on does not: a database, a cache, an API. The application only relays the pain. */
export const backendDependencyDown = defineRule({
  id: "backend-dependency-down",
  check(hop, file) {
    if (!hop.isInnermost || (file.client.badShare === 0 && hop.lines.length === 0)) return undefined;
    const complaint = file.dependencyLines.findLast(({ signal }) => COMPLAINTS[signal] !== undefined);
    const { dependencies } = file.target;
    const used = dependencies.find((dependency) => dependency.by !== "same-host" && isDown(dependency));
    // one that merely lives there counts only when the application complains about one
    const down = used ?? (complaint === undefined ? undefined : dependencies.find(isDown));
    if (complaint === undefined && down === undefined) return undefined;
    const waited = proxyLines(hop, "upstream-read-timed-out").at(-1);
    const appAnswers = file.client.mintedBy === "app" && (file.client.status ?? 0) >= 500;
    const name = down?.owner?.name ?? down?.playbook ?? "a service the application needs";
    const state = down && stateOf(down);
    const finding =
      down && file.find({ check: "dependency", host: down.host, summary: `${name} is ${state}.` });
    return {
      confidence: confidence(complaint !== undefined, down, appAnswers),
      hop: "upstream->dependency",
      summary: `${name}${down === undefined ? "" : ` on ${down.host}`} ${
        state === undefined ? (COMPLAINTS[complaint?.signal ?? "noise"] ?? "fails") : `is ${state}`
      }; the application cannot work without it.`,
      for: ids(
        complaint && quoteLine(file, complaint, "The application complains about what it depends on."),
        finding,
        waited && quoteLine(file, waited),
      ),
      restart: noRestart("The application is not at fault; its dependency is."),
      advice: [
        down === undefined
          ? "Look at the dependency the quoted line names."
          : isFrozen(down)
            ? `Find out who stopped ${name} (a debugger, kill -STOP); kill -CONT continues it.`
            : `Bring ${name} back and find out why it stopped.`,
      ],
      ...(down === undefined ? {} : { dependency: down }),
    };
  },
});

function confidence(complained: boolean, down: DependencyHop | undefined, appAnswers: boolean): number {
  if (down !== undefined && (complained || isFrozen(down))) return 0.97;
  if (complained) return 0.9;
  return appAnswers ? 0.88 : 0.75;
}

function isDown(dependency: DependencyHop): boolean {
  const { listening, owner } = dependency;
  const unit = owner?.unit;
  const stopped = unit !== undefined && unit.activeState !== "active";
  return (
    isFrozen(dependency) ||
    (listening === "no" && (stopped || unit === undefined)) ||
    unit?.activeState === "failed"
  );
}

/** Stopped by a signal: it holds its socket and answers nobody. */
function isFrozen({ owner }: DependencyHop): boolean {
  return owner?.processes.some(({ state }) => state === "T") ?? false;
}

function stateOf(dependency: DependencyHop): string {
  if (isFrozen(dependency)) return "frozen (SIGSTOP): it accepts connections and answers none";
  const unit = dependency.owner?.unit;
  return unit === undefined ? "not listening" : `${unit.activeState} (${unit.subState})`;
}
