import assert from "node:assert/strict";
import { test } from "node:test";
import { createSecureContext } from "node:tls";
import { isForbiddenAddress } from "../../src/http/forbidden-address.ts";
import { openConnection, type Progress } from "../../src/http/open-connection.ts";

for (const address of [
  "169.254.169.254",
  "169.254.170.2",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "64:ff9b::a9fe:a9fe",
  "2002:a9fe:a9fe::1",
  "fe80::1",
  "fe80::1%eth0",
  "fd00:ec2::254",
  "100.100.100.200",
]) {
  test(`no name may lead us to ${address}`, () => assert.ok(isForbiddenAddress(address)));
}

for (const address of [
  "192.0.2.1",
  "127.0.0.1",
  "10.0.0.1",
  "::1",
  "fd00::1",
  "2001:db8::1",
  "168.254.1.1",
  "::ffff:10.0.0.1",
]) {
  test(`a name may lead to ${address}`, () => assert.ok(!isForbiddenAddress(address)));
}

test("a name that leads there is resolved, and not connected to", async () => {
  const progress: Progress = { phase: "dns", address: "", connected: false, phasesMs: {} };
  await assert.rejects(
    openConnection(
      // the resolver reads 169.254.169.254 in it, as it might in a zone of somebody else
      { host: "0xa9fea9fe", port: 80 },
      {
        connectTimeoutMs: 1000,
        secureContext: () => createSecureContext(),
        progress,
        signal: new AbortController().signal,
      },
    ),
    { code: "ADDRESS_REFUSED", message: /leads to 169\.254\.169\.254: .*never asked by name/ },
  );
  assert.equal(progress.phasesMs.connect, undefined);
});
