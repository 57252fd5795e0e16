import type { Diagnosis } from "../classify/diagnosis.ts";
import type { RestartAdvice } from "./report.ts";

/** Whether to restart. Unsure means no: a restart destroys the evidence that would settle the question. */
export function makeRestartAdvice({ outcome, cause, remediation }: Diagnosis): RestartAdvice {
  switch (outcome) {
    case "healthy":
      return { answer: "not-needed", why: "Nothing is broken." };
    case "recovered":
      return { answer: "not-needed", why: "It works again by itself." };
    case "not-a-gateway-error":
      return { answer: "not-advised", why: "No hop is broken, so there is nothing a restart would repair." };
    case "inconclusive":
      return {
        answer: "not-advised",
        why: "The cause is not known yet, and a restart would destroy the evidence of it.",
      };
    case "fault":
      break;
  }
  const what = remediation ? { what: `${remediation.unit} on ${remediation.host}` } : {};
  if (!cause) return { answer: "not-advised", why: "The cause is not known." };
  if (cause.restartHelps === "no") return { answer: "no", why: cause.restartWhy };
  if (remediation && !remediation.recommended)
    return { answer: "not-advised", ...what, why: remediation.why };
  return { answer: cause.restartHelps, ...what, why: cause.restartWhy || (remediation?.why ?? "") };
}
