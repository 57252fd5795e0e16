import type { Signal } from "../../playbook/signal.ts";
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
    if (!hop.isInnermost) return undefined;
    const suffering = file.client.badShare > 0 || hop.lines.length > 0;
    if (!suffering) return undefined;
    const complaint = file.dependencyLines.findLast(({ signal }) => COMPLAINTS[signal] !== undefined);
    const dead = file.target.dependencies.find(
      ({ listening, owner, by }) =>
        by !== "same-host" && (listening === "no" || owner?.unit?.activeState === "failed"),
    );
    const deadNeighbour = file.target.dependencies.find(
      ({ listening, owner }) =>
        listening === "no" && owner?.unit !== undefined && owner.unit.activeState !== "active",
    );
    const down = dead ?? (complaint === undefined ? undefined : deadNeighbour);
    if (complaint === undefined && dead === undefined) return undefined;
    const waited = proxyLines(hop, "upstream-read-timed-out").at(-1);
    const name = down?.owner?.name ?? down?.playbook ?? "a service the application needs";
    const state = down?.owner?.unit;
    const finding =
      down &&
      file.find({
        check: "dependency",
        host: down.host,
        summary: `${name} is ${state === undefined ? "not listening" : `${state.activeState} (${state.subState})`}.`,
      });
    return {
      confidence: complaint !== undefined && down !== undefined ? 0.97 : complaint !== undefined ? 0.9 : 0.75,
      hop: "upstream->dependency",
      summary: `${name}${down === undefined ? "" : ` on ${down.host}`} ${complaint === undefined ? "is down" : (COMPLAINTS[complaint.signal] ?? "fails")}; the application cannot work without it.`,
      for: ids(
        complaint && quoteLine(file, complaint, "The application complains about what it depends on."),
        finding,
        waited && quoteLine(file, waited),
      ),
      restart: noRestart("The application is not at fault; its dependency is."),
      advice: [
        down === undefined
          ? "Look at the dependency the quoted line names."
          : `Start ${name} and find out why it stopped.`,
      ],
    };
  },
});
