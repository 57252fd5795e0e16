import { findAssignments } from "./redact/assignments.ts";
import { findEncoded } from "./redact/encoded.ts";
import { findHeaders } from "./redact/headers.ts";
import { findKeyBlocks } from "./redact/key-blocks.ts";
import type { KnownSecrets } from "./redact/known-secrets.ts";
import { findPersonal } from "./redact/personal.ts";
import type { Secret, SecretFinder } from "./redact/secret.ts";
import { findTokens } from "./redact/tokens.ts";
import { findUrlSecrets } from "./redact/urls.ts";
import { viewsOf } from "./redact/views.ts";
import { findWrapped } from "./redact/wraps.ts";

/** Where two overlap from the same start, the earlier one names the kind. */
const FINDERS: readonly SecretFinder[] = [
  findKeyBlocks,
  findTokens,
  findHeaders,
  findUrlSecrets,
  findAssignments,
  findPersonal,
];

/**
 * Text without the secrets it holds, each replaced by `[redacted:kind]`, also where they are escaped, in base64 or broken over full lines.
 * It must be clean already (a colour code within a key would hide it) and not yet shortened (half a key matches nothing). Time grows with
 * the text alone.
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

/** In no order; they may overlap. */
function secretsIn(finders: readonly SecretFinder[], text: string): readonly Secret[] {
  return viewsOf(text).flatMap((view) =>
    [
      ...finders.flatMap((find) => find(view)),
      ...findEncoded(view, (decoded) => holdsSecret(finders, decoded)),
    ].map(({ start, end, kind }) => ({ start: view.originOf(start), end: view.originOf(end), kind })),
  );
}

function holdsSecret(finders: readonly SecretFinder[], text: string): boolean {
  return viewsOf(text).some((view) => finders.some((find) => find(view).length > 0));
}

function redactBy(finders: readonly SecretFinder[], text: string): string {
  const secrets = [...secretsIn(finders, text), ...findWrapped(text, (line) => secretsIn(finders, line))]
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
