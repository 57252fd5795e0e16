import type { ParserInput } from "../../parser.ts";
import type { ProxyRoute, RouteAction } from "../../target.ts";
import { loadConfig } from "./load-config.ts";
import { accessLogs, errorLogs } from "./logs.ts";
import type { Directive } from "./parse-config.ts";
import { readPass, startLookupNote, upstreamGroups } from "./read-pass.ts";
import type { Scope } from "./scope.ts";
import { setting } from "./scope.ts";
import { locationText } from "./select-location.ts";
import { type ChosenServer, selectServer, serverNames } from "./select-server.ts";
import { type Served, serve } from "./serve.ts";
import { processLimits, readSettings, settingNotes } from "./settings.ts";
import { createVariables } from "./variables.ts";

type RouteResult = { readonly route: ProxyRoute } | { readonly route: null; readonly why: string };

/** What the live nginx configuration of one host says about one URL. */
export function route(input: ParserInput, url: URL): RouteResult {
  const config = loadConfig(input);
  if ("why" in config) return { route: null, why: config.why };
  const { main } = config;
  const http = blockOf(main, "http");
  const chosen = selectServer(serversOf(http), url);
  const streamed = "why" in chosen || chosen.byDefault ? streamServer(main, url) : undefined;
  if (streamed)
    return {
      route: describe(input, url, {
        main,
        outer: blockOf(main, "stream"),
        chosen: streamed,
        isStream: true,
        notes: config.notes,
      }),
    };
  if ("why" in chosen) return { route: null, why: chosen.why };
  return { route: describe(input, url, { main, outer: http, chosen, isStream: false, notes: config.notes }) };
}

interface Described {
  readonly main: readonly Directive[];
  /** The `http` or `stream` block. */
  readonly outer: readonly Directive[];
  readonly chosen: ChosenServer;
  readonly isStream: boolean;
  readonly notes: readonly string[];
}

function describe(
  input: ParserInput,
  url: URL,
  { main, outer, chosen, isStream, notes }: Described,
): ProxyRoute {
  const found = new Set<string>([...notes, ...chosen.notes]);
  const onNote = (note: string) => void found.add(note);
  // nginx logs `.example.com` without its dot
  const names = serverNames(chosen.server).map((name) => name.replace(/^\./, ""));
  const [serverName = ""] = names;
  const version = versionOf(input);
  const variables = createVariables(url, outer, { serverName, onNote });
  variables.setCaptures(chosen.captures);
  const served = isStream
    ? streamPass(chosen.server, [main, outer])
    : serve(chosen.server, url, { outer: [main, outer], variables, onNote });
  if (served.steps.length > 0) onNote(`Inside nginx the request moves: ${served.steps.join(", then ")}.`);

  const pass =
    served.end.kind === "pass"
      ? readPass(served.end.directive, upstreamGroups(outer), { variables, isStream, onNote })
      : undefined;
  const settings = pass
    ? readSettings(served.scope, pass, { variables, version })
    : processLimits(served.scope);
  if (pass)
    for (const note of [...settingNotes(served.scope, pass), ...groupNotes(pass.action)]) onNote(note);
  const logOptions = { variables, prefix: buildPrefix(input), unit: unitOf(input), onNote };
  const workerUser = workerUserOf(main, input);
  return {
    playbook: input.playbook.id,
    ...(version !== undefined && { version }),
    serverName,
    serverNames: names,
    byDefault: chosen.byDefault,
    source: chosen.server.source,
    ...(served.location && { location: locationText(served.location) }),
    action: pass?.action ?? localAction(served, chosen.server),
    errorLogs: errorLogs(served.scope, logOptions),
    accessLogs: accessLogs(served.scope, logOptions),
    settings,
    ...(workerUser !== undefined && { workerUser }),
    notes: [...found],
  };
}

function localAction({ end }: Served, server: Directive): RouteAction {
  if (end.kind === "local") return end;
  return { kind: "local", what: "nothing", source: server.source };
}

function groupNotes(action: RouteAction): string[] {
  if (action.kind !== "pass" || action.group === undefined) return [];
  const { group, members } = action;
  const usable = members.filter(({ down }) => !down);
  const notes = members
    .filter(({ lookup }) => lookup === "at-start")
    .map(({ address }) => startLookupNote(address));
  if (members.length === 0)
    notes.push(`The upstream group ${group} has no server lines; its members may be set at run time.`);
  else if (usable.length === 0)
    notes.push(`All members of the upstream group ${group} are marked down in the configuration.`);
  return notes;
}

function blockOf(main: readonly Directive[], name: string): readonly Directive[] {
  return main.filter((directive) => directive.name === name).flatMap(({ block }) => block ?? []);
}

function serversOf(block: readonly Directive[]): readonly Directive[] {
  return block.filter(({ name, block: inner }) => name === "server" && inner !== undefined);
}

/** A `stream` server that takes the port's connections as they are; it has no names, only ports. */
function streamServer(main: readonly Directive[], url: URL): ChosenServer | undefined {
  const servers = serversOf(blockOf(main, "stream")).filter(({ block }) =>
    block?.some(({ name }) => name === "listen"),
  );
  const [server, ...others] = servers.filter(
    (candidate) => !("why" in selectServer([candidate, candidate], url)),
  );
  if (!server) return undefined;
  const note = `Port ${url.port || (url.protocol === "https:" ? 443 : 80)} is handed on as raw connections by a stream block.`;
  const ambiguity =
    others.length > 0 ? [`${others.length + 1} stream servers listen on that port; the first is shown.`] : [];
  return { server, byDefault: true, captures: {}, notes: [note, ...ambiguity] };
}

function streamPass(server: Directive, outer: Scope): Served {
  const block = server.block ?? [];
  const pass = block.find(({ name }) => name === "proxy_pass");
  const scope = [...outer, block];
  if (pass) return { scope, end: { kind: "pass", directive: pass }, steps: [] };
  return {
    scope,
    end: { kind: "local", what: "a stream server without proxy_pass", source: server.source },
    steps: [],
  };
}

function versionOf({ results }: ParserInput): string | undefined {
  for (const { output } of results) {
    const found = /^nginx version: [a-z]+\/([\d.]{1,20})/m.exec(output.slice(0, 4096));
    if (found) return found[1];
  }
  return undefined;
}

/** From `nginx -V`, when a probe asked for it; else where the packages put it. */
function buildPrefix({ results }: ParserInput): string {
  for (const { output } of results) {
    const found = /--prefix=(\/[^\s]{1,200})/.exec(output.slice(0, 16_384));
    if (found && output.startsWith("nginx version:")) return found[1] ?? "";
  }
  return "/usr/share/nginx";
}

function unitOf({ units }: ParserInput): string {
  return units.find(({ unit }) => /^(?:nginx|openresty|freenginx|angie)/.test(unit))?.unit ?? "nginx.service";
}

function workerUserOf(main: readonly Directive[], { processes }: ParserInput): string | undefined {
  return (
    setting([main], "user") ?? processes.find(({ args }) => args.startsWith("nginx: worker process"))?.user
  );
}
