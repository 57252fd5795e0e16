import type { Diagnosis } from "../classify/diagnosis.ts";
import { CAUSE_TITLES } from "./cause-title.ts";
import type { RestartAdvice } from "./report.ts";

/** The whole answer in one line: what broke, and whether a restart would help. */
export function makeHeadline(diagnosis: Diagnosis, restart: RestartAdvice): string {
  const { site, outcome, client, cause, notChecked } = diagnosis;
  const answers = client.status === null ? "it does not answer" : `it answers ${client.status}`;
  switch (outcome) {
    case "fault":
      return `${site}: ${sentence(cause?.summary ?? answers)} ${sayRestart(diagnosis, restart)}`;
    case "healthy":
      return `${site} is healthy: ${answers}, and every hop ${
        notChecked.length > 0 ? "we could look at " : ""
      }is fine.`;
    case "recovered": {
      const before = cause ? ` Before that: ${sentence(cause.summary)}` : "";
      return `${site} has recovered: ${answers} now.${before} No restart is needed.`;
    }
    case "not-a-gateway-error":
      return `${site}: ${capitalised(answers)}, which is not a gateway error. No hop is broken; do not restart anything.`;
    case "inconclusive":
      return `${site}: inconclusive. ${capitalised(answers)}, ${whyUnsure(diagnosis)} Do not restart yet.`;
  }
}

const RESTART_SENTENCES: Readonly<Record<RestartAdvice["answer"], string>> = {
  yes: "A restart would help.",
  briefly: "A restart would help, but only briefly.",
  no: "A restart would not help.",
  "not-advised": "A restart is not advised.",
  "not-needed": "No restart is needed.",
};

/** Where the application is not what broke, the restart in question is named: starting the proxy may well help. */
function sayRestart({ cause }: Diagnosis, { answer }: RestartAdvice): string {
  const isElsewhere = cause !== null && cause.hop !== "upstream";
  return answer === "no" && isElsewhere
    ? "Restarting the application would not help."
    : RESTART_SENTENCES[answer];
}

/** Without access nothing else matters; else the likeliest cause, if there is one. */
function whyUnsure({ candidates, notChecked }: Diagnosis): string {
  const noAccess = notChecked.find(({ check }) => check === "ssh");
  if (noAccess) return `but SSH failed: ${sentence(noAccess.reason)}`;
  const [best] = candidates.toSorted((a, b) => b.confidence - a.confidence);
  if (!best) return "but nothing that was seen says why.";
  return `most likely because ${CAUSE_TITLES[best.id]} (${Math.round(best.confidence * 100)} %), but that is not proven.`;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
