import type { Stack } from "../stack.ts";
import { APP, APP_URL, EDGE, fpmPool, gunicornUnit, nodeUnit, WEB } from "./parts.ts";

const FPM_SOCKET = "/run/php/php8.2-fpm.sock";

/** A virtual host, beside another one that has its own logs. */
function apacheSite(body: string, outside = ""): Record<string, string> {
  return {
    "/etc/apache2/sites-enabled/shop.test.conf": `${outside}<VirtualHost *:80>
    ServerName shop.test
    ServerAlias www.shop.test
    ErrorLog \${APACHE_LOG_DIR}/error.log
    CustomLog \${APACHE_LOG_DIR}/access.log combined
${body
  .split("\n")
  .map((line) => (line ? `    ${line}` : line))
  .join("\n")}
</VirtualHost>
`,
    "/etc/apache2/sites-enabled/blog.test.conf": `<VirtualHost *:80>
    ServerName blog.test
    ErrorLog \${APACHE_LOG_DIR}/blog-error.log
    CustomLog \${APACHE_LOG_DIR}/blog-access.log combined
    ProxyPass / http://127.0.0.1:4000/
</VirtualHost>
`,
  };
}

const modules = (names: string) => `a2enmod -q ${names} >/dev/null`;

const PHP_SITE = (handler: string) => `DocumentRoot /srv/shop
<Directory /srv/shop>
    Require all granted
    DirectoryIndex shop.php
    FallbackResource /shop.php
</Directory>
<FilesMatch "\\.php$">
    SetHandler "${handler}"
</FilesMatch>`;

export const apacheStacks: readonly Stack[] = [
  {
    name: "apache-fpm-socket",
    hosts: [
      {
        ...WEB,
        files: {
          ...apacheSite(PHP_SITE(`proxy:unix:${FPM_SOCKET}|fcgi://localhost`)),
          ...fpmPool("www", FPM_SOCKET),
        },
        setup: modules("proxy proxy_fcgi proxy_http"),
        units: ["apache2", "php8.2-fpm"],
      },
    ],
    proxies: [WEB.name],
    upstreams: [],
  },
  {
    name: "apache-fpm-tcp",
    hosts: [
      {
        ...EDGE,
        files: apacheSite(PHP_SITE(`proxy:fcgi://${APP.ip}:9000`)),
        setup: modules("proxy proxy_fcgi proxy_http"),
        units: ["apache2"],
      },
      { ...APP, files: fpmPool("www", `${APP.ip}:9000`), units: ["php8.2-fpm"] },
    ],
    proxies: [EDGE.name],
    upstreams: [APP.name],
  },
  {
    name: "apache-node",
    hosts: [
      {
        ...EDGE,
        files: apacheSite(`ProxyPreserveHost On
ProxyTimeout 2
ProxyPass / ${APP_URL}/ connectiontimeout=2
ProxyPassReverse / ${APP_URL}/`),
        setup: modules("proxy proxy_http"),
        units: ["apache2"],
      },
      { ...APP, files: nodeUnit(), units: ["shop"] },
    ],
    proxies: [EDGE.name],
    upstreams: [APP.name],
  },
  {
    name: "apache-https-node",
    hosts: [
      {
        ...EDGE,
        files: apacheSite(`SSLProxyEngine on
SSLProxyCACertificateFile /etc/ssl/shop/ca.crt
ProxyPass / https://app.internal:3443/
ProxyPassReverse / https://app.internal:3443/`),
        setup: `${modules("proxy proxy_http ssl")}; echo "${APP.ip} app.internal" >>/etc/hosts`,
        units: ["apache2"],
      },
      {
        ...APP,
        files: nodeUnit({
          environment: {
            PORT: "3443",
            TLS_CERT: "/etc/ssl/shop/good.crt",
            TLS_KEY: "/etc/ssl/shop/good.key",
          },
        }),
        units: ["shop"],
      },
    ],
    proxies: [EDGE.name],
    upstreams: [APP.name],
  },
  {
    name: "apache-gunicorn-balancer",
    hosts: [
      {
        ...EDGE,
        files: apacheSite(
          `ProxyPass / balancer://shop/
ProxyPassReverse / balancer://shop/`,
          `<Proxy "balancer://shop">
    BalancerMember http://${APP.ip}:8001 connectiontimeout=2
    BalancerMember http://${APP.ip}:8002 connectiontimeout=2
</Proxy>

`,
        ),
        setup: modules("proxy proxy_http proxy_balancer lbmethod_byrequests"),
        units: ["apache2"],
      },
      {
        ...APP,
        files: {
          ...gunicornUnit("0.0.0.0:8001", { name: "shop-a" }),
          ...gunicornUnit("0.0.0.0:8002", { name: "shop-b" }),
        },
        units: ["shop-a", "shop-b"],
      },
    ],
    proxies: [EDGE.name],
    upstreams: [APP.name],
  },
  {
    name: "apache-tomcat-ajp",
    hosts: [
      {
        ...WEB,
        files: {
          ...apacheSite("ProxyPass / ajp://127.0.0.1:8009/ secret=between-us"),
          "/var/lib/tomcat10/webapps/ROOT/index.html": "shop ok\n",
        },
        setup: `${modules("proxy proxy_ajp proxy_http")}
sed -i 's|<Engine |<Connector protocol="AJP/1.3" address="127.0.0.1" port="8009" secret="between-us" />\\n    <Engine |' /etc/tomcat10/server.xml`,
        units: ["apache2", "tomcat10"],
      },
    ],
    proxies: [WEB.name],
    upstreams: [],
  },
];
