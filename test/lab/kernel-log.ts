import { readFile } from "node:fs/promises";
import { mustRun, run } from "./command.ts";
import { childrenOf, type LabHost } from "./hosts.ts";

/** A record of the kernel log, as `/dev/kmsg` has it. */
interface KernelRecord {
  readonly sequence: number;
  readonly priority: number;
  readonly monotonicUs: string;
  readonly message: string;
}

const JOURNAL_WRITER = "/lib/systemd/systemd-journal-remote";

/**
 * Runs `fault` and gives the host the kernel's own words about it. The kernel log belongs to the whole machine and
 * hosts cannot read it, so the lines are copied into the host's journal, with process ids and cgroups as the host sees them.
 */
export async function withKernelLines(host: LabHost, fault: () => Promise<unknown>): Promise<void> {
  const last = (await readKernelLog()).at(-1)?.sequence ?? -1;
  const pids = await hostPids(host);
  await fault();
  const lines = (await readKernelLog()).filter(({ sequence }) => sequence > last);
  for (const [outer, inner] of await hostPids(host)) pids.set(outer, inner);
  const bootId = (await host.sh("cat /proc/sys/kernel/random/boot_id")).trim().replaceAll("-", "");
  const bootedAtUs = Date.now() * 1000 - Number((await readFile("/proc/uptime", "utf8")).split(" ")[0]) * 1e6;
  const records = lines.map(({ priority, monotonicUs, message }) =>
    [
      `__REALTIME_TIMESTAMP=${Math.round(bootedAtUs + Number(monotonicUs))}`,
      `__MONOTONIC_TIMESTAMP=${monotonicUs}`,
      `_SOURCE_MONOTONIC_TIMESTAMP=${monotonicUs}`,
      `_BOOT_ID=${bootId}`,
      `_MACHINE_ID=${host.machineId}`,
      `_HOSTNAME=${host.name}`,
      "_TRANSPORT=kernel",
      "SYSLOG_IDENTIFIER=kernel",
      `PRIORITY=${priority & 7}`,
      `MESSAGE=${asHostSeesIt(message, pids)}`,
    ].join("\n"),
  );
  await importJournal(host, "kernel", `${records.join("\n\n")}\n\n`);
}

/** Adds entries in journal export format to the host's journal, in a file of their own. */
export async function importJournal(host: LabHost, name: string, entries: string): Promise<void> {
  const directory = `${host.upperDirectory}/var/log/journal/${host.machineId}`;
  await mustRun([JOURNAL_WRITER, "-o", `${directory}/${name}.journal`, "-"], { input: entries });
  await mustRun(["chmod", "640", `${directory}/${name}.journal`]);
  await host.sh(`chgrp systemd-journal /var/log/journal/${host.machineId}/${name}.journal`);
}

async function readKernelLog(): Promise<readonly KernelRecord[]> {
  // Non-blocking, so that it ends with EAGAIN at the last record.
  const { stdout } = await run(["dd", "if=/dev/kmsg", "iflag=nonblock", "bs=8192", "status=none"]);
  return stdout.split("\n").flatMap((line) => {
    const [head = "", ...rest] = line.split(";");
    const [priority, sequence, monotonicUs] = head.split(",");
    if (!monotonicUs || line.startsWith(" ")) return [];
    return [{ priority: Number(priority), sequence: Number(sequence), monotonicUs, message: rest.join(";") }];
  });
}

/** This machine's process ids → the host's own. */
async function hostPids(host: LabHost): Promise<Map<string, string>> {
  const pids = new Map<string, string>();
  const queue = [host.rootPid];
  for (let pid = queue.shift(); pid !== undefined; pid = queue.shift()) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    const inner = /^NSpid:.*\t(\d+)$/m.exec(status)?.[1];
    if (inner) pids.set(String(pid), inner);
    queue.push(...(await childrenOf(pid)));
  }
  return pids;
}

function asHostSeesIt(message: string, pids: ReadonlyMap<string, string>): string {
  return message
    .replace(/\b\d+\b/g, (number) => pids.get(number) ?? number)
    .replace(/\/lab-limit-[^/,]*?-([a-z][a-z0-9.-]*\.service)/g, "/system.slice/$1");
}
