import { access, readFile, rm, writeFile } from "node:fs/promises";
import { mustRun, run } from "./command.ts";

/** What lab hosts are made of: Debian packages of the machine underneath, seen by every host through its overlay. */
const LAB_PACKAGES = [
  "systemd-container",
  "systemd-journal-remote",
  "openssh-server",
  "iproute2",
  "nftables",
  "sudo",
  "curl",
  "openssl",
  "socat",
  "strace",
  "gcc",
  "libc6-dev",
  "nginx-light",
  "apache2",
  "haproxy",
  "php-fpm",
  "php-mysql",
  "php-redis",
  "python3",
  "python3-psycopg2",
  "gunicorn",
  "uwsgi",
  "uwsgi-plugin-python3",
  "tomcat10",
  "mariadb-server",
  "postgresql",
  "redis-server",
  "prometheus-alertmanager",
  "chromium",
  "busybox-static",
];

const POLICY = "/usr/sbin/policy-rc.d";

/** Why no lab can run on this machine, in words for a person; undefined when it can (packages may still be missing). */
export async function labUnavailableBecause(): Promise<string | undefined> {
  if (process.platform !== "linux") return `it needs Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0)
    return "it needs root (namespaces, overlay mounts), and this user is not root";
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  if (!/^ID=debian$/m.test(release)) return "it needs Debian (hosts are overlays of this machine)";
  return undefined;
}

/** The packages a lab needs and this machine does not have. */
export async function missingPackages(): Promise<readonly string[]> {
  const { stdout } = await run(["dpkg", "--get-selections", ...LAB_PACKAGES]);
  const installed = new Set(
    stdout.split("\n").flatMap((line) => {
      const [name, state] = line.split(/\s+/);
      // a library's name comes with its architecture: libc6-dev:amd64
      return state === "install" ? [name?.replace(/:.*/, "")] : [];
    }),
  );
  return LAB_PACKAGES.filter((name) => !installed.has(name));
}

/** Installs what is missing, without starting any of the services on this machine. */
export async function installPackages(names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const foreignPolicy = await access(POLICY).then(
    () => true,
    () => false,
  );
  // Debian's own switch: 101 means "do not start it". Without it a web server would come up here, on port 80.
  if (!foreignPolicy) await writeFile(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    await mustRun(["apt-get", "update", "-q"], { env, timeoutMs: 300_000 });
    await mustRun(["apt-get", "install", "-q", "-y", "--no-install-recommends", ...names], {
      env,
      timeoutMs: 900_000,
    });
  } finally {
    if (!foreignPolicy) await rm(POLICY, { force: true });
  }
}
