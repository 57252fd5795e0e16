import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { run } from "./command.ts";

/** How directories of labs begin. */
export const LAB_DIRECTORY = "diagnose502-lab-";
const OWNER_FILE = "owner";

/** Namespaces of the lab in `directory` are called `<id>-…`. */
export function labId(directory: string): string {
  return `d5-${basename(directory).slice(LAB_DIRECTORY.length)}`;
}

/** Says which process a lab belongs to. */
export async function recordOwner(directory: string): Promise<void> {
  await writeFile(join(directory, OWNER_FILE), await identityOf(process.pid));
}

/** Takes away hosts, mounts and namespaces of labs whose process was killed. */
export async function sweepDeadLabs(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(LAB_DIRECTORY)) continue;
    const directory = join(tmpdir(), name);
    const owner = await readFile(join(directory, OWNER_FILE), "utf8").catch(() => "");
    // Without a record it may be a lab that is just being made.
    if (owner === "" || owner === (await identityOf(Number(owner.split(" ")[0])))) continue;
    // A host outlives its systemd-nspawn. Its processes are known by the cgroup, which bears the lab's id.
    const groups = `for g in $(find /sys/fs/cgroup -path "*/$0-*/payload/init.scope/cgroup.procs"); do kill -KILL $(cat $g); done
sleep 0.5; find /sys/fs/cgroup -depth -type d -path "*/$0-*" -exec rmdir {} ';'`;
    await run(["sh", "-c", groups, labId(directory)]);
    const { stdout } = await run(["ip", "netns", "list"]);
    const namespaces = stdout.split("\n").map((line) => line.split(" ")[0] ?? "");
    for (const namespace of namespaces.filter((candidate) => candidate.startsWith(`${labId(directory)}-`))) {
      await run(["ip", "netns", "del", namespace]);
    }
    await run(["umount", "-R", directory]);
    await rm(directory, { recursive: true, force: true });
  }
}

/** A process and when it started: its number alone may have been given to another one since. */
async function identityOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat === "" ? "" : `${pid} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
}
