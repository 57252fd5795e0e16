import type { Probe } from "../playbook/playbook.ts";
import type { Look, LookAction } from "./plan.ts";

/** A look without its id, which depends on the rest of the plan. */
export type UnnamedLook = Omit<Look, "id">;

/** Fills a probe's `{name}` places with checked values; each stays within its word. */
export function makeLook(
  name: string,
  probe: Probe,
  options: { readonly params: Readonly<Record<string, string>>; readonly windowSeconds: number },
): UnnamedLook {
  return {
    probe: name,
    params: options.params,
    action: fillAction(probe.action, options),
    ...(probe.whileRunning === undefined ? {} : { whileRunning: probe.whileRunning }),
    as: probe.as,
    timeoutMs: probe.timeoutMs,
    maxBytes: probe.maxBytes,
  };
}

function fillAction(
  action: Probe["action"],
  { params, windowSeconds }: { readonly params: Look["params"]; readonly windowSeconds: number },
): LookAction {
  const fill = (word: string) => fillWord(word, params);
  switch (action.kind) {
    case "run":
      return {
        kind: "run",
        argv: action.argv.map(fill),
        ...(action.stdin === undefined ? {} : { stdin: fill(action.stdin) }),
      };
    case "files":
      return { ...action, globs: action.globs.map(fill) };
    case "log":
      return { ...action, path: fill(action.path), windowSeconds };
  }
}

/** Left to right, once: a value that looks like a place is not filled again. `%{name}` is the program's own. */
function fillWord(word: string, params: Look["params"]): string {
  return word.replaceAll(/(?<!%)\{([a-z]{1,30})\}/g, (place, name: string) =>
    Object.hasOwn(params, name) ? (params[name] ?? place) : place,
  );
}
