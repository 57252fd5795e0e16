import { createHash } from "node:crypto";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { LOGIN } from "./base-layer.ts";
import type { LabHost } from "./hosts.ts";

/** A host's file system as it differs from the base layer: path → digest. */
export type FileDigests = ReadonlyMap<string, string>;

/** What services of the host write by themselves whenever someone asks them something. */
const WRITTEN_BY_SERVICES = [
  "var/log",
  "var/lib/mysql",
  "var/lib/postgresql",
  "var/lib/redis",
  "var/lib/systemd",
];
/** How long sshd and systemd may take to clear up after a login that has ended. */
const GRACE_MS = 3000;

/** Digests of every file the host has written, logs and databases aside. */
export async function digestFiles(host: LabHost): Promise<FileDigests> {
  const digests = new Map<string, string>();
  await walk("");
  return digests;

  async function walk(directory: string): Promise<void> {
    for (const name of await readdir(join(host.upperDirectory, directory))) {
      const path = join(directory, name);
      if (WRITTEN_BY_SERVICES.includes(path)) continue;
      const file = join(host.upperDirectory, path);
      const { mode, uid, gid, size, mtimeMs } = await lstat(file);
      const hash = createHash("sha256").update(`${mode} ${uid} ${gid} `);
      const type = mode & 0o170000;
      if (type === 0o100000) hash.update(`${size} ${mtimeMs} `).update(await readFile(file));
      if (type === 0o120000) hash.update(await readlink(file));
      digests.set(path, hash.digest("hex"));
      if (type === 0o040000) await walk(path);
    }
  }
}

/** What a run of the tool left on a host: changed files, files of its login in memory, processes. Empty is right. */
export async function findTraces(host: LabHost, before: FileDigests): Promise<readonly string[]> {
  const after = await digestFiles(host);
  const paths = new Set([...before.keys(), ...after.keys()]);
  const changed = [...paths].filter((path) => before.get(path) !== after.get(path));
  const files = await host.sh(
    `find /run /tmp /var/tmp /dev/shm -user ${LOGIN} ! -path '/run/user/*' 2>/dev/null || true`,
  );
  return [
    ...changed.map((path) => `${host.name}: changed /${path}`),
    ...words(files).map((path) => `${host.name}: left ${path}`),
    ...(await leftProcesses(host)).map((line) => `${host.name}: still running: ${line}`),
  ];
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

function words(text: string): readonly string[] {
  return text.split("\n").filter(Boolean);
}
