import type { Stack } from "../stack.ts";
import { APP, EDGE, fpmPool, gunicornUnit, nginxSite, nodeUnit, phpLocation } from "./parts.ts";

/** Debian's haproxy.cfg, its timers shortened, with two backends chosen by host name. */
function haproxyConfig(servers: string): Record<string, string> {
  return {
    "/etc/haproxy/haproxy.cfg": `global
    log /dev/log local0
    log /dev/log local1 notice
    chroot /var/lib/haproxy
    stats socket /run/haproxy/admin.sock mode 660 level admin
    stats timeout 30s
    user haproxy
    group haproxy
    daemon

defaults
    log global
    mode http
    option httplog
    option dontlognull
    timeout connect 2s
    timeout client 20s
    timeout server 2s
    timeout http-keep-alive 10s
    retries 1
    errorfile 502 /etc/haproxy/errors/502.http
    errorfile 503 /etc/haproxy/errors/503.http
    errorfile 504 /etc/haproxy/errors/504.http

frontend www
    bind *:80
    acl is_blog hdr(host) -i blog.test
    use_backend blog if is_blog
    default_backend shop

backend shop
${servers
  .split("\n")
  .map((line) => `    ${line}`)
  .join("\n")}

backend blog
    server blog1 127.0.0.1:4000
`,
  };
}

const edge = (servers: string) => ({ ...EDGE, files: haproxyConfig(servers), units: ["haproxy"] });

function haproxyStack(name: string, servers: string, app: Stack["hosts"][number]): Stack {
  return { name, hosts: [edge(servers), app], proxies: [EDGE.name], upstreams: [app.name] };
}

const chain = haproxyStack("haproxy-nginx-fpm", `server web1 ${APP.ip}:80`, {
  ...APP,
  files: {
    ...nginxSite("shop.test", phpLocation("unix:/run/php/php8.2-fpm.sock", "\n    fastcgi_read_timeout 2s;")),
    ...fpmPool("www", "/run/php/php8.2-fpm.sock"),
  },
  units: ["nginx", "php8.2-fpm"],
});

export const haproxyStacks: readonly Stack[] = [
  haproxyStack("haproxy-node", `server app1 ${APP.ip}:3000`, { ...APP, files: nodeUnit(), units: ["shop"] }),
  haproxyStack(
    "haproxy-gunicorn-pair",
    `balance roundrobin
option httpchk GET /
default-server inter 500ms fall 2 rise 1
server a ${APP.ip}:8001 check
server b ${APP.ip}:8002 check`,
    {
      ...APP,
      files: {
        ...gunicornUnit("0.0.0.0:8001", { name: "shop-a" }),
        ...gunicornUnit("0.0.0.0:8002", { name: "shop-b" }),
      },
      units: ["shop-a", "shop-b"],
    },
  ),
  haproxyStack(
    "haproxy-https-node",
    `server app1 ${APP.ip}:3443 ssl verify required ca-file /etc/ssl/shop/ca.crt sni str(app.internal)`,
    {
      ...APP,
      files: nodeUnit({
        environment: { PORT: "3443", TLS_CERT: "/etc/ssl/shop/good.crt", TLS_KEY: "/etc/ssl/shop/good.key" },
      }),
      units: ["shop"],
    },
  ),
  chain,
  // The operator gives access to the outer proxy only.
  { ...chain, name: "haproxy-nginx-unseen", upstreams: [] },
];
