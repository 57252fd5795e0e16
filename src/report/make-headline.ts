import type { Diagnosis } from "../classify/diagnosis.ts";
import { CAUSE_TITLES } from "./cause-title.ts";
import type { RestartAdvice } from "./report.ts";

/** The whole answer in one line: what broke, and whether a restart would help. */
export function makeHeadline(diagnosis: Diagnosis, restart: RestartAdvice): string {
  const { site, outcome, client, cause, notChecked } = diagnosis;
  const answers = client.status === null ? "it does not answer" : `it answers ${client.status}`;
  switch (outcome) {
    case "fault":
      return `${site}: ${sentence(cause?.summary ?? answers)} ${RESTART_SENTENCES[restart.answer]}`;
    case "healthy":
      return `${site} is healthy: ${answers}, and every hop ${
        notChecked.length > 0 ? "we could look at " : ""
      }is fine.`;
    case "recovered": {
      const before = cause ? ` Before that: ${sentence(cause.summary)}` : "";
      return `${site} has recovered: ${answers} now.${before} No restart is needed.`;
    }
    case "not-a-gateway-error":
      return `${site}: ${answers}, which is not a gateway error. No hop is broken; do not restart anything.`;
    case "inconclusive":
      return `${site}: inconclusive. ${capitalised(answers)}, ${likeliest(diagnosis)} Do not restart yet.`;
  }
}

const RESTART_SENTENCES: Readonly<Record<RestartAdvice["answer"], string>> = {
  yes: "A restart would help.",
  briefly: "A restart would help, but only briefly.",
  no: "A restart would not help.",
  "not-advised": "A restart is not advised.",
  "not-needed": "No restart is needed.",
};

function likeliest({ candidates }: Diagnosis): string {
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
