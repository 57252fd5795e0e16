import assert from "node:assert/strict";
import dns from "node:dns";
import dnsPromises from "node:dns/promises";
import { once } from "node:events";
import { syncBuiltinESMExports } from "node:module";
import { createServer } from "node:net";
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

function open(host: string, port: number) {
  const progress: Progress = { phase: "dns", address: "", connected: false, phasesMs: {} };
  const { signal } = new AbortController();
  const options = { connectTimeoutMs: 1000, secureContext: () => createSecureContext(), progress, signal };
  return { progress, connection: openConnection({ host, port }, options) };
}

test("a name that leads there is resolved, and not connected to", async () => {
  // the resolver reads 169.254.169.254 in it, as it might in a zone of somebody else
  const { progress, connection } = open("0xa9fea9fe", 80);
  await assert.rejects(connection, {
    code: "ADDRESS_REFUSED",
    message: /leads to 169\.254\.169\.254: .*never asked by name/,
  });
  assert.equal(progress.phasesMs.connect, undefined);
});

for (const [what, first] of [
  ["one address", ["127.0.0.1"]],
  ["several addresses, one of which refuses", ["127.0.0.2", "127.0.0.1"]],
] as const) {
  test(`a name of ${what} that leads there at its second asking is asked once, and where it led first is used`, async (t) => {
    const server = createServer().listen(0, "127.0.0.1");
    t.after(() => server.close());
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const answers = [first, ["169.254.169.254"]];
    let asked = 0;
    const answer = () => (answers[asked++] ?? []).map((one) => ({ address: one, family: 4 }));
    t.mock.method(dnsPromises, "lookup", async () => answer());
    // what a socket would ask by itself
    t.mock.method(dns, "lookup", (_name: string, _options: unknown, done: (...given: unknown[]) => void) =>
      done(null, answer()),
    );
    syncBuiltinESMExports();
    t.after(() => {
      t.mock.restoreAll();
      syncBuiltinESMExports();
    });
    const { connection } = open("rebinding.example", port);
    const socket = await connection;
    socket.destroy();
    assert.equal(socket.remoteAddress, "127.0.0.1");
    assert.equal(asked, 1);
  });
}
