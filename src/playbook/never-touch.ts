interface Forbidden {
  readonly what: string;
  readonly names: readonly string[];
}

/**
 * What must not be restarted by us, whoever approves it: it carries other sites, other people's data, or our own way in.
 * A configuration may add to this list, and nothing takes from it. Names are those of the units distributions ship;
 * a `*` at the end stands for anything more, a `+` for what does not go on as a word (`redis6`, not `redistribution`), and only behind an `@`
 * for instances alone: `user.service` is somebody's application.
 */
const SHARED: readonly Forbidden[] = [
  {
    what: "a proxy that may serve other sites",
    names: words(
      "nginx nginx-* nginx_* openresty* angie angie-* apache apache2 apache2-* httpd httpd-* lighttpd* openlitespeed* lshttpd lsws haproxy haproxy-* haproxy_* caddy caddy-* caddy_* traefik traefik-* traefik_* envoy envoy-* envoy_* varnish* squid squid-* hitch stunnel* pound keepalived kong cloudflared* reverse-proxy reverse_proxy load-balancer load_balancer loadbalancer",
    ),
  },
  {
    what: "a database, cache or queue",
    names: words(
      "db database pg mysql* mariadb* proxysql* maxscale* postgres* postgis* pgvector* pgbouncer* pgpool* pgcat* patroni+ timescale* cockroach* mongo+ mongod* mongos+ redis+ valkey* keydb* dragonfly* memcache* rabbitmq* kafka* redpanda* zookeeper* nats nats-* activemq* mosquitto* emqx* beanstalkd elasticsearch* opensearch* solr* meilisearch* typesense* cassandra* scylla* clickhouse* mssql* sqlserver* oracledb etcd* influx* questdb* couchdb* couchbase* neo4j* arangodb* rethinkdb* tarantool* minio minio-* minio_*",
    ),
  },
];

const NEVER: readonly Forbidden[] = [
  ...SHARED,
  {
    what: "the way into the host",
    names: words("ssh sshd ssh.* sshd-* dropbear tailscaled openvpn* wg-quick"),
  },
  {
    what: "part of the system itself",
    names: words(
      "init dbus dbus-broker systemd-* user@* user-runtime-dir getty serial-getty polkit cron crond anacron atd auditd rsyslog cloud-init* chrony chronyd ntpd",
    ),
  },
  {
    what: "the host's network",
    names: words(
      "network networking network-manager* networkmanager* networkd-dispatcher dhclient dhcpcd wpa_supplicant named bind9 unbound dnsmasq",
    ),
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

/** Behind the name of a proxy or database, these tell of an application that uses it. */
const USERS = words("api client consumer exporter producer publisher subscriber worker workers");

/** Kinds of units that hold one service; targets, slices, mounts and scopes hold many, or none. */
const KINDS = [".service", ".socket"];

/** What makes a unit one that is never restarted, for a sentence `<unit> is …`; undefined when nothing does. */
export function whyNeverTouched(unit: string): string | undefined {
  const kind = KINDS.find((suffix) => unit.endsWith(suffix));
  if (kind === undefined) return "no service of its own";
  const name = unit.slice(0, -kind.length).toLowerCase();
  const template = name.includes("@") ? name.slice(0, name.indexOf("@")) : name;
  const isMeant = (pattern: string) => fits(pattern.includes("@") ? name : template, pattern);
  return NEVER.find(({ names }) => names.some(isMeant))?.what;
}

/**
 * The same for the name of a container, PM2 app or supervisord program. Distributions name units after what runs in them, so that a unit's
 * whole name tells: `shop-redis-worker.service` is the shop's. Containers are named after their project first and their image last
 * (`shop-postgres-1`), so that each part of their name counts, without the digits at its end; but not what a later part uses:
 * `shop-redis-1` and `worker-redis` are databases, `shop-redis-worker-1` is an application. When in doubt they are not restarted.
 */
export function whyNameNeverTouched(name: string): string | undefined {
  const whole = whyNeverTouched(`${name}.service`);
  if (whole !== undefined) return whole;
  const parts = name
    .toLowerCase()
    .split(/[-_.]+/)
    .map((part) => part.replace(/(?<!\d)\d+$/, ""));
  const own = parts.slice(parts.findLastIndex((part) => USERS.includes(part)) + 1);
  return SHARED.find(({ names }) => own.some((part) => names.some((pattern) => fits(part, pattern))))?.what;
}

/** True for a unit that is never restarted by us. `unit` with its suffix; ask for its `Id` and every alias. */
export function isNeverTouched(unit: string): boolean {
  return whyNeverTouched(unit) !== undefined;
}

function fits(name: string, pattern: string): boolean {
  const stem = pattern.slice(0, -1);
  if (pattern.endsWith("*")) return name.startsWith(stem);
  if (pattern.endsWith("+")) return name.startsWith(stem) && !/^[a-z]/.test(name.slice(stem.length));
  return name === pattern;
}

function words(text: string): readonly string[] {
  return text.split(" ");
}
