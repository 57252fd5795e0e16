import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Hosts } from "../../src/open-hosts.ts";
import { SimulatedSite } from "../../test/fakes/simulated-site.ts";

/** The bench breaks a site, or mends it. */
const SiteTurn = z.object({ kind: z.literal("turn"), site: z.string(), isUp: z.boolean() });

/** Hosts in memory: a look takes `lookMs` and no processor time, and each look and restart is told to the bench. */
export function createSimulatedHosts({ lookMs }: { readonly lookMs: number }): Hosts {
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

  process.on("message", (message) => {
    const { success, data } = SiteTurn.safeParse(message);
    if (success) siteOf(data.site).isUp = data.isUp;
  });

  return {
    async diagnose(request, options) {
      tell("look", request.site);
      await sleep(lookMs);
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
}

function tell(kind: "look" | "restart", site: string): void {
  process.send?.({ kind, site, at: performance.timeOrigin + performance.now() });
}
