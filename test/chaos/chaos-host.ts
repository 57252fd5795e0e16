import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeRestartHelper } from "../../src/remediate/harden/restart-helper.ts";
import { HELPER_PATH } from "../../src/remediate/restart-words.ts";
import { type BaseLayer, createBaseLayer, LOGIN } from "../lab/base-layer.ts";
import { bootHost, type LabHost } from "../lab/hosts.ts";
import { createNetwork, type LabNetwork } from "../lab/network.ts";
import type { HostOrders } from "./bot-orders.ts";
import type { HostRecord } from "./judge.ts";
import { unitOf } from "./sites.ts";

const IP = "10.77.0.20";
/** Each start writes down which one it is, whoever asked for it. The pause makes a restart long enough to die in. */
const UNIT = `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStartPre=/bin/sh -c 'echo $$INVOCATION_ID >>/var/log/starts/%i'
ExecStartPre=/bin/sleep 0.03
ExecStart=/bin/sleep infinity
`;
/** Many bots log in at once. */
const MANY_LOGINS = "MaxStartups 400\n";

/** One real machine that outlives every bot: systemd, sshd, the restart helper, and units that keep a record of their starts. */
export interface ChaosHost {
  readonly orders: HostOrders;
  /** On a file system that dies with the lab. */
  readonly directory: string;
  /** Namespace in which bots run, and whatever they talk to. */
  readonly network: string;
  /** What the host itself wrote down. */
  readRecord(): Promise<HostRecord>;
  close(): Promise<void>;
}

export async function openChaosHost(options: { readonly units: number }): Promise<ChaosHost> {
  const numbers = Array.from({ length: options.units }, (_, index) => index + 1);
  let base: BaseLayer | undefined;
  let network: LabNetwork | undefined;
  let host: LabHost | undefined;
  const close = async () => {
    await host?.close();
    await network?.close();
    await base?.close();
  };
  try {
    base = await createBaseLayer();
    network = await createNetwork(`${base.id}${randomBytes(2).toString("hex")}`);
    const files = {
      "/etc/systemd/system/app@.service": UNIT,
      "/etc/ssh/sshd_config.d/chaos.conf": MANY_LOGINS,
    };
    const spec = { name: "app-1", ip: IP, units: [], files, setup: "mkdir -p /var/log/starts" };
    const booted = await bootHost(spec, { base, network, peers: "" });
    host = booted;
    await installHelper(booted, numbers);
    await booted.sh(`systemctl start ${numbers.map(unitOf).join(" ")}`);
    const knownHostsFile = join(base.directory, "known_hosts");
    await writeFile(knownHostsFile, `${IP} ${base.hostKey}\n`);
    return {
      orders: { kind: "ssh", address: IP, identityFile: base.identityFile, knownHostsFile },
      directory: base.directory,
      network: network.clientNamespace,
      readRecord: () => readRecord(booted, numbers),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function installHelper(host: LabHost, numbers: readonly number[]): Promise<void> {
  const services = numbers.map((number) => ({
    service: { manager: "systemd" as const, unit: unitOf(number) },
    mayResetBudget: false,
  }));
  await host.write(HELPER_PATH, makeRestartHelper(services));
  await host.write("/etc/sudoers.d/helper", `${LOGIN} ALL=(root) NOPASSWD:NOSETENV: ${HELPER_PATH}\n`);
  await host.sh(`chmod 755 ${HELPER_PATH}; chmod 440 /etc/sudoers.d/helper; visudo -cq`);
}

/** What each unit wrote at its starts, and what sudo wrote about each command that arrived. */
async function readRecord(host: LabHost, numbers: readonly number[]): Promise<HostRecord> {
  await host.sh("journalctl --sync");
  const starts = new Map<string, readonly string[]>();
  for (const number of numbers) {
    const text = await host.sh(`cat /var/log/starts/${number}`);
    starts.set(unitOf(number), text.trim().split("\n"));
  }
  const arrivals = new Map<string, number>();
  for (const line of (await host.sh("journalctl -q --no-pager -o cat -t sudo")).split("\n")) {
    const [, key] = /COMMAND=\S+\/restart \S+\.service ([0-9a-f]{32}) /.exec(`${line} `) ?? [];
    if (key !== undefined) arrivals.set(key, (arrivals.get(key) ?? 0) + 1);
  }
  return { starts, arrivals };
}
