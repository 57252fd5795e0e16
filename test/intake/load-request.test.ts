import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadRequest } from "../../src/intake/load-request.ts";
import { makeEnvironment } from "../config/make-environment.ts";
import { temporaryDirectory } from "../config/temporary-directory.ts";

test("the request is made of the config, ssh_config and the keys that are really there", async (t) => {
  const home = temporaryDirectory(t);
  mkdirSync(join(home, ".ssh"), { mode: 0o700 });
  const write = (file: string, text: string) => writeFileSync(join(home, file), text, { mode: 0o600 });
  write("d5.yaml", "hosts: { web: {} }\nsites: { shop: { url: 'https://shop.example.com/', proxy: web } }\n");
  write(".ssh/config", "Host web\n  HostName 192.0.2.7\nMatch exec true\n  User x\n");
  write(".ssh/id_ed25519", "key");
  mkdirSync(join(home, ".ssh/id_rsa"));
  const options = { target: "shop", proxies: [], upstreams: [], local: false, config: "d5.yaml" };
  const environment = makeEnvironment({ home, workingDirectory: home });

  const { request, notes } = await loadRequest(options, environment);
  const [web] = request.proxies;
  assert.ok(web?.how.kind === "ssh");
  assert.equal(web.how.address, "192.0.2.7");
  assert.deepEqual(web.how.identityFiles, [join(home, ".ssh/id_ed25519")]);
  assert.deepEqual(notes, [
    `${join(home, ".ssh/config")}:3: "Match exec" is not followed; its block is ignored`,
  ]);
});
