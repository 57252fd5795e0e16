import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Intent, ServiceRef } from "../../src/approval/intent.ts";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import type { RestartOutcome, ServiceReading } from "../../src/remediate/service-control.ts";
import { type BaseLayer, LOGIN } from "./base-layer.ts";
import type { LabNetwork } from "./network.ts";

/** `ServiceControl` as it works from the lab's client namespace. */
export interface ServiceClient {
  read(
    service: ServiceRef,
    options?: { readonly resetBudget?: boolean; readonly proxyUnits?: readonly string[] },
  ): Promise<ServiceReading>;
  restart(intent: Intent): Promise<RestartOutcome>;
  ask(intent: Intent): Promise<RestartOutcome>;
  forget(intent: Intent): Promise<void>;
  close(): Promise<void>;
}

export async function openServiceClient(
  ip: string,
  { base, network }: { readonly base: BaseLayer; readonly network: LabNetwork },
): Promise<ServiceClient> {
  const knownHosts = join(base.directory, `known_hosts-${network.clientNamespace}`);
  await writeFile(knownHosts, `${ip} ${base.hostKey}\n`);
  const host: HostAccess = {
    name: "app-1",
    how: {
      kind: "ssh",
      address: ip,
      port: 22,
      user: LOGIN,
      identityFiles: [base.identityFile],
      knownHostsFiles: [knownHosts],
    },
  };
  const driver = fileURLToPath(new URL("./service-driver.ts", import.meta.url));
  const namespace = `--net=/run/netns/${network.clientNamespace}`;
  const [program = "", ...args] = ["nsenter", namespace, process.execPath, driver];
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  async function call(method: string, ...args: readonly unknown[]) {
    child.stdin.write(`${JSON.stringify([method, host, ...args])}\n`);
    const { value } = await lines.next();
    return JSON.parse(String(value));
  }

  return {
    read: (service, { resetBudget = false, proxyUnits = [] } = {}) =>
      call("read", service, { resetBudget, proxyUnits }),
    restart: (intent) => call("restart", intent, {}),
    ask: (intent) => call("ask", intent, {}),
    forget: (intent) => call("forget", intent),
    async close() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.stdin.end();
      await ended;
    },
  };
}
