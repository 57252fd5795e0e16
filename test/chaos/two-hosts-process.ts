import { randomBytes } from "node:crypto";
import { createCollect } from "../../src/collect/collect.ts";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { createShell } from "../../src/ssh/create-shell.ts";
import { NO_SECRETS } from "../fakes/no-secrets.ts";

/** What it is told, as JSON: hosts to look at, and the looks for each. */
export interface TwoHostsOrders {
  readonly hosts: readonly HostAccess[];
  readonly plans: readonly Plan[];
}

/** What it prints, as JSON. */
export interface TwoHostsReport {
  /** Host → what became of each of its looks, in order. */
  readonly outcomes: { readonly [host: string]: readonly string[] };
  /** Largest resident set of this process, bytes. */
  readonly peakRss: number;
}

/** One visit to some hosts, in a process of its own because its memory is measured. */
const { hosts, plans }: TwoHostsOrders = JSON.parse(process.argv[2] ?? "");
const shell = createShell(NO_SECRETS);
const collect = createCollect({ shell, now: Date.now, random: randomBytes });
const watched = { onProgress: () => undefined };
await collect.open(hosts, watched);
const { results } = await collect.round(plans, watched);
collect.close();
await shell.close();
const outcomes = Object.fromEntries(
  hosts.map(({ name }) => [
    name,
    results.filter(({ host }) => host === name).map(({ outcome }) => outcome.kind),
  ]),
);
const report: TwoHostsReport = { outcomes, peakRss: process.resourceUsage().maxRSS * 1024 };
process.stdout.write(JSON.stringify(report));
