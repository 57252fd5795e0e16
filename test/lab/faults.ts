import { existsSync } from "node:fs";
import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { mustRun } from "./command.ts";
import type { LabHost } from "./hosts.ts";
import { importJournal, withKernelLines } from "./kernel-log.ts";
import type { RunningStack } from "./stack.ts";

/** Edits one file on a host. @throws {Error} when `from` is not in it, so that no fault silently does nothing. */
export async function edit(host: LabHost, path: string, from: string, to: string): Promise<void> {
  const text = await host.sh(`cat ${path}`);
  if (!text.includes(from)) throw new Error(`${host.name}:${path} does not contain ${from}`);
  await host.write(path, text.replaceAll(from, to));
}

/** Puts lines into a unit's `[Service]` section and restarts it, as an operator would with `systemctl edit`. */
export async function overrideUnit(host: LabHost, unit: string, lines: string): Promise<void> {
  await host.write(`/etc/systemd/system/${unit}.service.d/override.conf`, `[Service]\n${lines}\n`);
  await host.sh(`systemctl daemon-reload; systemctl restart ${unit} || true`);
}

/** A service on `app-1` that dies while it answers is back soon, and dies again. */
export async function startAgainSoon(lab: RunningStack): Promise<void> {
  await overrideUnit(lab.host("app-1"), "shop", "Restart=always\nRestartSec=300ms");
  await lab.on("app-1", "sleep 0.5");
}

/** One rule in a table of its own, as an operator's script would leave it. */
export function addFilterRule(
  lab: RunningStack,
  host: string,
  hook: "input" | "output",
  rule: string,
): Promise<string> {
  return lab.on(
    host,
    `nft add table inet filter
nft add chain inet filter ${hook} '{ type filter hook ${hook} priority 0; policy accept; }'
nft add rule inet filter ${hook} ${rule}`,
  );
}

export async function editAndReload(
  host: LabHost,
  change: { readonly path: string; readonly from: string; readonly to: string; readonly unit: string },
): Promise<void> {
  await edit(host, change.path, change.from, change.to);
  // A reload returns before the new workers serve.
  await host.sh(`systemctl reload ${change.unit}; sleep 0.4`);
}

/**
 * The kernel kills a process of `unit` for lack of memory while it serves `path`. The limit is set from outside:
 * on cgroup v1 a host cannot set its own, and systemd reports the kill as `signal`, never as `oom-kill`.
 */
export async function oomKill(
  lab: RunningStack,
  place: { readonly host: string; readonly unit: string; readonly path: string; readonly limitMiB: number },
): Promise<void> {
  const host = lab.host(place.host);
  const root = "/sys/fs/cgroup/memory";
  if (!existsSync(`${root}/memory.limit_in_bytes`)) {
    throw new Error(
      "This machine has no memory controller of cgroup v1: the kernel's OOM kill cannot be made.",
    );
  }
  const group = `${root}/lab-limit-${host.rootPid}-${place.unit}`;
  await mkdir(group);
  lab.defer(() => rmdir(group));
  await writeFile(`${group}/memory.limit_in_bytes`, String(place.limitMiB * 1024 * 1024));
  await withKernelLines(host, async () => {
    for (const pid of await unitPids(host, place.unit)) await writeFile(`${group}/cgroup.procs`, pid);
    await lab.get(place.path);
    await pause(300);
  });
}

/** Makes everything in the host's logs `seconds` older: text logs and journal. systemd's own memory cannot be aged. */
export async function ageLogs(host: LabHost, seconds: number): Promise<void> {
  await host.sh(`python3 - ${seconds} <<'PYTHON'\n${AGE_TEXT_LOGS}\nPYTHON`);
  const directory = `/var/log/journal/${host.machineId}`;
  const entries = await host.sh(
    `journalctl --sync; journalctl -o export --no-pager; journalctl --rotate; rm -f ${directory}/system@*.journal`,
  );
  const shifted = entries.replaceAll(
    /^(__REALTIME_TIMESTAMP|_SOURCE_REALTIME_TIMESTAMP)=(\d+)$/gm,
    (_line, name: string, us: string) => `${name}=${Number(us) - seconds * 1e6}`,
  );
  await importJournal(host, "aged", shifted.replaceAll(/^__CURSOR=.*\n/gm, ""));
}

const AGE_TEXT_LOGS = String.raw`
import datetime, glob, re, sys
back = datetime.timedelta(seconds=int(sys.argv[1]))
shapes = [
    (r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "%Y/%m/%d %H:%M:%S"),
    (r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d", "%d/%b/%Y:%H:%M:%S"),
    (r"^\[\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d", "[%d-%b-%Y %H:%M:%S"),
    (r"^\[[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d\.\d{6} \d{4}", "[%a %b %d %H:%M:%S.%f %Y"),
]
for path in glob.glob("/var/log/**/*.log", recursive=True):
    with open(path, "r+", errors="surrogateescape") as log:
        text = log.read()
        for pattern, form in shapes:
            text = re.sub(pattern, lambda m: (datetime.datetime.strptime(m[0], form) - back).strftime(form), text, flags=re.M)
        log.seek(0)
        log.write(text)
`;

/** Process ids of a unit, as this machine counts. */
async function unitPids(host: LabHost, unit: string): Promise<readonly string[]> {
  const own = await readFile(`/proc/${host.rootPid}/cgroup`, "utf8");
  const scope = /^\d+:name=systemd:(.*)\/init\.scope$/m.exec(own)?.[1];
  return await pidsIn(`/sys/fs/cgroup/systemd${scope}/system.slice/${unit}`);
}

async function pidsIn(group: string): Promise<readonly string[]> {
  const pids: string[] = [];
  const files = await mustRun(["find", group, "-name", "cgroup.procs"]);
  for (const file of files.split("\n").filter(Boolean)) {
    pids.push(...(await readFile(file, "utf8")).split("\n").filter(Boolean));
  }
  return pids;
}
