import { createBaseLayer } from "./base-layer.ts";
import { runDiagnose } from "./diagnose.ts";
import { oomKill, overrideUnit } from "./faults.ts";
import { createNetwork } from "./network.ts";
import { installPackages, labUnavailableBecause, missingPackages } from "./packages.ts";
import { startStack, waitUntilHealthy } from "./stack.ts";
import { stacks } from "./stacks.ts";

/** `npm run demo`: two real hosts, one real fault, one diagnosis as an operator sees it. */
async function runDemo(): Promise<number> {
  await installPackages(await missingPackages());
  say("Booting two hosts on this machine: edge-1 (nginx) and app-1 (Node under systemd) …");
  const base = await createBaseLayer();
  try {
    const network = await createNetwork(base.id);
    try {
      return await showFault(base, network);
    } finally {
      await network.close();
    }
  } finally {
    await base.close();
  }
}

async function showFault(
  base: Awaited<ReturnType<typeof createBaseLayer>>,
  network: Awaited<ReturnType<typeof createNetwork>>,
): Promise<number> {
  const stack = stacks.find(({ name }) => name === "nginx-node");
  if (!stack) throw new Error("There is no stack called nginx-node.");
  const running = await startStack(stack, { base, network });
  try {
    await waitUntilHealthy(running);
    say(
      "http://shop.test/ answers 200. Now one request makes the application eat its memory, and the kernel kills it …",
    );
    await overrideUnit(running.host("app-1"), "shop", "Restart=no");
    await waitUntilHealthy(running);
    await oomKill(running, { host: "app-1", unit: "shop.service", path: "/memory", limitMiB: 200 });
    const { status } = await running.get("/");
    say(`http://shop.test/ answers ${status}.\n`);
    say("$ diagnose502 diagnose http://shop.test/ --proxy diag@10.77.0.10 --upstream diag@10.77.0.20\n");
    const { stdout, stderr, exitCode } = await runDiagnose(running, { base, path: "/", flags: [] });
    process.stdout.write(stdout || stderr);
    say("\nThe hosts are gone again.");
    // 1 is `a fault was diagnosed`: the demonstration worked.
    return exitCode === 1 ? 0 : 1;
  } finally {
    await running.close();
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (await labUnavailableBecause()) {
  const { runWithoutRoot } = await import("./demo-without-root.ts");
  process.exitCode = await runWithoutRoot();
} else {
  process.exitCode = await runDemo();
}
