import type { Playbook } from "../../../src/playbook/playbook.ts";
import type { ProbeResult } from "../../../src/playbook/probe-result.ts";
import type { LogClock, ParserInput, ProductParser } from "../../../src/topology/parser.ts";
import type { ProxyRoute, RouteAction } from "../../../src/topology/target.ts";

/** A host in UTC shortly after the recorded logs. */
export const UTC: LogClock = { utcOffsetMinutes: 0, nowMs: Date.parse("2026-11-22T00:00:00Z") };

/** Probe outputs of one host, by probe id, as the parser of `playbook` gets them. */
export function inputOf(
  playbook: string,
  outputs: Readonly<Record<string, string>>,
  more: Partial<Pick<ParserInput, "processes" | "units">> & { readonly truncated?: boolean } = {},
): ParserInput {
  return {
    playbook: playbookOf(playbook),
    host: "edge-1",
    results: Object.entries(outputs).map(([probe, output]) =>
      resultOf(probe, output, more.truncated ?? false),
    ),
    processes: more.processes ?? [],
    units: more.units ?? [],
  };
}

/** One or more files in the form the `files` look prints them. */
export function asFiles(files: Readonly<Record<string, string>>): string {
  return Object.entries(files)
    .map(([path, text]) => `# file ${path}\n${text}\n`)
    .join("");
}

/** The route of a URL; fails the test when the parser found none. */
export function routeOf(parser: ProductParser, input: ParserInput, url: string): ProxyRoute {
  const result = parser.route?.(input, new URL(url));
  if (!result?.route)
    throw new Error(`no route for ${url}: ${result && "why" in result ? result.why : "no parser"}`);
  return result.route;
}

/** A pass action's members as `protocol member member`, a local answer as `status what`: easy to compare. */
export function inShort(action: RouteAction): string {
  switch (action.kind) {
    case "pass":
      return [action.protocol, ...action.members.map(shortMember)].join(" ");
    case "local":
      return `${action.status ?? "-"} ${action.what}`;
    case "unresolved":
      return `? ${action.expression}`;
  }
}

function shortMember({
  address,
  backup,
  down,
}: Extract<RouteAction, { kind: "pass" }>["members"][number]): string {
  const where = address.kind === "unix" ? `unix:${address.path}` : `${address.host}:${address.port}`;
  return `${where}${backup ? "(backup)" : ""}${down ? "(down)" : ""}`;
}

function resultOf(probe: string, output: string, truncated: boolean): ProbeResult {
  return {
    probe,
    id: probe,
    host: "edge-1",
    round: 1,
    params: {},
    outcome: { kind: "exited", exitCode: 0 },
    output,
    truncated,
  };
}

function playbookOf(id: string): Playbook {
  return {
    id,
    title: id,
    role: "proxy",
    detect: { comms: [], args: [], units: [], ports: [] },
    probes: {},
    signatures: [],
    pages: [],
    remediations: {},
    defaults: {},
  };
}
