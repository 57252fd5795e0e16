import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mustRun, run } from "./command.ts";
import { sudoersFile } from "./sudoers.ts";
import { LAB_DIRECTORY, labId, recordOwner, sweepDeadLabs } from "./sweep.ts";

/** The unprivileged login the tool under test gets on every host. */
export const LOGIN = "diag";

/** What all hosts of a lab share: this machine's file system, cleaned of everything private and of every running service. */
export interface BaseLayer {
  /** Names of namespaces begin with it, so that what a killed run leaves behind can be found. */
  readonly id: string;
  /** A tmpfs of its own; hosts keep their layers below it. */
  readonly directory: string;
  /** `lowerdir=` of a host's overlay. */
  readonly lowerDirectories: string;
  /** Private key of `LOGIN`, for this lab only. */
  readonly identityFile: string;
  /** `known_hosts` lines need this key: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  close(): Promise<void>;
}

/** Top-level directories of a Debian system; anything else in `/` is this machine's own business. */
const SYSTEM_DIRECTORIES = new Set(
  "bin boot dev etc home lib lib32 lib64 libx32 media mnt opt proc root run sbin srv sys tmp usr var".split(
    " ",
  ),
);
/** Kept as empty directories, so that nothing private shows. */
const EMPTIED = [
  "home",
  "root",
  "opt",
  "mnt",
  "media",
  "srv",
  "tmp",
  "run",
  "var/tmp",
  "var/cache/apt",
  "var/lib/apt",
];

const PREPARE = `
set -e
export DEBIAN_FRONTEND=noninteractive
systemctl -q disable apache2 haproxy mariadb nginx php8.2-fpm postgresql redis-server tomcat10 2>/dev/null || true
rm -f /etc/init.d/uwsgi /etc/rc?.d/*uwsgi
systemctl -q mask systemd-timesyncd systemd-udevd systemd-networkd console-getty getty@.service getty.target \\
  systemd-pstore apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap \\
  fstrim.timer man-db.timer phpsessionclean.timer logrotate.timer 2>/dev/null
find /var/log -type f -delete
# Programs of this machine may use these too, and what changes below an overlay shows in it.
rm -rf /var/lib/nginx/*
rm -f /etc/nginx/sites-enabled/default /etc/apache2/sites-enabled/* /etc/sudoers.d/[!R]* /etc/ssh/ssh_host_*
ssh-keygen -q -A
useradd --create-home --shell /bin/bash --groups adm,systemd-journal ${LOGIN}
useradd --system --home-dir /srv/shop --shell /usr/sbin/nologin shop
install -d -m 700 -o ${LOGIN} -g ${LOGIN} /home/${LOGIN}/.ssh
printf 'UseDNS no\\nPasswordAuthentication no\\n' >/etc/ssh/sshd_config.d/lab.conf
printf 'nameserver 127.0.0.1\\noptions timeout:1 attempts:1\\n' >/etc/resolv.conf
printf '127.0.0.1 localhost\\n::1 localhost\\n' >/etc/hosts
printf '[Journal]\\nRateLimitBurst=0\\nStorage=persistent\\n' >/etc/systemd/journald.conf
echo Etc/UTC >/etc/timezone; ln -sf /usr/share/zoneinfo/Etc/UTC /etc/localtime
`;

/** Certificates for the TLS stacks: one authority; a good, an expired and a foreign-named leaf; one self-signed. */
const CERTIFICATES = `
set -e
mkdir -p /etc/ssl/shop; cd /etc/ssl/shop
exec 2>/dev/null
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
leaf() { # file name notBefore notAfter
  key "$1"
  openssl req -new -key "$1.key" -subj "/CN=$2" -addext "subjectAltName=DNS:$2" -out "$1.csr"
  openssl ca -batch -notext -config ca.cnf -startdate "$3" -enddate "$4" -in "$1.csr" -out "$1.crt"
}
cat >ca.cnf <<'CNF'
[ca]
default_ca=lab
[lab]
database=index.txt
serial=serial
new_certs_dir=.
certificate=ca.crt
private_key=ca.key
default_md=sha256
policy=any
copy_extensions=copy
unique_subject=no
[any]
commonName=supplied
CNF
: >index.txt; echo 01 >serial
key ca; openssl req -x509 -key ca.key -subj '/CN=Shop internal CA' -days 3650 -out ca.crt
leaf good app.internal 20250101000000Z 20450101000000Z
leaf expired app.internal 20250101000000Z 20250401000000Z
leaf other-name other.internal 20250101000000Z 20450101000000Z
key self-signed
openssl req -x509 -key self-signed.key -subj /CN=app.internal -addext subjectAltName=DNS:app.internal -days 3650 -out self-signed.crt
chmod 644 *.key
`;

export async function createBaseLayer(): Promise<BaseLayer> {
  await sweepDeadLabs();
  const directory = await mkdtemp(join(tmpdir(), LAB_DIRECTORY));
  const upper = join(directory, "base");
  const merged = join(directory, "merged");
  const close = async () => {
    await run(["umount", merged]);
    await run(["umount", directory]);
    await rm(directory, { recursive: true, force: true });
  };
  // A tmpfs, because layers of an overlay must not lie inside one another, and `/` is one of them.
  await mustRun(["mount", "-t", "tmpfs", "-o", "mode=700", "diagnose502-lab", directory]);
  try {
    await recordOwner(directory);
    for (const path of [upper, merged, join(directory, "work"), join(directory, "hosts")]) await mkdir(path);
    await mountOverlay({ lower: "/", upper, work: join(directory, "work"), merged });
    await mustRun(["chroot", merged, "/bin/sh"], { input: PREPARE + CERTIFICATES });
    const identityFile = join(directory, "id_ed25519");
    await mustRun(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", identityFile]);
    const authorized = join(merged, `home/${LOGIN}/.ssh/authorized_keys`);
    await copyFile(`${identityFile}.pub`, authorized);
    await writeFile(join(merged, "etc/sudoers.d/diagnose502"), sudoersFile(LOGIN), { mode: 0o440 });
    await mustRun(["chroot", merged, "chown", `${LOGIN}:`, `/home/${LOGIN}/.ssh/authorized_keys`]);
    await mustRun(["chroot", merged, "visudo", "-cq"]);
    if (!existsSync(join(merged, "usr/bin/node")))
      await copyFile(process.execPath, join(merged, "usr/local/bin/node"));
    const hostKey = await mustRun(["cat", join(merged, "etc/ssh/ssh_host_ed25519_key.pub")]);
    await mustRun(["umount", merged]);
    await hidePrivateTrees(upper);
    await mkdir(join(upper, "srv"), { recursive: true });
    await cp(join(import.meta.dirname, "apps"), join(upper, "srv/shop"), { recursive: true });
    await mustRun(["chmod", "-R", "a+rX", join(upper, "srv")]);
    return {
      id: labId(directory),
      directory,
      lowerDirectories: `${upper}:/`,
      identityFile,
      hostKey: hostKey.split(" ").slice(0, 2).join(" "),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

export function mountOverlay(layers: {
  readonly lower: string;
  readonly upper: string;
  readonly work: string;
  readonly merged: string;
}): Promise<string> {
  const options = `lowerdir=${layers.lower},upperdir=${layers.upper},workdir=${layers.work}`;
  return mustRun(["mount", "-t", "overlay", "diagnose502-lab", "-o", options, layers.merged]);
}

/** Written straight into the unmounted layer: a character device 0/0 hides a name, the attribute an underlying directory. */
async function hidePrivateTrees(upper: string): Promise<void> {
  for (const name of await readdir("/")) {
    if (!SYSTEM_DIRECTORIES.has(name)) await mustRun(["mknod", join(upper, name), "c", "0", "0"]);
  }
  for (const path of EMPTIED) await mkdir(join(upper, path), { recursive: true });
  await mustRun(["chmod", "1777", join(upper, "tmp"), join(upper, "var/tmp")]);
  await mustRun(["chmod", "700", join(upper, "root")]);
  const script = "import os,sys\nfor p in sys.argv[1:]: os.setxattr(p, 'trusted.overlay.opaque', b'y')";
  await mustRun(["python3", "-c", script, ...EMPTIED.map((path) => join(upper, path))]);
}
