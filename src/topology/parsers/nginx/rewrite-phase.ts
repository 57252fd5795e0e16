import type { SourceRef } from "../../target.ts";
import { compilePattern } from "../common/pcre.ts";
import type { Directive } from "./parse-config.ts";
import { numbered } from "./select-location.ts";
import { definedOnly } from "./select-server.ts";
import type { Variables } from "./variables.ts";

/** How the `if`, `set`, `rewrite` and `return` directives of one block end. */
export type RewriteEnd =
  /** Goes on to the block's handler; `inside` is the last `if` block that held, which may have its own pass. */
  | { readonly kind: "go-on"; readonly inside?: readonly Directive[] }
  | { readonly kind: "moved"; readonly uri: string; readonly args: string; readonly source: SourceRef }
  | { readonly kind: "answer"; readonly status: number; readonly what: string; readonly source: SourceRef };

export interface RequestState {
  readonly uri: string;
  readonly args: string;
}

interface Phase {
  readonly variables: Variables;
  readonly onNote: (note: string) => void;
  uri: string;
  args: string;
  inside?: readonly Directive[];
}

type Step = RewriteEnd | { readonly kind: "next" } | { readonly kind: "break" };

/** Runs a block's rewrite directives in order. Source: nginx src/http/modules/ngx_http_rewrite_module.c. */
export function runRewrites(
  block: readonly Directive[],
  state: RequestState,
  { variables, onNote }: Pick<Phase, "variables" | "onNote">,
): RewriteEnd {
  const phase: Phase = { variables, onNote, uri: state.uri, args: state.args };
  let moved: SourceRef | undefined;
  for (const directive of block) {
    const before = phase.uri;
    const step = runOne(directive, phase);
    if (phase.uri !== before) moved = directive.source;
    if (step.kind === "break") return { kind: "go-on", ...(phase.inside && { inside: phase.inside }) };
    if (step.kind !== "next") return step;
  }
  if (moved) return { kind: "moved", uri: phase.uri, args: phase.args, source: moved };
  return { kind: "go-on", ...(phase.inside && { inside: phase.inside }) };
}

function runOne(directive: Directive, phase: Phase): Step {
  switch (directive.name) {
    case "set":
      return runSet(directive, phase);
    case "return":
      return runReturn(directive, phase);
    case "rewrite":
      return runRewrite(directive, phase);
    case "break":
      return { kind: "break" };
    case "if":
      return runIf(directive, phase);
    default:
      return { kind: "next" };
  }
}

function runSet({ args: [name = "", value = ""] }: Directive, { variables }: Phase): Step {
  variables.set(name.replace("$", ""), variables.expand(value));
  return { kind: "next" };
}

function runReturn({ args, source }: Directive, { variables }: Phase): Step {
  const [first = "", second] = args;
  const code = Number(first);
  const target = Number.isInteger(code) ? second : first;
  const shown = target === undefined ? "" : ` ${variables.expand(target).text}`;
  const status = Number.isInteger(code) ? code : 302;
  return { kind: "answer", status, what: `return ${status}${shown.slice(0, 200)}`, source };
}

function runRewrite(
  { args: [source = "", replacement = "", flag], source: ref }: Directive,
  phase: Phase,
): Step {
  const pattern = compilePattern(source);
  if (pattern === undefined) {
    phase.onNote(
      `rewrite ${source} (${ref.file}:${ref.line}) cannot be evaluated here; it was taken not to match.`,
    );
  }
  const match = pattern?.(phase.uri);
  if (!match) return { kind: "next" };
  phase.variables.setCaptures({ ...numbered(match.groups), ...definedOnly(match.named) });
  const target = phase.variables.expand(replacement).text;
  const isRedirect =
    /^(?:https?:\/\/|\$scheme)/.test(replacement) || flag === "redirect" || flag === "permanent";
  if (isRedirect) {
    const status = flag === "permanent" ? 301 : 302;
    return { kind: "answer", status, what: `redirects to ${target.slice(0, 200)}`, source: ref };
  }
  const [path = "", query] = target.split("?", 2);
  const args =
    query === undefined
      ? phase.args
      : target.endsWith("?")
        ? query
        : [query, phase.args].filter(Boolean).join("&");
  phase.uri = path;
  phase.args = args;
  phase.variables.moveTo(path, args);
  if (flag === "last") return { kind: "moved", uri: path, args, source: ref };
  return flag === "break" ? { kind: "break" } : { kind: "next" };
}

function runIf(directive: Directive, phase: Phase): Step {
  const holds = evaluate(directive.args, phase);
  if (holds === undefined) {
    const { file, line } = directive.source;
    phase.onNote(
      `if ${directive.args.join(" ")} (${file}:${line}) cannot be decided from the outside; it was taken as false.`,
    );
  }
  if (!holds) return { kind: "next" };
  phase.inside = directive.block ?? [];
  for (const inner of phase.inside) {
    const step = inner.name === "if" ? ({ kind: "next" } as const) : runOne(inner, phase);
    if (step.kind !== "next") return step;
  }
  return { kind: "next" };
}

/**
 * Undefined when it cannot be known. Files are taken not to exist: the requests that reach an upstream are
 * the ones no file answers.
 */
function evaluate(args: readonly string[], { variables }: Phase): boolean | undefined {
  const words = args
    .join(" ")
    .replace(/^\(\s*/, "")
    .replace(/\)$/, "")
    .trimEnd()
    .split(" ");
  const [left = "", operator, ...rest] = words.filter((word) => word !== "");
  if (/^!?-[fdex]$/.test(left)) return left.startsWith("!");
  const value = variables.expand(left);
  if (!value.known) return undefined;
  if (operator === undefined) return value.text !== "" && value.text !== "0";
  const right = rest.join(" ");
  if (operator === "=" || operator === "==") return value.text === variables.expand(right).text;
  if (operator === "!=") return value.text !== variables.expand(right).text;
  const matches = compilePattern(right, { ignoreCase: operator.endsWith("*") })?.(value.text);
  if (matches === undefined) return undefined;
  if (matches) variables.setCaptures({ ...numbered(matches.groups), ...definedOnly(matches.named) });
  return operator.startsWith("!") ? matches === null : matches !== null;
}
