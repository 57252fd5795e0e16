import { makeOutput } from "../../src/cli/output.ts";
import { parseStartOptions } from "../../src/cli/start-options.ts";
import { readTerminal } from "../../src/config/terminal.ts";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import { type Hosts, type OpenHosts, openHosts } from "../../src/open-hosts.ts";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import { keepHeapSmall } from "../../src/small-heap.ts";
import { startBot } from "../../src/start-bot.ts";
import { SIMULATED_ADDRESS } from "./places.ts";
import { createSimulatedHosts } from "./simulated-hosts.ts";

/**
 * The bot as people start it, its platforms and its store included, with hosts in memory: sites at `*.example.com`, whose look takes
 * `LOOK_MS`. Other sites are looked at over SSH and HTTP as ever; nothing of theirs is restarted.
 */
const openBoth: OpenHosts = (options) => {
  const real = openHosts(options);
  const simulated = createSimulatedHosts({ lookMs: Number(process.env.LOOK_MS) });
  const of = (url: string): Hosts => (new URL(url).hostname.endsWith(".example.com") ? simulated : real);
  const at = ({ how }: HostAccess): Hosts =>
    how.kind === "ssh" && how.address === SIMULATED_ADDRESS ? simulated : real;
  return {
    ...real,
    diagnose: (request, ...rest) => of(request.url).diagnose(request, ...rest),
    http: { sample: (url, ...rest) => of(url).http.sample(url, ...rest) },
    control: {
      read: (host, ...rest) => at(host).control.read(host, ...rest),
      restart: (host, ...rest) => at(host).control.restart(host, ...rest),
      ask: (host, ...rest) => at(host).control.ask(host, ...rest),
      forget: (host, ...rest) => at(host).control.forget(host, ...rest),
    },
    verify: simulated.verify,
  };
};

keepHeapSmall();
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
process.exitCode = await startBot(parseStartOptions(process.argv.slice(2)), {
  openHosts: openBoth,
  playbooks: await loadPlaybooks([{ path: `${import.meta.dirname}/../../playbooks`, origin: "shipped" }]),
  version: "simulated",
  stdout: makeOutput(process.stdout, readTerminal(process.stdout)),
  stderr: makeOutput(process.stderr, readTerminal(process.stderr)),
  signal: stop.signal,
});
