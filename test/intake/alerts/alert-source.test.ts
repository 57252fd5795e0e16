import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { AlertSourceConfig } from "../../../src/config/config.ts";
import { loadAlertSources } from "../../../src/intake/alerts/alert-source.ts";
import { isProven } from "../../../src/intake/alerts/prove-sender.ts";
import { temporaryDirectory } from "../../config/temporary-directory.ts";
import { TOKEN } from "./receiver.ts";
import { SHIPPED_MAPPINGS } from "./shipped-mapping.ts";

function load(
  config: Partial<AlertSourceConfig>,
  variables: Readonly<Record<string, string>> = { SECRET: TOKEN },
) {
  const source: AlertSourceConfig = {
    ...{ name: "monitoring", mapping: "alertmanager" },
    places: {
      mapping: "d.yaml:2:15: alerts.monitoring.mapping",
      proof: "d.yaml:3:5: alerts.monitoring.proof",
    },
    proof: { kind: "token", token: { env: "SECRET" } },
    ...config,
  };
  const environment = { variable: (name: string) => variables[name] };
  return loadAlertSources([source], { environment, shipped: SHIPPED_MAPPINGS });
}

test("of a token only its digest is kept", async () => {
  const [source] = await load({ site: "shop" });
  assert.equal(source?.site, "shop");
  assert.equal(source?.mapping.title, "Prometheus Alertmanager");
  assert.ok(source?.proof.kind === "header" && source.proof.digest.length === 32);
  assert.ok(!JSON.stringify(source).includes(TOKEN));
});

test("a mapping of one's own is named by its file", async (t) => {
  const file = join(temporaryDirectory(t), "own.yaml");
  writeFileSync(
    file,
    "title: Own\nproofs: [token]\nstatus: { fields: [s], values: { up: resolved } }\nfingerprint: { fields: [id] }\ncandidates: [url]\nname: [url]\n",
  );
  assert.equal((await load({ mapping: file }))[0]?.mapping.title, "Own");
  chmodSync(file, 0o666);
  await assert.rejects(load({ mapping: file }), {
    code: "CONFIG_INVALID",
    message: /can be written by others/,
  });
});

const REFUSED: readonly (readonly [string, Partial<AlertSourceConfig>, Record<string, string>, RegExp])[] = [
  [
    "a short secret",
    {},
    { SECRET: "changeme" },
    /^d\.yaml:3:5: alerts\.monitoring\.proof: the secret has 8 characters, and at least 32/,
  ],
  ["a secret of few characters", {}, { SECRET: "abc".repeat(20) }, /can be guessed/],
  ["a secret that no header carries", {}, { SECRET: `${TOKEN} ` }, /holds spaces/],
  ["a secret that is not there", {}, {}, /SECRET is not set/],
  [
    "a mapping nobody ships",
    { mapping: "alertmanger" },
    { SECRET: TOKEN },
    /^d\.yaml:2:15: alerts\.monitoring\.mapping: No alert mapping .* \(did you mean "alertmanager"/,
  ],
  [
    "a mapping outside its folder",
    { mapping: "../package" },
    { SECRET: TOKEN },
    /No alert mapping is called/,
  ],
  [
    "a file that is not there",
    { mapping: "/nowhere/own.yaml" },
    { SECRET: TOKEN },
    /^d\.yaml:2:15: .*cannot be read \(ENOENT\)/,
  ],
  [
    "a proof the sender cannot give",
    { proof: { kind: "hmac", key: { env: "SECRET" } } },
    { SECRET: TOKEN },
    /^d\.yaml:3:5: .*: Prometheus Alertmanager cannot prove itself so/,
  ],
];

for (const [title, config, variables, message] of REFUSED) {
  test(`${title} stops the start, without showing a secret`, async () => {
    await assert.rejects(load(config, variables), (error: Error) => {
      assert.match(error.message, message);
      assert.ok(!error.message.includes(TOKEN));
      return true;
    });
  });
}

const PROOFS: readonly (readonly [string, AlertSourceConfig["proof"], Record<string, string>])[] = [
  ["token", { kind: "token", token: { env: "SECRET" } }, { authorization: `Bearer ${TOKEN}` }],
  [
    "basic",
    { kind: "basic", user: "ana", password: { env: "SECRET" } },
    { authorization: `Basic ${Buffer.from(`ana:${TOKEN}`).toString("base64")}` },
  ],
  ["header", { kind: "header", name: "X-Secret", value: { env: "SECRET" } }, { "x-secret": TOKEN }],
];

for (const [kind, proof, headers] of PROOFS) {
  test(`a sender may prove itself by ${kind}`, async () => {
    const [source] = await load({ proof });
    assert.ok(source);
    const request = { rawBody: Buffer.from("{}"), now: 0 };
    assert.ok(isProven(source.proof, { ...request, headers: new Headers(headers) }));
    assert.ok(!isProven(source.proof, { ...request, headers: new Headers() }));
  });
}
