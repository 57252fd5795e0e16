import { edit, editAndReload, overrideUnit } from "../faults.ts";
import type { LabCase } from "../lab-case.ts";
import type { RunningStack } from "../stack.ts";

const SITE = "/etc/nginx/sites-enabled/shop.test";
const RELOAD = "systemctl reload nginx; sleep 0.4";
const VERIFY = `proxy_ssl_verify on;
    proxy_ssl_trusted_certificate /etc/ssl/shop/ca.crt;
    proxy_ssl_server_name on;`;

function serveCertificate(lab: RunningStack, name: string): Promise<void> {
  const environment = `Environment=TLS_CERT=/etc/ssl/shop/${name}.crt TLS_KEY=/etc/ssl/shop/${name}.key`;
  return overrideUnit(lab.host("app-1"), "shop", environment);
}

async function verify(lab: RunningStack): Promise<void> {
  await edit(lab.host("edge-1"), SITE, "proxy_ssl_server_name on;", VERIFY);
  await lab.on("edge-1", RELOAD);
}

/** HTTPS between nginx and the application. */
export const tlsCases: readonly LabCase[] = [
  {
    // nginx does not look at the certificate unless told to: the site works, and that is the truth.
    name: "healthy--nginx-https-node--expired-unverified",
    stack: "nginx-https-node",
    truth: { status: [200], causes: [], outcomes: ["healthy", "recovered"], restartHelps: ["no"] },
    fault: (lab) => serveCertificate(lab, "expired").then(() => lab.on("app-1", "sleep 0.5")),
  },
  ...(["expired", "self-signed", "other-name"] as const).map(
    (certificate): LabCase => ({
      name: `tls-certificate-rejected--nginx-https-node--${certificate}`,
      stack: "nginx-https-node",
      truth: { status: [502], causes: ["tls-certificate-rejected"], restartHelps: ["no"] },
      async fault(lab) {
        await verify(lab);
        await serveCertificate(lab, certificate);
        await lab.on("app-1", "sleep 0.5");
      },
    }),
  ),
  {
    name: "tls-handshake-failed--nginx-https-node--version",
    stack: "nginx-https-node",
    truth: { status: [502], causes: ["tls-handshake-failed"], restartHelps: ["no"] },
    async fault(lab) {
      await overrideUnit(lab.host("app-1"), "shop", "Environment=TLS_MAX=TLSv1.2");
      await edit(
        lab.host("edge-1"),
        SITE,
        "proxy_ssl_server_name on;",
        "proxy_ssl_server_name on;\n    proxy_ssl_protocols TLSv1.3;",
      );
      await lab.on("edge-1", RELOAD);
    },
  },
  {
    name: "tls-handshake-failed--nginx-https-nginx--no-sni",
    stack: "nginx-https-nginx",
    truth: { status: [502], causes: ["tls-handshake-failed"], restartHelps: ["no"] },
    fault: (lab) =>
      editAndReload(lab.host("edge-1"), {
        path: SITE,
        from: "proxy_ssl_server_name on;",
        to: "",
        unit: "nginx",
      }),
  },
  {
    name: "protocol-mismatch--nginx-node--tls-to-plain",
    stack: "nginx-node",
    truth: { status: [502], causes: ["protocol-mismatch"], restartHelps: ["no"] },
    fault: (lab) =>
      editAndReload(lab.host("edge-1"), {
        path: SITE,
        from: "proxy_pass http://",
        to: "proxy_pass https://",
        unit: "nginx",
      }),
  },
  {
    name: "protocol-mismatch--nginx-https-node--plain-to-tls",
    stack: "nginx-https-node",
    truth: { status: [502], causes: ["protocol-mismatch"], restartHelps: ["no"] },
    fault: (lab) =>
      editAndReload(lab.host("edge-1"), {
        path: SITE,
        from: "proxy_pass https://",
        to: "proxy_pass http://",
        unit: "nginx",
      }),
  },
];
