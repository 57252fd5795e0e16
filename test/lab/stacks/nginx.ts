import type { Stack } from "../stack.ts";
import {
  APP,
  APP_2,
  APP_URL,
  EDGE,
  fpmPool,
  gunicornUnit,
  nginxBlog,
  nginxSite,
  nodeUnit,
  phpLocation,
  WEB,
} from "./parts.ts";

const FPM_SOCKET = "/run/php/php8.2-fpm.sock";

/** An access log that says what the upstream did, as larger sites have it. */
const UPSTREAM_LOG_FORMAT = {
  "/etc/nginx/conf.d/log-format.conf": `log_format upstream '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent" $host rt=$request_time uct=$upstream_connect_time '
    'uht=$upstream_header_time urt=$upstream_response_time us=$upstream_status ua=$upstream_addr';
`,
};

const proxied = (pass: string, more = "") => `location / {
    include proxy_params;
    proxy_pass ${pass};
    proxy_connect_timeout 2s;
    proxy_read_timeout 2s;${more}
}`;

const nodeApp = { ...APP, files: nodeUnit(), units: ["shop"] };

function edge(files: Readonly<Record<string, string>>) {
  return { ...EDGE, files: { ...files, ...nginxBlog() }, units: ["nginx"] };
}

function twoHosts(name: string, files: Readonly<Record<string, string>>, app: Stack["hosts"][number]): Stack {
  return { name, hosts: [edge(files), app], proxies: [EDGE.name], upstreams: [app.name] };
}

function oneHost(name: string, host: Omit<Stack["hosts"][number], "name" | "ip">): Stack {
  return { name, hosts: [{ ...WEB, ...host }], proxies: [WEB.name], upstreams: [] };
}

