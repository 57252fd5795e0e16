import type { SourceRef } from "../../target.ts";
import type { Directive } from "./parse-config.ts";
import { type RewriteEnd, runRewrites } from "./rewrite-phase.ts";
import { inherited, type Scope } from "./scope.ts";
import {
  type ChosenLocation,
  locationText,
  namedLocation,
  passOf,
  selectLocation,
} from "./select-location.ts";
import { decodedPath, type Variables } from "./variables.ts";

/** Where a request comes to rest inside one server block. */
export interface Served {
  /** Blocks in force there, main first. */
  readonly scope: Scope;
  readonly location?: Directive;
  readonly end:
    | { readonly kind: "pass"; readonly directive: Directive }
    | { readonly kind: "local"; readonly what: string; readonly status?: number; readonly source: SourceRef };
  /** The way it took, one entry per internal redirect. */
  readonly steps: readonly string[];
}

interface ServeOptions {
  /** Blocks around the server block: main, http. */
  readonly outer: Scope;
  readonly variables: Variables;
  readonly onNote: (note: string) => void;
}

/** nginx gives up after as many internal redirects. */
const MAX_REDIRECTS = 10;

type Next =
  | { readonly to: "server" | "location"; readonly uri: string; readonly args: string }
  | { readonly to: "named"; readonly name: string };

/**
 * Follows a GET through a server block as nginx does: rewrites, location, try_files, index, error_page. Files are
 * taken not to exist unless the location that serves them has a pass, since only such requests can end in a 502.
 */
