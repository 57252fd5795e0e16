/**
 * What must not be restarted by us, whoever approves it: it carries other sites, other people's data, or our own way in.
 * A configuration may add to this list, and nothing takes from it. Names are those of the units distributions ship;
 * a `*` at the end stands for any more letters.
 */
const NEVER: readonly { readonly what: string; readonly names: readonly string[] }[] = [
  {
    what: "a proxy that may serve other sites",
    names: words(
      "nginx openresty angie apache apache2 httpd haproxy caddy traefik envoy varnish squid hitch stunnel* pound keepalived",
    ),
  },
  {
    what: "a database, cache or queue",
    names: words(
      "mysql mysqld mysqld_safe mariadb mariadbd postgresql* pgbouncer mongod mongodb mongos redis* valkey* keydb* memcached rabbitmq* kafka* zookeeper nats nats-server activemq elasticsearch opensearch cassandra clickhouse-server etcd influxdb couchdb",
    ),
  },
  {
    what: "the way into the host",
    names: words("ssh sshd ssh.* sshd-* dropbear tailscaled openvpn* wg-quick"),
  },
  {
    what: "part of the system itself",
    names: words(
      "init dbus dbus-broker systemd-* user user-runtime-dir getty serial-getty polkit cron crond anacron atd auditd rsyslog cloud-init* chrony chronyd ntpd",
    ),
  },
  {
    what: "the host's network",
    names: words("network* dhclient dhcpcd wpa_supplicant named bind9 unbound dnsmasq"),
  },
  {
    what: "the host's firewall",
    names: words("nftables iptables ip6tables netfilter-persistent firewalld ufw shorewall* fail2ban"),
  },
  {
    what: "a container engine",
    names: words(
      "docker dockerd snap.docker.* containerd podman podman-* crio cri-o kubelet k3s k3s-agent rke2-* snap.microk8s.* lxc* lxd incus* libvirtd",
    ),
  },
  { what: "a process manager that may run other applications", names: words("pm2* supervisor* monit") },
  { what: "diagnose502 itself", names: words("diagnose502*") },
];

/** Kinds of units that hold one service; targets, slices, mounts and scopes hold many, or none. */
const KINDS = [".service", ".socket"];

/** What makes a unit one that is never restarted, for a sentence `<unit> is …`; undefined when nothing does. */
export function whyNeverTouched(unit: string): string | undefined {
  const kind = KINDS.find((suffix) => unit.endsWith(suffix));
  if (kind === undefined) return "no service of its own";
  const name = unit.slice(0, -kind.length).toLowerCase();
  const template = name.includes("@") ? name.slice(0, name.indexOf("@")) : name;
  return NEVER.find(({ names }) => names.some((pattern) => fits(template, pattern)))?.what;
}

/** True for a unit that is never restarted by us. `unit` with its suffix; ask for its `Id` and every alias. */
export function isNeverTouched(unit: string): boolean {
  return whyNeverTouched(unit) !== undefined;
}

function fits(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function words(text: string): readonly string[] {
  return text.split(" ");
}
