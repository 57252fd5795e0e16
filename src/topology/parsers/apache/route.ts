import type { ParserInput } from "../../parser.ts";
import { present } from "../../present.ts";
import type { ProxyRoute } from "../../target.ts";
import { loadConfig } from "./load-config.ts";
import { accessLogs, errorLogs } from "./logs.ts";
import { readWorker } from "./read-worker.ts";
import { type Scope, setting } from "./scope.ts";
import { selectPass } from "./select-pass.ts";
import { namesOf, selectVhost } from "./select-vhost.ts";
import { readSettings, settingNotes, workerLimit } from "./settings.ts";

type RouteResult = { readonly route: ProxyRoute } | { readonly route: null; readonly why: string };

/** What Apache's configuration files on one host say about one URL. */
export function route(input: ParserInput, url: URL): RouteResult {
  const config = loadConfig(input);
  if ("why" in config) return { route: null, why: config.why };
  const { main, serverRoot } = config;
  const chosen = selectVhost(main, url);
  if ("why" in chosen) return { route: null, why: chosen.why };

  const notes = new Set<string>([...config.notes, ...chosen.notes]);
  const onNote = (note: string) => void notes.add(note);
  const { vhost, byDefault } = chosen;
  const scope: Scope = vhost ? [main, vhost.block ?? []] : [main];
  const names = namesOf(vhost?.block ?? main);
  const [serverName = setting([main], "servername") ?? ""] = names;
  const source = vhost?.source ?? main[0]?.source ?? { file: serverRoot, line: 1 };
  const pass = selectPass(scope, { url, serverName, source, onNote });
  const worker = pass.kind === "proxy" ? readWorker(pass.worker, { scope, ...pass }) : undefined;
  if (worker) for (const note of settingNotes(scope, worker)) onNote(note);
  const logOptions = { serverRoot, unit: unitOf(input), onNote };
  return {
    route: present({
      playbook: input.playbook.id,
      version: versionOf(input),
      serverName,
      serverNames: names,
      byDefault,
      source,
      location: pass.kind === "proxy" ? pass.text : undefined,
      action:
        pass.kind === "local"
          ? pass
          : (worker?.action ?? { kind: "local" as const, what: "nothing", source }),
      errorLogs: errorLogs(scope, logOptions),
      accessLogs: accessLogs(scope, logOptions),
      settings: worker ? readSettings(scope, worker, url) : workerLimit(scope),
      workerUser: setting([main], "user"),
      notes: [...notes],
    }),
  };
}

function versionOf({ results }: ParserInput): string | undefined {
  for (const { output } of results) {
    const found = /^Server version: Apache\/([\d.]{1,20})/m.exec(output.slice(0, 4096));
    if (found) return found[1];
  }
  return undefined;
}

function unitOf({ units }: ParserInput): string {
  return units.find(({ unit }) => /^(?:apache2|httpd)/.test(unit))?.unit ?? "apache2.service";
}
