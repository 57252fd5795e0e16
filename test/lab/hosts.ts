import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type BaseLayer, mountOverlay } from "./base-layer.ts";
import { mustRun, run } from "./command.ts";
import type { LabNetwork } from "./network.ts";
import { removeUnusedProducts } from "./products.ts";

/** What one host of a stack is made of. */
export interface HostSpec {
  readonly name: string;
  readonly ip: string;
  /** Absolute path → content; a path ending in `.sh` becomes executable. */
  readonly files: Readonly<Record<string, string>>;
  /** Started at boot; everything else is off. */
  readonly units: readonly string[];
  /** Shell run as root inside the file system before the first boot. */
  readonly setup?: string;
}

/** A booted machine: systemd, journald, sshd, its own network namespace. */
export interface LabHost {
  readonly name: string;
  readonly ip: string;
  /** PID 1 of the host, as this machine counts. */
  readonly rootPid: number;
  /** What the host wrote on top of the layers below. */
  readonly upperDirectory: string;
  /** The layers below, uppermost first. */
  readonly lowerDirectories: readonly string[];
  readonly machineId: string;
  /** Runs a shell script as root inside. @throws {Error} when it fails. */
  sh(script: string): Promise<string>;
  write(path: string, content: string): Promise<void>;
  /** Pulls the plug: no orderly shutdown. The name stays free for a next host. */
  close(): Promise<void>;
}

const BOOT_LIMIT_MS = 30_000;
const POLL_MS = 15;
/** systemd's own hierarchy: of the hybrid layout, its unified part, or the only one there is. */
const CGROUP_ROOTS = ["systemd", "unified", "."];

