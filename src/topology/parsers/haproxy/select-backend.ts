import type { SourceRef } from "../../target.ts";
import { createConditions } from "./conditions.ts";
import { type Line, linesOf, type Section } from "./parse-config.ts";
import type { Samples } from "./samples.ts";

export type Choice =
  | { readonly kind: "backend"; readonly backend: Section; readonly rule?: Line }
  | { readonly kind: "local"; readonly what: string; readonly status?: number; readonly rule: Line }
  | {
      readonly kind: "unresolved";
      readonly expression: string;
      readonly why: string;
      readonly source: SourceRef;
    };

interface ChoiceOptions {
  readonly sections: readonly Section[];
  readonly samples: Samples;
  readonly onNote: (note: string) => void;
}

/** What a frontend does with the request: its own answer, the first `use_backend` that holds, or its default. */
export function selectBackend(frontend: Section, { sections, samples, onNote }: ChoiceOptions): Choice {
  const evaluate = createConditions(frontend, samples);
  const holds = (line: Line) => {
    const verdict = evaluate(line.words);
    if (verdict === undefined) {
      onNote(
        `"${line.words.join(" ").slice(0, 200)}" (line ${line.source.line}) depends on what only the running HAProxy knows; it was taken not to hold.`,
      );
    }
    return verdict === true;
  };
  const answer = ownAnswer(frontend, holds);
  if (answer) return answer;
  for (const rule of frontend.lines.filter(({ words }) => words[0] === "use_backend")) {
    if (holds(rule)) return toBackend(rule, { sections, samples, onNote });
  }
  const fallback = linesOf(frontend, "default_backend").at(-1);
  if (fallback) return toBackend(fallback, { sections, samples, onNote });
  if (frontend.kind === "listen") return { kind: "backend", backend: frontend };
  const line = { words: ["default_backend"], source: frontend.source };
  return {
    kind: "local",
    what: `503: no rule of frontend ${frontend.name} chooses a backend`,
    status: 503,
    rule: line,
  };
}

/** Rules by which HAProxy answers itself; they stand before any choice of a backend. */
export function ownAnswer(
  section: Section,
  holds: (line: Line) => boolean,
): Extract<Choice, { kind: "local" }> | undefined {
  const rules = section.lines.filter(
    ({ words: [first, second = ""] }) => first === "http-request" && FINAL.has(second),
  );
  const redirects = section.lines.filter(({ words }) => words[0] === "redirect");
  for (const rule of [...rules, ...redirects]) {
    if (!holds(rule)) continue;
    const action = rule.words[0] === "redirect" ? rule.words : rule.words.slice(1);
    if (action[0] === "allow") return undefined;
    return { kind: "local", what: action.join(" ").slice(0, 200), status: statusOf(action), rule };
  }
  return undefined;
}

const FINAL: ReadonlySet<string> = new Set([
  "deny",
  "redirect",
  "return",
  "reject",
  "silent-drop",
  "tarpit",
  "auth",
  "allow",
]);

const DEFAULT_STATUS: Readonly<Record<string, number>> = {
  redirect: 302,
  return: 200,
  tarpit: 500,
  auth: 401,
};

function statusOf(action: readonly string[]): number {
  const [name = ""] = action;
  const at = action.findIndex((word) => word === "status" || word === "deny_status" || word === "code");
  const given = at < 0 ? Number.NaN : Number(action[at + 1]);
  return Number.isInteger(given) ? given : (DEFAULT_STATUS[name] ?? 403);
}

function toBackend(rule: Line, { sections, samples, onNote }: ChoiceOptions): Choice {
  const written = rule.words[1] ?? "";
  const name = expand(written, samples);
  if (name === undefined) {
    const why = "Its value is only known to the running HAProxy, or its map file was not read.";
    return { kind: "unresolved", expression: written, why, source: rule.source };
  }
  const backend = sections.find(
    (section) => section.name === name && (section.kind === "backend" || section.kind === "listen"),
  );
  if (backend) return { kind: "backend", backend, rule };
  if (written !== name)
    onNote(`${written} gives "${name}", for which there is no backend; HAProxy then goes on to its default.`);
  return {
    kind: "unresolved",
    expression: written,
    why: `There is no backend named "${name}".`,
    source: rule.source,
  };
}

/** A name with `%[sample]` holes. */
function expand(text: string, samples: Samples): string | undefined {
  const parts: string[] = [];
  let at = 0;
  for (let open = text.indexOf("%["); open >= 0; open = text.indexOf("%[", at)) {
    const close = text.indexOf("]", open);
    const value = close < 0 ? undefined : samples.value(text.slice(open + 2, close));
    if (value === undefined) return undefined;
    parts.push(text.slice(at, open), value);
    at = close + 1;
  }
  return [...parts, text.slice(at)].join("");
}
