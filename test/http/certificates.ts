import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a TLS server needs, PEM. */
interface Identity {
  readonly key: string;
  readonly cert: string;
}

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  issue(options: { readonly names: string; readonly days?: number }): Identity;
}

const EC_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

function openssl(args: readonly string[]): void {
  execFileSync("openssl", args, { stdio: "pipe" });
}

/** A certificate authority in `directory`; `names` as openssl writes them (`DNS:shop.test`), negative `days` are in the past. */
export function makeAuthority(directory: string): Authority {
  const caKey = join(directory, "ca.key");
  const caCert = join(directory, "ca.pem");
  openssl(["req", "-x509", ...EC_KEY, "-keyout", caKey, "-out", caCert, "-subj", "/CN=Test Authority"]);
  return {
    certificate: readFileSync(caCert, "utf8"),
    issue: ({ names, days = 30 }) => {
      const key = join(directory, "leaf.key");
      const request = join(directory, "leaf.csr");
      const cert = join(directory, "leaf.pem");
      const extensions = join(directory, "leaf.cnf");
      writeFileSync(extensions, `subjectAltName=${names}\n`);
      openssl(["req", ...EC_KEY, "-keyout", key, "-out", request, "-subj", "/O=Test Shop/CN=shop.test"]);
      const signed = ["-CA", caCert, "-CAkey", caKey, "-CAcreateserial", "-extfile", extensions];
      openssl(["x509", "-req", "-in", request, ...signed, "-days", String(days), "-out", cert]);
      return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
    },
  };
}
