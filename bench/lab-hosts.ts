import { randomBytes } from "node:crypto";
import { createBaseLayer } from "../test/lab/base-layer.ts";
import { createNetwork } from "../test/lab/network.ts";
import { installPackages, labUnavailableBecause, missingPackages } from "../test/lab/packages.ts";
import { type RunningStack, startStack, waitUntilHealthy } from "../test/lab/stack.ts";
import { stacks } from "../test/lab/stacks.ts";

/** Two booted hosts, edge-1 (nginx) and app-1 (Node under systemd), and what they share. */
export interface LabHosts {
  readonly base: Awaited<ReturnType<typeof createBaseLayer>>;
  readonly network: Awaited<ReturnType<typeof createNetwork>>;
  readonly running: RunningStack;
}

const STACK = "nginx-node";

/** Boots both hosts, waits for a healthy site, and takes everything away afterwards. @throws {Error} where no lab can run. */
export async function withLabHosts(use: (hosts: LabHosts) => Promise<void>): Promise<void> {
  const obstacle = await labUnavailableBecause();
  if (obstacle) throw new Error(`This bench boots hosts of its own, and cannot here: ${obstacle}.`);
  const stack = stacks.find(({ name }) => name === STACK);
  if (!stack) throw new Error(`There is no stack called ${STACK}.`);
  await installPackages(await missingPackages());

  const base = await createBaseLayer();
  try {
    const network = await createNetwork(`d5-${randomBytes(3).toString("hex")}`);
    try {
      const running = await startStack(stack, { base, network });
      try {
        await waitUntilHealthy(running);
        await use({ base, network, running });
      } finally {
        await running.close();
      }
    } finally {
      await network.close();
    }
  } finally {
    await base.close();
  }
}
