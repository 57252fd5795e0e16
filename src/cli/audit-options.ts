import { nearestName } from "../config/nearest-name.ts";
import type { ChainHead } from "../incident/audit-chain.ts";
import { UsageError } from "../intake/usage-error.ts";
import { COMMANDS } from "./command-table.ts";
import { parseOptions } from "./parse-options.ts";

const ACTIONS = ["verify", "export"] as const;

export interface AuditOptions {
  readonly action: (typeof ACTIONS)[number];
  /** Heads that somebody wrote down. */
  readonly anchors: readonly ChainHead[];
}

/** What was typed after `audit`. @throws {UsageError} */
export function parseAuditOptions(args: readonly string[]): AuditOptions {
  const { values, positionals } = parseOptions("audit", args, COMMANDS.audit.options);
  const [word = "", ...more] = positionals;
  const action = ACTIONS.find((known) => known === word);
  if (action === undefined || more.length > 0) {
    const meant = nearestName(word, ACTIONS);
    throw new UsageError(
      positionals.length === 0
        ? "audit needs a command."
        : `audit has no command "${positionals.join(" ")}".`,
      { hint: meant === undefined ? "Commands: verify, export" : `Did you mean: ${meant}?` },
    );
  }
  if (action === "export" && values.head !== undefined) {
    throw new UsageError("--head is for audit verify; audit export takes none.", {
      hint: "For example: diagnose502 audit export > audit.jsonl",
    });
  }
  return { action, anchors: (values.head ?? []).map(parseHead) };
}

function parseHead(text: string): ChainHead {
  const [seq = "", hash = "", ...more] = text.toLowerCase().split(":");
  if (more.length === 0 && /^[0-9]{1,15}$/.test(seq) && /^[0-9a-f]{64}$/.test(hash)) {
    return { seq: Number(seq), hash };
  }
  throw new UsageError(`--head is "${text}", and a row's number and hash are needed.`, {
    hint: "As audit verify prints it: 123:9f86d081… with all 64 hex digits.",
  });
}
