/** Pieces of configuration that several stacks share, as Debian and the usual guides have them. */

export const EDGE = { name: "edge-1", ip: "10.77.0.10" } as const;
export const APP = { name: "app-1", ip: "10.77.0.20" } as const;
export const APP_2 = { name: "app-2", ip: "10.77.0.21" } as const;
/** Proxy and application on one machine. */
export const WEB = { name: "web-1", ip: "10.77.0.10" } as const;

export const APP_URL = `http://${APP.ip}:3000`;

/** A site of nginx: file in sites-available, linked. `body` is what stands in its server block. */
export function nginxSite(name: string, body: string, outside = ""): Record<string, string> {
  return {
    [`/etc/nginx/sites-enabled/${name}`]: `${outside}server {
    listen 80;
    listen [::]:80;
    server_name ${name};
${indent(body)}
}
`,
  };
}

/** The other site on the same proxy, with logs and an upstream of its own. */
export function nginxBlog(pass = "proxy_pass http://127.0.0.1:4000;"): Record<string, string> {
  return nginxSite(
    "blog.test",
    `access_log /var/log/nginx/access.log;
location / {
    include proxy_params;
    ${pass}
}`,
  );
}

/** A front controller behind FastCGI. */
export function phpLocation(pass: string, more = ""): string {
  return `root /srv/shop;
index shop.php;
location / {
    try_files $uri /shop.php$is_args$args;
}
location ~ \\.php$ {
    include snippets/fastcgi-php.conf;
    fastcgi_pass ${pass};${more}
}`;
}

export function fpmPool(name: string, listen: string, more = ""): Record<string, string> {
  return {
    [`/etc/php/8.2/fpm/pool.d/${name}.conf`]: `[${name}]
user = www-data
group = www-data
listen = ${listen}
listen.owner = www-data
listen.group = www-data
pm = dynamic
pm.max_children = 5
pm.start_servers = 2
pm.min_spare_servers = 1
pm.max_spare_servers = 3
php_admin_value[ffi.enable] = 1
${more}`,
  };
}

/** A Node application under systemd. */
export function nodeUnit(
  options: {
    readonly environment?: Readonly<Record<string, string>>;
    readonly service?: string;
    readonly exec?: string;
  } = {},
): Record<string, string> {
  const environment = Object.entries({ NODE_ENV: "production", PORT: "3000", ...options.environment });
  return {
    "/etc/systemd/system/shop.service": `[Unit]
Description=Shop (Node)
After=network.target

[Service]
User=shop
WorkingDirectory=/srv/shop
${environment.map(([name, value]) => `Environment=${name}=${value}`).join("\n")}
ExecStart=${options.exec ?? "/usr/bin/node /srv/shop/shop.mjs"}
Restart=on-failure
RestartSec=200ms
${options.service ?? ""}
[Install]
WantedBy=multi-user.target
`,
  };
}

/** A WSGI application under gunicorn, as the Django deployment guides have it. */
export function gunicornUnit(
  bind: string,
  options: {
    readonly name?: string;
    readonly flags?: string;
    readonly environment?: string;
    readonly service?: string;
  } = {},
): Record<string, string> {
  const name = options.name ?? "shop";
  return {
    [`/etc/systemd/system/${name}.service`]: `[Unit]
Description=gunicorn daemon for ${name}
After=network.target

[Service]
Type=notify
User=www-data
Group=www-data
RuntimeDirectory=${name}
WorkingDirectory=/srv/shop
${options.environment ? `Environment=${options.environment}\n` : ""}ExecStart=/usr/bin/gunicorn --workers 2 --bind ${bind} ${options.flags ?? ""} shop:application
Restart=on-failure
${options.service ?? ""}
[Install]
WantedBy=multi-user.target
`,
  };
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => (line ? `    ${line}` : line))
    .join("\n");
}
