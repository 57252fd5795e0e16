import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { makeRestartHelper } from "../../src/remediate/harden/restart-helper.ts";

/** What stands for `systemctl`: a unit is a file with its properties, and every change is a line in `log`. */
const SYSTEMCTL = `for unit; do :; done
case $1 in
  show) cat "units/$unit" 2>/dev/null || printf 'Id=%s\\nLoadState=not-found\\n' "$unit" ;;
  restart)
    [ -e slow ] && sleep 0.3
    read -r id </proc/sys/kernel/random/uuid
    id=$(printf %s "$id" | tr -d -)
    echo "restart $unit $id" >>log
    [ -e fails ] && exit 1
    sed "s/^InvocationID=.*/InvocationID=$id/" "units/$unit" >"units/.$unit.$id" && mv "units/.$unit.$id" "units/$unit" ;;
  *) echo "$*" >>log ;;
esac
`;
/** Any other manager: answers `<verb>` with the file `<program>.<verb>`, and writes down what changes something. */
const MANAGER = `p=\${0##*/}
[ "$1" = restart ] && echo "$p $*" >>log
if [ "$1" = restart ] && [ -e "$p.after" ]; then cat "$p.after" >"$p.inspect"; cat "$p.after" >"$p.pid"; fi
[ "$1" = restart ] || cat "$p.$1" 2>/dev/null
`;
/** Like any word to the real one, whatever it is asked starts a daemon where none runs. */
const PM2 = `kill -0 "$(cat "$HOME/.pm2/pm2.pid")" 2>/dev/null || echo "pm2 daemon started" >>log
${MANAGER}`;
/** `docker.ps` has a line for each container: its id and its labels. */
const DOCKER = `list() {
  while read -r id labels; do
    for word; do
      case $word in label=*) case " $labels " in *" \${word#label=} "*) ;; *) continue 2 ;; esac ;; esac
    done
    echo "$id"
  done
}
if [ "$1" = ps ]; then [ ! -e docker.ps ] || list "$@" <docker.ps; exit; fi
${MANAGER}`;
/** BusyBox's: it takes no time to wait. Source: busybox, util-linux/flock.c. */
const FLOCK = `case $1 in -[sxnu] | [0-9]) PATH=/usr/bin:/bin exec flock "$@" ;; esac
exit 1
`;
const JOURNALCTL = `cat journal 2>/dev/null
`;

export interface FakeHost {
  readonly directory: string;
  readonly helper: string;
  /** What changed, a line each. */
  log(): readonly string[];
  markers(): readonly string[];
  invocation(unit: string): string;
  /** Sets properties of a unit. */
  unit(name: string, properties: Readonly<Record<string, string>>): void;
  /** Makes or removes a switch: `slow`, `fails`; or writes the file `journal`. */
  write(name: string, text: string): void;
  run(...args: readonly string[]): Promise<{ readonly exitCode: number | null; readonly stdout: string }>;
  remove(): void;
}

/** A directory that the helper takes for a host, and for everybody's home, where a PM2 runs. `shell`: as its first line names it. */
export function makeFakeHost(shell = "/bin/sh"): FakeHost {
  const directory = mkdtempSync(join(tmpdir(), "d502-host-"));
  const bin = join(directory, "bin");
  mkdirSync(bin);
  mkdirSync(join(directory, "units"));
  const helper = join(directory, "restart");
  const program = (path: string, text: string) => {
    writeFileSync(path, text);
    chmodSync(path, 0o755);
  };
  const programs = {
    systemctl: SYSTEMCTL,
    journalctl: JOURNALCTL,
    pm2: PM2,
    docker: DOCKER,
    supervisorctl: MANAGER,
    flock: FLOCK,
    getent: 'echo "$2:x:1000:1000::$PWD:/bin/sh"\n',
    logger: "",
  };
  for (const [name, text] of Object.entries(programs)) {
    program(join(bin, name), `#!/bin/sh\ncd "\${0%/*}/.."\n${text}`);
  }
  // as the real one calls itself. Source: PM2, lib/Daemon.js
  process.title = "PM2 v7.0.4: God Daemon";
  mkdirSync(join(directory, ".pm2"));
  writeFileSync(join(directory, ".pm2/pm2.pid"), `${process.pid}`);
  const services = [
    { service: { manager: "systemd", unit: "shop.service" }, mayResetBudget: false },
    { service: { manager: "systemd", unit: "flappy.service" }, mayResetBudget: true },
    { service: { manager: "pm2", app: "shop", user: userInfo().username }, mayResetBudget: false },
    { service: { manager: "docker", container: "web" }, mayResetBudget: false },
    { service: { manager: "compose", project: "p", service: "web" }, mayResetBudget: false },
    { service: { manager: "supervisor", program: "shop" }, mayResetBudget: false },
  ] as const;
  const path = `${bin}:/usr/sbin:/usr/bin:/sbin:/bin`;
  program(helper, makeRestartHelper(services, { directory: join(directory, "run"), path, shell }));

  const unitFile = (name: string) => join(directory, "units", name);
  const lines = (file: string) =>
    existsSync(file)
      ? readFileSync(file, "utf8")
          .split("\n")
          .filter((line) => line !== "")
      : [];
  const host: FakeHost = {
    directory,
    helper,
    log: () => lines(join(directory, "log")),
    markers: () =>
      existsSync(join(directory, "run"))
        ? readdirSync(join(directory, "run")).filter((name) => name !== "lock")
        : [],
    invocation: (unit) => /^InvocationID=(.*)$/m.exec(readFileSync(unitFile(unit), "utf8"))?.[1] ?? "",
    unit(name, properties) {
      const all = {
        Id: name,
        LoadState: "loaded",
        ActiveState: "active",
        InvocationID: "0".repeat(32),
        NRestarts: "0",
        StartLimitBurst: "5",
        StartLimitIntervalUSec: "10s",
        Job: "",
        ...properties,
      };
      writeFileSync(
        unitFile(name),
        Object.entries(all)
          .map(([key, value]) => `${key}=${value}\n`)
          .join(""),
      );
    },
    write: (name, text) => writeFileSync(join(directory, name), text),
    run: (...args) => runHere(helper, args),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
  host.unit("shop.service", {});
  host.unit("flappy.service", {});
  return host;
}

function runHere(program: string, args: readonly string[]) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    readonly exitCode: number | null;
    readonly stdout: string;
  }>();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"], env: {} });
  let stdout = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.on("error", reject);
  child.on("close", (exitCode) => resolve({ exitCode, stdout }));
  return promise;
}
