import { createHash } from "node:crypto";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { LOGIN } from "./base-layer.ts";
import type { LabHost } from "./hosts.ts";

/** What a host looks like before the tool comes. */
export interface Snapshot {
  /** Path in the host's own layer → digest of owner, mode and content. */
  readonly files: ReadonlyMap<string, string>;
  /** Paths in memory: `/run`, `/tmp` and the like. */
  readonly inMemory: ReadonlySet<string>;
}

/** What services of the host write by themselves whenever someone asks them something. */
const WRITTEN_BY_SERVICES = [
  "var/log",
  "var/lib/mysql",
  "var/lib/postgresql",
  "var/lib/redis",
  "var/lib/systemd",
];
/** What any login or start of a unit writes. */
const VOLATILE = [
  "/run/systemd",
  "/run/user",
  "/run/utmp",
  "/run/sudo",
  "/run/log",
  "/run/motd.dynamic",
  "/run/mount",
];
/** How long sshd and systemd may take to clear up after a login that has ended. */
const GRACE_MS = 3000;

export async function takeSnapshot(host: LabHost): Promise<Snapshot> {
  return { files: await digestFiles(host), inMemory: new Set(await listMemory(host)) };
}

/** What a run of the tool left on a host: changed files, new ones, processes. Empty is right. */
export async function findTraces(host: LabHost, before: Snapshot): Promise<readonly string[]> {
  const processes = await leftProcesses(host);
  const after = await takeSnapshot(host);
  const changed: string[] = [];
  for (const path of new Set([...before.files.keys(), ...after.files.keys()])) {
    // A file that was only copied up, by being opened for writing, is as it was in the layers below.
    const was = before.files.get(path) ?? (await digestBelow(host, path));
    if (was !== after.files.get(path)) changed.push(path);
  }
  return [
    ...changed.map((path) => `${host.name}: changed /${path}`),
    ...[...after.inMemory]
      .filter((path) => !before.inMemory.has(path))
      .map((path) => `${host.name}: left ${path}`),
    ...processes.map((line) => `${host.name}: still running: ${line}`),
  ];
}

async function digestFiles(host: LabHost): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  await walk("");
  return digests;

  async function walk(directory: string): Promise<void> {
    for (const entry of await readdir(join(host.upperDirectory, directory), { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (WRITTEN_BY_SERVICES.includes(path)) continue;
      digests.set(path, await digest(join(host.upperDirectory, path)));
      if (entry.isDirectory()) await walk(path);
    }
  }
}

async function digestBelow(host: LabHost, path: string): Promise<string | undefined> {
  for (const directory of host.lowerDirectories) {
    try {
      return await digest(join(directory, path));
    } catch {
      // Not in this layer.
    }
  }
  return undefined;
}

async function digest(file: string): Promise<string> {
  const status = await lstat(file);
  const hash = createHash("sha256").update(`${status.mode} ${status.uid} ${status.gid} `);
  if (status.isFile()) hash.update(`${status.mtimeMs} `).update(await readFile(file));
  if (status.isSymbolicLink()) hash.update(await readlink(file));
  return hash.digest("hex");
}

async function listMemory(host: LabHost): Promise<readonly string[]> {
  const skipped = VOLATILE.map((path) => `-path ${path} -prune -o`).join(" ");
  const listing = await host.sh(`find /run /tmp /dev/shm ${skipped} -print 2>/dev/null || true`);
  return listing.split("\n").filter(Boolean);
}

/** Processes of the login, and of root on its behalf, except the session's own keepers. */
async function leftProcesses(host: LabHost): Promise<readonly string[]> {
  const deadline = Date.now() + GRACE_MS;
  for (;;) {
    const listing = await host.sh(`ps -u ${LOGIN} -o pid=,args= || true; pgrep -a sudo || true`);
    const left = listing
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line && !/systemd --user|\(sd-pam\)|dbus-daemon/.test(line));
    if (left.length === 0 || Date.now() > deadline) return left;
    await pause(50);
  }
}
