import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { makeOutput } from "../../src/cli/output.ts";
import { parseStartOptions } from "../../src/cli/start-options.ts";
import { readTerminal } from "../../src/config/terminal.ts";
import type { Hosts } from "../../src/open-hosts.ts";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import { startBot } from "../../src/start-bot.ts";
import { SimulatedSite } from "../../test/fakes/simulated-site.ts";

/**
 * The bot as people start it, its platforms and its store included, with hosts in memory: a look takes `LOOK_MS` and no processor time, and
 * each look and restart is told to the bench.
 */
const LOOK_MS = Number(process.env.LOOK_MS);

const sites = new Map<string, SimulatedSite>();

function siteOf(name: string): SimulatedSite {
  let site = sites.get(name);
  if (site === undefined) {
    site = new SimulatedSite();
    // a service starts under an invocation of its own
    site.invocation = randomBytes(16).toString("hex");
    sites.set(name, site);
  }
  return site;
}

function tell(kind: "look" | "restart", site: string): void {
  process.send?.({ kind, site, at: performance.timeOrigin + performance.now() });
}

const hosts: Hosts = {
  async diagnose(request, options) {
    tell("look", request.site);
    await sleep(LOOK_MS);
    const outcome = await siteOf(request.site).diagnose(request, options);
    const [host] = request.upstreams;
    if (host === undefined) return { ...outcome, diagnosis: { ...outcome.diagnosis, remediation: null } };
    return JSON.parse(JSON.stringify(outcome).replaceAll("origin-1", host.name));
  },
  http: {
    sample: (url, options) => siteOf(new URL(url).hostname.split(".")[0] ?? "").http.sample(url, options),
  },
  control: {
    read: (host, ...rest) => siteOf(host.name).control.read(host, ...rest),
    restart(host, intent, options) {
      tell("restart", intent.site);
      return siteOf(host.name).control.restart(host, intent, options);
    },
    ask: (host, ...rest) => siteOf(host.name).control.ask(host, ...rest),
    forget: async () => undefined,
  },
  verify: (proof, options) => siteOf(proof.intent.site).verify(proof, options),
  redact: (text) => text,
  ownSecrets: { add: () => undefined, find: () => [] },
  close: async () => undefined,
};

const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
process.exitCode = await startBot(parseStartOptions(process.argv.slice(2)), {
  openHosts: () => hosts,
  playbooks: await loadPlaybooks([]),
  version: "simulated",
  stdout: makeOutput(process.stdout, readTerminal(process.stdout)),
  stderr: makeOutput(process.stderr, readTerminal(process.stderr)),
  signal: stop.signal,
});