export function serve(server: Directive, url: URL, { outer, variables, onNote }: ServeOptions): Served {
  const block = server.block ?? [];
  const steps: string[] = [];
  const followed = new Set<string>();
  let state = { uri: decodedPath(url), args: url.search.slice(1) };
  let next: Next = { to: "server", ...state };

  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    if (next.to !== "named") {
      state = { uri: next.uri, args: next.args };
      variables.moveTo(state.uri, state.args);
    }
    if (next.to === "server") {
      const ended = runRewrites(block, state, { variables, onNote });
      const answer = answered([...outer, block], ended);
      if (answer !== undefined && "scope" in answer) return { ...answer, steps };
      if (answer !== undefined) {
        next = answer;
        continue;
      }
      if (ended.kind === "moved") state = { uri: ended.uri, args: ended.args };
      if (ended.kind === "go-on" && ended.inside && passOf(ended.inside))
        onNote("An if block of the server has a pass of its own.");
    }
    const chosen = next.to === "named" ? named(block, next.name) : selectLocation(block, state.uri, onNote);
    variables.setCaptures(chosen.captures);
    const arrived = arrive(chosen, { isFirst: redirects === 0 });
    if ("scope" in arrived) return { ...arrived, steps };
    steps.push(`${shownLocation(chosen)} → ${arrived.to === "named" ? arrived.name : arrived.uri}`);
    next = arrived;
  }
  const what = `nginx gives up after ${MAX_REDIRECTS} internal redirects and answers 500`;
  return {
    scope: [...outer, block],
    end: { kind: "local", what, status: 500, source: server.source },
    steps,
  };

  function arrive(
    chosen: ChosenLocation,
    { isFirst }: { readonly isFirst: boolean },
  ): Omit<Served, "steps"> | Next {
    const location = chosen.path.at(-1);
    const own = location?.block ?? block;
    const scope: Scope = [...outer, block, ...chosen.path.map((part) => part.block ?? [])];
    const source = location?.source ?? server.source;
    const local = (what: string, status?: number) => ({
      scope,
      ...(location && { location }),
      end: { kind: "local" as const, what, ...(status !== undefined && { status }), source },
    });
    if (chosen.needsSlash) return local(`redirects to ${state.uri}/`, 301);
    if (isFirst && own !== block && own.some(({ name }) => name === "internal"))
      return local("the location is internal", 404);

    const ended =
      location === undefined ? ({ kind: "go-on" } as const) : runRewrites(own, state, { variables, onNote });
    const answer = answered(scope, ended, location);
    if (answer !== undefined) return answer;
    if (ended.kind === "moved") return { to: "location", uri: ended.uri, args: ended.args };
    const inside = ended.kind === "go-on" ? ended.inside : undefined;
    const pass = (inside && passOf(inside)) ?? (location && passOf(own));
    if (pass)
      return {
        scope: inside ? [...scope, inside] : scope,
        ...(location && { location }),
        end: { kind: "pass", directive: pass },
      };
    return tryFiles(scope) ?? tryIndex(scope) ?? onMissing(scope) ?? local(filesFrom(scope));
  }

  /** A `return` that an error_page turns into an internal redirect goes on; any other answer ends the walk. */
  function answered(
    scope: Scope,
    ended: RewriteEnd,
    location?: Directive,
  ): Omit<Served, "steps"> | Next | undefined {
    if (ended.kind !== "answer") return undefined;
    const onward = errorPage(scope, ended.status);
    if (onward) return onward;
    const { what, status, source } = ended;
    return { scope, ...(location && { location }), end: { kind: "local", what, status, source } };
  }

  function tryFiles(scope: Scope): Next | undefined {
    // unlike most directives, try_files is not inherited
    const words = scope.at(-1)?.findLast(({ name }) => name === "try_files")?.args ?? [];
    const fallback = words.at(-1);
    if (fallback === undefined) return undefined;
    if (words.slice(0, -1).includes("$uri/") && state.uri.endsWith("/")) {
      const index = tryIndex(scope);
      if (index) return index;
    }
    if (fallback.startsWith("=")) return undefined;
    return redirect(fallback);
  }

  /** The index file of a directory, when a location with a pass would serve it. */
  function tryIndex(scope: Scope): Next | undefined {
    if (!state.uri.endsWith("/")) return undefined;
    for (const file of inherited(scope, "index").flatMap(({ args }) => args)) {
      const uri = file.startsWith("/") ? file : state.uri + file;
      const target = selectLocation(block, uri, () => {}).path.at(-1);
      if (!target?.block || !passOf(target.block)) continue;
      onNote(`Assumes that ${uri} exists below the document root and answers for the directory.`);
      return { to: "server", uri, args: state.args };
    }
    return undefined;
  }

  /** `error_page 404 = @app` hands whatever is not a file to the application. */
  function onMissing(scope: Scope): Next | undefined {
    return errorPage(scope, 404) ?? (state.uri.endsWith("/") ? errorPage(scope, 403) : undefined);
  }

  function errorPage(scope: Scope, status: number): Next | undefined {
    const page = inherited(scope, "error_page").find(({ args }) =>
      args.slice(0, -1).includes(String(status)),
    );
    const target = page?.args.at(-1);
    if (!page || !target || /^https?:/.test(target)) return undefined;
    // a plain error page is decoration; `=` or a name says that its answer becomes the response
    const isHandler = target.startsWith("@") || page.args.some((word) => word.startsWith("="));
    return isHandler ? redirect(target) : undefined;
  }

  /** Undefined the second time: a fallback that leads back to itself is a file that does exist. */
  function redirect(target: string): Next | undefined {
    if (followed.has(target)) return undefined;
    followed.add(target);
    if (target.startsWith("@")) return { to: "named", name: target };
    const [path = "", query] = variables.expand(target).text.split("?", 2);
    return { to: "server", uri: path, args: query ?? state.args };
  }
}

function named(block: readonly Directive[], name: string): ChosenLocation {
  const location = namedLocation(block, name);
  return { path: location ? [location] : [], captures: {} };
}

function shownLocation({ path }: ChosenLocation): string {
  const location = path.at(-1);
  return location ? locationText(location) : "server block";
}

function filesFrom(scope: Scope): string {
  const [root] = inherited(scope, "alias").length > 0 ? inherited(scope, "alias") : inherited(scope, "root");
  return `files below ${root?.args[0] ?? "the default document root"}`;
}
