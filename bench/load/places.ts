import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../test/ssh/real-sshd.ts";
import type { BotPlace } from "./bot-process.ts";
import type { Platforms } from "./platforms.ts";

/** Of hosts in memory; nothing is there. */
export const SIMULATED_ADDRESS = "192.0.2.1";

/**
 * A place for a bot whose sites are simulated: those `restartable` have a host of their own name and offer a restart; `others` are only looked
 * at. A config may have 64 KiB: about a thousand sites.
 */
export async function makeSimulatedPlace(
  { restartable, others }: { readonly restartable: readonly string[]; readonly others: readonly string[] },
  platforms: Platforms,
): Promise<BotPlace> {
  return await makePlace(simulatedConfig({ restartable, others }, platforms));
}

/** The same, for a place that has other sites too. */
export function simulatedConfig(
  { restartable, others }: { readonly restartable: readonly string[]; readonly others: readonly string[] },
  platforms: Platforms,
): BotPlace["config"] {
  const host = { address: SIMULATED_ADDRESS, user: "nobody" };
  const approvers = approversOn(platforms);
  const site = (name: string) => ({ url: `http://${name}.example.com/`, proxy: "edge" });
  return {
    hosts: Object.fromEntries(["edge", ...restartable].map((name) => [name, host])),
    sites: Object.fromEntries([
      ...restartable.map((name) => [
        name,
        { ...site(name), upstream: name, approvers, approval: { selfApproval: true } },
      ]),
      ...others.map((name) => [name, site(name)]),
    ]),
  };
}

export async function makePlace(config: BotPlace["config"]): Promise<BotPlace> {
  const directory = await mkdtemp(join(tmpdir(), "diagnose502-load-"));
  return { directory, port: await freePort(), config };
}

/** The people of the doubles. */
export function approversOn({ discord }: Platforms) {
  return { slack: ["U0ANA"], discord: [...discord.world.members.keys()] };
}
