import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../test/ssh/real-sshd.ts";
import type { BotPlace } from "./bot-process.ts";
import type { Platforms } from "./platforms.ts";

/**
 * A place for a bot whose sites are simulated: those `restartable` have a host of their own name and offer a restart; `others` are only looked
 * at. A config may have 64 KiB: about a thousand sites.
 */
export async function makeSimulatedPlace(
  { restartable, others }: { readonly restartable: readonly string[]; readonly others: readonly string[] },
  platforms: Platforms,
): Promise<BotPlace> {
  const host = { address: "192.0.2.1", user: "nobody" };
  const approvers = approversOn(platforms);
  const site = (name: string) => ({ url: `http://${name}.example.com/`, proxy: "edge" });
  return await makePlace({
    hosts: Object.fromEntries(["edge", ...restartable].map((name) => [name, host])),
    sites: Object.fromEntries([
      ...restartable.map((name) => [
        name,
        { ...site(name), upstream: name, approvers, approval: { selfApproval: true } },
      ]),
      ...others.map((name) => [name, site(name)]),
    ]),
  });
}

export async function makePlace(config: BotPlace["config"]): Promise<BotPlace> {
  const directory = await mkdtemp(join(tmpdir(), "diagnose502-load-"));
  return { directory, port: await freePort(), config };
}

/** The people of the doubles. */
export function approversOn({ discord }: Platforms) {
  return { slack: ["U0ANA"], discord: [...discord.world.members.keys()] };
}