/** Boots one host. @throws {Error} with the console's last lines when it does not come up. */
export async function bootHost(
  spec: HostSpec,
  lab: { readonly base: BaseLayer; readonly network: LabNetwork; readonly peers: string },
): Promise<LabHost> {
  const directory = join(lab.base.directory, "hosts", `${lab.network.clientNamespace}-${spec.name}`);
  const merged = join(directory, "merged");
  const upper = join(directory, "upper");
  const machineId = randomBytes(16).toString("hex");
  let nspawn: ChildProcess | undefined;
  let rootPid: number | undefined;

  async function close(): Promise<void> {
    if (rootPid !== undefined) killIfAlive(rootPid);
    if (nspawn?.exitCode === null && nspawn.signalCode === null) {
      const ended = new Promise((resolve) => nspawn?.once("exit", resolve));
      if (rootPid === undefined) nspawn.kill("SIGKILL");
      await ended;
    }
    await lab.network.detach(spec.name);
    await run(["umount", "-R", merged]);
    await rm(directory, { recursive: true, force: true });
    const groups = CGROUP_ROOTS.map(
      (root) => `/sys/fs/cgroup/${root}/${lab.network.clientNamespace}-${spec.name}`,
    );
    await run(["find", ...groups, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"]);
  }

  try {
    for (const path of [upper, merged, join(directory, "work")]) await mkdir(path, { recursive: true });
    await mountOverlay({ lower: lab.base.lowerDirectories, upper, work: join(directory, "work"), merged });
    await install(spec, { merged, machineId, peers: lab.peers });
    const namespace = await lab.network.attach(spec.name, spec.ip);
    const console = join(directory, "console.log");
    nspawn = startNspawn({
      merged,
      console,
      namespace,
      group: `${lab.network.clientNamespace}-${spec.name}`,
    });
    rootPid = await findRootPid(nspawn, console);
    const inside = ["nsenter", "-t", String(rootPid), "-m", "-u", "-i", "-n", "-p", "--", "/bin/sh", "-es"];
    const sh = (script: string) => mustRun(inside, { input: script, timeoutMs: 60_000 });
    await waitForBoot(sh);
    return {
      name: spec.name,
      ip: spec.ip,
      rootPid,
      upperDirectory: upper,
      lowerDirectories: lab.base.lowerDirectories.split(":"),
      machineId,
      sh,
      async write(path, content) {
        await mustRun(
          [...inside.slice(0, -2), "/bin/sh", "-ec", 'mkdir -p "$(dirname "$0")"; cat >"$0"', path],
          {
            input: content,
          },
        );
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function install(
  spec: HostSpec,
  place: { readonly merged: string; readonly machineId: string; readonly peers: string },
): Promise<void> {
  const chroot = ["chroot", place.merged, "/bin/sh", "-es"];
  await mustRun(chroot, { input: removeUnusedProducts(spec) });
  // An empty machine-id would mean "first boot": systemd then enables every unit of the distribution.
  const system = {
    "/etc/machine-id": `${place.machineId}\n`,
    "/etc/hostname": `${spec.name}\n`,
    "/etc/hosts": `127.0.0.1 localhost\n::1 localhost\n127.0.1.1 ${spec.name}\n${place.peers}`,
  };
  for (const [path, content] of Object.entries({ ...system, ...spec.files })) {
    const file = join(place.merged, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    if (path.endsWith(".sh")) await chmod(file, 0o755);
  }
  const enable = spec.units.length > 0 ? `systemctl -q enable ${spec.units.join(" ")} 2>/dev/null\n` : "";
  await mustRun(chroot, { input: `${spec.setup ?? ""}\n${enable}` });
}

/**
 * The host gets a cgroup of its own, or its systemd would share one subtree with every other host's.
 * systemd-nspawn dies with this process, however this process ends; what is left of the host, the next lab sweeps.
 */
function startNspawn(place: {
  readonly merged: string;
  readonly console: string;
  readonly namespace: string;
  readonly group: string;
}): ChildProcess {
  const enter = `for d in ${CGROUP_ROOTS.join(" ")}; do
    d=/sys/fs/cgroup/$d; [ -w $d/cgroup.procs ] || continue
    mkdir -p $d/$0 && echo $$ >$d/$0/cgroup.procs
  done; exec setpriv --pdeathsig KILL "$@"`;
  const log = openSync(place.console, "w");
  const child = spawn(
    "sh",
    [
      ...["-c", enter, place.group],
      ...["systemd-nspawn", "-q", "-D", place.merged, "--boot", `--machine=${place.namespace}`],
      ...["--register=no", "--keep-unit", "--resolv-conf=off", "--timezone=off", "--link-journal=no"],
      // Without it `nft` and `ip` of the host's own units and logins may change nothing.
      "--capability=CAP_NET_ADMIN,CAP_NET_RAW",
      // The kernel log is the whole machine's: other labs' faults would show.
      "--system-call-filter=~syslog",
      `--network-namespace-path=/run/netns/${place.namespace}`,
    ],
    { stdio: ["ignore", log, log], detached: true },
  );
  closeSync(log);
  return child;
}

async function findRootPid(nspawn: ChildProcess, console: string): Promise<number> {
  const deadline = Date.now() + BOOT_LIMIT_MS;
  while (Date.now() < deadline && nspawn.exitCode === null) {
    for (const pid of await childrenOf(nspawn.pid ?? 0)) {
      const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
      if (/^NSpid:.*\t1$/m.test(status)) return pid;
    }
    await pause(POLL_MS);
  }
  const text = await readFile(console, "utf8");
  throw new Error(`The host did not boot: ${text.trim().split("\n").slice(-5).join(" | ")}`);
}

async function waitForBoot(sh: (script: string) => Promise<string>): Promise<void> {
  const deadline = Date.now() + BOOT_LIMIT_MS;
  for (;;) {
    // "degraded" is a booted host too: some stacks start with a unit that fails.
    const state = await sh("systemctl is-system-running --wait 2>&1 || true").catch(
      (error: Error) => error.message,
    );
    if (["running", "degraded"].includes(state.trim())) return;
    if (Date.now() > deadline) throw new Error(`The host did not finish booting: ${state.trim()}`);
    await pause(POLL_MS);
  }
}

/** Child processes of one process, by this machine's process ids. */
export async function childrenOf(parent: number): Promise<readonly number[]> {
  const children: number[] = [];
  for (const name of await readdir("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const ppid = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
    if (Number(ppid) === parent) children.push(pid);
  }
  return children;
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone already: a host that a fault has powered off.
  }
}
