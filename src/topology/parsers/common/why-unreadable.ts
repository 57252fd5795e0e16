import type { ProbeResult } from "../../../playbook/probe-result.ts";

/** Why no configuration of a product is there to be read, for people. */
export function whyUnreadable(product: string, result: ProbeResult | undefined): string {
  if (result === undefined) return `No ${product} configuration was read on this host.`;
  const { outcome } = result;
  switch (outcome.kind) {
    case "denied":
      return `The ${product} configuration could not be read: ${outcome.need}.`;
    case "missing":
      return `The ${product} configuration is not here: ${outcome.what} is missing.`;
    case "timed-out":
      return `Reading the ${product} configuration took longer than ${outcome.timeoutMs} ms.`;
    case "no-answer":
      return `Reading the ${product} configuration gave no answer: ${outcome.reason}.`;
    case "exited":
      return `Reading the ${product} configuration gave nothing (exit status ${outcome.exitCode}).`;
  }
}