export const nginxStacks: readonly Stack[] = [
  oneHost("nginx-fpm-socket", {
    files: {
      ...nginxSite("shop.test", phpLocation(`unix:${FPM_SOCKET}`, "\n    fastcgi_read_timeout 2s;")),
      ...nginxBlog(),
      ...fpmPool("www", FPM_SOCKET),
    },
    units: ["nginx", "php8.2-fpm"],
  }),
  twoHosts(
    "nginx-fpm-tcp",
    nginxSite(
      "shop.test",
      `error_log /var/log/nginx/shop.error.log;
access_log /var/log/nginx/shop.access.log;
${phpLocation("php", "\n    fastcgi_connect_timeout 2s;\n    fastcgi_read_timeout 2s;")}`,
      `upstream php {\n    server ${APP.ip}:9000;\n}\n\n`,
    ),
    { ...APP, files: fpmPool("www", `${APP.ip}:9000`), units: ["php8.2-fpm"] },
  ),
  twoHosts("nginx-node", nginxSite("shop.test", proxied(APP_URL)), nodeApp),
  oneHost("nginx-node-local", {
    files: {
      ...nginxSite(
        "shop.test",
        `error_log /var/log/nginx/shop.error.log;\n${proxied("http://$backend")}`,
        `map $host $backend {\n    default 127.0.0.1:3000;\n    blog.test 127.0.0.1:4000;\n}\n\n`,
      ),
      ...nodeUnit({ environment: { HOST: "127.0.0.1" } }),
    },
    units: ["nginx", "shop"],
  }),
  oneHost("nginx-gunicorn-socket", {
    files: {
      ...nginxSite("shop.test", proxied("http://unix:/run/shop/gunicorn.sock")),
      ...nginxBlog(),
      ...gunicornUnit("unix:/run/shop/gunicorn.sock", { flags: "--timeout 30" }),
    },
    units: ["nginx", "shop"],
  }),
  twoHosts(
    "nginx-gunicorn-tcp",
    {
      ...UPSTREAM_LOG_FORMAT,
      ...nginxSite(
        "shop.test",
        `access_log /var/log/nginx/shop.access.log upstream;\n${proxied(`http://${APP.ip}:8000`)}`,
      ),
    },
    { ...APP, files: gunicornUnit("0.0.0.0:8000"), units: ["shop"] },
  ),
  oneHost("nginx-uwsgi", {
    files: {
      ...nginxSite(
        "shop.test",
        `location / {
    include uwsgi_params;
    uwsgi_pass unix:/run/uwsgi-shop/shop.sock;
    uwsgi_read_timeout 4s;
}`,
      ),
      "/etc/uwsgi/apps-available/shop.ini": `[uwsgi]
plugins = python3
chdir = /srv/shop
module = shop:application
master = true
processes = 2
socket = /run/uwsgi-shop/shop.sock
chmod-socket = 660
vacuum = true
die-on-term = true
`,
      "/etc/systemd/system/uwsgi-shop.service": `[Unit]
Description=uWSGI instance to serve shop
After=network.target

[Service]
Type=notify
NotifyAccess=all
User=www-data
Group=www-data
RuntimeDirectory=uwsgi-shop
ExecStart=/usr/bin/uwsgi --ini /etc/uwsgi/apps-available/shop.ini
Restart=on-failure

[Install]
WantedBy=multi-user.target
`,
    },
    units: ["nginx", "uwsgi-shop"],
  }),
  oneHost("nginx-tomcat", {
    files: {
      ...nginxSite("shop.test", proxied("http://127.0.0.1:8080")),
      "/var/lib/tomcat10/webapps/ROOT/index.html": "shop ok\n",
    },
    units: ["nginx", "tomcat10"],
  }),
  {
    name: "nginx-node-pair",
    hosts: [
      edge({
        ...UPSTREAM_LOG_FORMAT,
        ...nginxSite(
          "shop.test",
          `access_log /var/log/nginx/shop.access.log upstream;\n${proxied("http://shop_nodes")}`,
          `upstream shop_nodes {\n    server ${APP.ip}:3000;\n    server ${APP_2.ip}:3000;\n}\n\n`,
        ),
      }),
      nodeApp,
      { ...nodeApp, ...APP_2 },
    ],
    proxies: [EDGE.name],
    upstreams: [APP.name, APP_2.name],
  },
  twoHosts(
    "nginx-https-node",
    nginxSite(
      "shop.test",
      proxied(`https://${APP.ip}:3443`, "\n    proxy_ssl_server_name on;\n    proxy_ssl_name app.internal;"),
    ),
    {
      ...APP,
      files: nodeUnit({
        environment: { PORT: "3443", TLS_CERT: "/etc/ssl/shop/good.crt", TLS_KEY: "/etc/ssl/shop/good.key" },
      }),
      units: ["shop"],
    },
  ),
  twoHosts(
    "nginx-https-nginx",
    nginxSite(
      "shop.test",
      proxied(`https://${APP.ip}`, "\n    proxy_ssl_server_name on;\n    proxy_ssl_name app.internal;"),
    ),
    {
      ...APP,
      files: {
        "/etc/nginx/sites-enabled/default": `server {
    listen 443 ssl default_server;
    ssl_reject_handshake on;
}
server {
    listen 443 ssl;
    server_name app.internal;
    ssl_certificate /etc/ssl/shop/good.crt;
    ssl_certificate_key /etc/ssl/shop/good.key;
    location / {
        return 200 "shop ok\\n";
    }
}
`,
      },
      units: ["nginx"],
    },
  ),
  {
    name: "nginx-named",
    hosts: [
      edge({
        "/etc/names": `app.internal ${APP.ip}\n`,
        "/etc/systemd/system/names.service": `[Unit]
Description=Internal name server

[Service]
ExecStart=/usr/bin/python3 /srv/shop/names.py

[Install]
WantedBy=multi-user.target
`,
        ...nginxSite(
          "shop.test",
          `resolver 127.0.0.1 valid=1s ipv6=off;
resolver_timeout 2s;
set $shop_upstream app.internal;
${proxied("http://$shop_upstream:3000")}`,
        ),
      }),
      nodeApp,
    ].map((host, index) => (index === 0 ? { ...host, units: ["nginx", "names"] } : host)),
    proxies: [EDGE.name],
    upstreams: [APP.name],
  },
  {
    // The name is looked up once, when nginx starts: the field's usual stale address.
    name: "nginx-named-once",
    hosts: [
      {
        ...edge(nginxSite("shop.test", proxied("http://app.internal:3000"))),
        setup: `echo "${APP.ip} app.internal" >>/etc/hosts`,
      },
      nodeApp,
      { ...nodeApp, ...APP_2, units: [] },
    ],
    proxies: [EDGE.name],
    upstreams: [APP.name, APP_2.name],
  },
  oneHost("nginx-fpm-mariadb", {
    files: {
      ...nginxSite("shop.test", phpLocation(`unix:${FPM_SOCKET}`, "\n    fastcgi_read_timeout 5s;")),
      ...fpmPool("www", FPM_SOCKET, "env[SHOP_DATABASE] = 127.0.0.1\ncatch_workers_output = yes\n"),
      "/etc/mysql/init.sql":
        "CREATE DATABASE shop;\nGRANT ALL ON shop.* TO shop@'127.0.0.1' IDENTIFIED BY 'shop';\n",
      "/etc/mysql/mariadb.conf.d/99-shop.cnf":
        "[mysqld]\ninit_file=/etc/mysql/init.sql\nskip_name_resolve\nlog_error=/var/log/mysql/error.log\n",
    },
    units: ["nginx", "php8.2-fpm", "mariadb"],
  }),
  oneHost("nginx-gunicorn-postgres", {
    files: {
      ...nginxSite("shop.test", proxied("http://unix:/run/shop/gunicorn.sock")),
      ...gunicornUnit("unix:/run/shop/gunicorn.sock", {
        environment: '"SHOP_POSTGRES=host=127.0.0.1 user=postgres dbname=postgres"',
      }),
    },
    setup: `sed -i 's/^\\(host .*127.0.0.1.32 *\\).*/\\1trust/' /etc/postgresql/*/main/pg_hba.conf`,
    units: ["nginx", "shop", "postgresql"],
  }),
  oneHost("nginx-node-redis", {
    files: {
      ...nginxSite("shop.test", proxied("http://127.0.0.1:3000")),
      ...nodeUnit({ environment: { HOST: "127.0.0.1", REDIS: "127.0.0.1" } }),
    },
    units: ["nginx", "shop", "redis-server"],
  }),
];
