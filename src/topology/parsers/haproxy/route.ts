import type { ParserInput } from "../../parser.ts";
import { present } from "../../present.ts";
import type { ProxyRoute, RouteAction } from "../../target.ts";
import { splitFiles } from "../common/config-file.ts";
import { whyUnreadable } from "../common/why-unreadable.ts";
import { createConditions } from "./conditions.ts";
import { logTargets } from "./logs.ts";
import { parseConfig, type Section, settingOf } from "./parse-config.ts";
import { createSamples, type Samples } from "./samples.ts";
import { type Choice, ownAnswer, selectBackend } from "./select-backend.ts";
import { selectFrontend } from "./select-frontend.ts";
import { readServerStats } from "./server-stats.ts";
import { type BackendServers, readServers } from "./servers.ts";

type RouteResult = { readonly route: ProxyRoute } | { readonly route: null; readonly why: string };

/** What HAProxy's configuration files and runtime state on one host say about one URL. */
export function route(input: ParserInput, url: URL): RouteResult {
  const listing = input.results.find(({ probe }) => probe === "haproxy.config-files");
  const files = listing === undefined ? [] : splitFiles(listing.output);
  const sections = parseConfig(files.filter(({ path }) => path.endsWith(".cfg")));
  if (sections.length === 0) return { route: null, why: whyUnreadable("HAProxy", listing) };
  const chosen = selectFrontend(sections, url);
  if ("why" in chosen) return { route: null, why: chosen.why };

  const notes = new Set<string>([
    ...complaints(input),
    ...(listing?.truncated ? [TRUNCATED] : []),
    ...chosen.notes,
  ]);
  const onNote = (note: string) => void notes.add(note);
  const { frontend } = chosen;
  const global = sections.find(({ kind }) => kind === "global");
  const samples = createSamples(url, files);
  const choice = answerOf(selectBackend(frontend, { sections, samples, onNote }), samples);
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const servers =
    choice.kind === "backend"
      ? readServers(choice.backend, { global, samples, stats: readServerStats(input), port })
      : undefined;
  for (const note of servers?.notes ?? []) onNote(note);
  if (usesTextLogs(frontend))
    onNote(`Frontend ${frontend.name} has no option httplog: its log lines lack status and request.`);
  const logs = logTargets(frontend, global, unitOf(input));
  const rule = choice.kind === "unresolved" ? undefined : choice.rule;
  return {
    route: present({
      playbook: input.playbook.id,
      version: versionOf(input),
      serverName: frontend.name,
      serverNames: [frontend.name],
      byDefault: rule?.words[0] === "default_backend",
      source: frontend.source,
      location: rule?.words.join(" ").slice(0, 300),
      action: actionOf(choice, servers),
      errorLogs: logs,
      accessLogs: logs,
      settings: servers?.settings ?? {},
      workerUser: global && settingOf(global, "user"),
      notes: [...notes],
    }),
  };
}

const TRUNCATED = "The configuration was longer than what is read; some sections may be missing.";

/** A backend may answer by itself, too. */
function answerOf(choice: Choice, samples: Samples): Choice {
  if (choice.kind !== "backend" || choice.backend.kind === "listen") return choice;
  const evaluate = createConditions(choice.backend, samples);
  return ownAnswer(choice.backend, ({ words }) => evaluate(words) === true) ?? choice;
}

function actionOf(choice: Choice, servers: BackendServers | undefined): RouteAction {
  switch (choice.kind) {
    case "backend":
      return {
        kind: "pass",
        protocol: servers?.protocol ?? "http",
        group: choice.backend.name,
        members: servers?.members ?? [],
        source: choice.backend.source,
      };
    case "local":
      return present({
        kind: choice.kind,
        what: choice.what,
        status: choice.status,
        source: choice.rule.source,
      });
    case "unresolved":
      return choice;
  }
}

/** `option httplog`, or a format of its own, tells status and request; the default does not. */
function usesTextLogs(frontend: Section): boolean {
  const has = (...words: readonly string[]) => settingOf(frontend, ...words) !== undefined;
  const isHttp = settingOf(frontend, "mode") === "http";
  const options = [frontend, frontend.defaults]
    .flatMap((section) => section?.lines ?? [])
    .filter(({ words }) => words[0] === "option");
  return (
    isHttp &&
    !has("log-format") &&
    !options.some(({ words }) => words[1] === "httplog" || words[1] === "httpslog")
  );
}

/** Errors of `haproxy -c`, when a look ran it. */
function complaints({ results }: ParserInput): string[] {
  const checks = results.filter(
    ({ probe }) => probe.startsWith("haproxy.") && probe !== "haproxy.config-files",
  );
  const lines = checks.flatMap(({ output }) => output.slice(0, 16_384).split("\n"));
  return lines
    .filter((line) => line.startsWith("[ALERT]"))
    .slice(0, 10)
    .map((line) => `HAProxy refuses this configuration: ${line.slice(0, 500)}`);
}

function versionOf({ results }: ParserInput): string | undefined {
  const output = results.find(({ probe }) => probe === "haproxy.version")?.output ?? "";
  return /^HA-?Proxy version ([\d.]{1,20})/m.exec(output.slice(0, 4096))?.[1];
}

function unitOf({ units }: ParserInput): string {
  return units.find(({ unit }) => unit.startsWith("haproxy"))?.unit ?? "haproxy.service";
}
