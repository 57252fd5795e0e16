import { findAssignments } from "./redact/assignments.ts";
import { findHeaders } from "./redact/headers.ts";
import { findKeyBlocks } from "./redact/key-blocks.ts";
import type { KnownSecrets } from "./redact/known-secrets.ts";
import { findPersonal } from "./redact/personal.ts";
import type { Secret, SecretFinder } from "./redact/secret.ts";
import { findTokens } from "./redact/tokens.ts";
import { findUrlSecrets } from "./redact/urls.ts";

/** Where two overlap from the same start, the earlier one names the kind. */
const FINDERS: readonly SecretFinder[] = [
  findKeyBlocks,
  findTokens,
  findHeaders,
  findUrlSecrets,
  findAssignments,
  findPersonal,
];

/** Lower case of the same length: one Turkish letter would become two. */
function toLower(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * Text without the secrets it holds, each replaced by `[redacted:kind]`. It must be clean already (a colour code
 * within a key would hide it) and not yet shortened (half a key matches nothing). Time grows with the text alone.
 */
export function redact(text: string): string {
  return redactBy(FINDERS, text);
}

/** Text to the same text without secrets; see {@link redact}. */
export type Redact = (text: string) => string;

/** The same, and without the secrets we were given ourselves, which may look like anything. */
export function createRedact(known: KnownSecrets): Redact {
  return (text) => redactBy([known.find, ...FINDERS], text);
}

function redactBy(finders: readonly SecretFinder[], text: string): string {
  const searched = { text, lower: toLower(text) };
  const secrets = finders
    .flatMap((find) => find(searched))
    .filter(({ start }) => !text.startsWith("[redacted:", start))
    .sort((a, b) => a.start - b.start || b.end - a.end);
  if (secrets.length === 0) return text;

  let shown = "";
  let from = 0;
  let pending: Secret | undefined;
  const flush = () => {
    if (pending === undefined) return;
    shown += `${text.slice(from, pending.start)}[redacted:${pending.kind}]`;
    from = pending.end;
  };
  for (const secret of secrets) {
    if (pending !== undefined && secret.start < pending.end) {
      pending = { ...pending, end: Math.max(pending.end, secret.end) };
      continue;
    }
    flush();
    pending = secret;
  }
  flush();
  return shown + text.slice(from);
}
