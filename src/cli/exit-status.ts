import type { Diagnosis } from "../classify/diagnosis.ts";
import { OperatorError } from "../operator-error.ts";

/** What the process says to scripts. From 64 on as in BSD. Source: sysexits.h; 128 + signal as shells do. */
export const EXIT = {
  fine: 0,
  fault: 1,
  inconclusive: 2,
  usage: 64,
  bug: 70,
  /** The answer could not be written. */
  output: 74,
  /** The bot's records or its address cannot be had: the database, the disk or the network may be well in a while. */
  tryAgain: 75,
  config: 78,
} as const;

/** An answer that is no gateway error is none of our faults: 0, as for a healthy site. */
export function exitStatusOf({ outcome }: Pick<Diagnosis, "outcome">): number {
  switch (outcome) {
    case "healthy":
    case "recovered":
    case "not-a-gateway-error":
      return EXIT.fine;
    case "fault":
      return EXIT.fault;
    case "inconclusive":
      return EXIT.inconclusive;
  }
}

/**
 * Errors say their own status where it matters; what an operator must set right is configuration, which nobody should try again; the rest
 * are bugs.
 */
export function exitStatusOfError(error: unknown, { command }: { readonly command?: string } = {}): number {
  if (!(error instanceof OperatorError)) return EXIT.bug;
  if (command === "start" && error.code === "STORE") return EXIT.tryAgain;
  return "exitStatus" in error && typeof error.exitStatus === "number" ? error.exitStatus : EXIT.config;
}
