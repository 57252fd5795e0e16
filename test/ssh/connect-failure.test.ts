import assert from "node:assert/strict";
import { test } from "node:test";
import { makeConnectFailure } from "../../src/ssh/connect-failure.ts";

for (const { where, command } of [
  { where: "diag@edge-1.example.com:22", command: "nc -vz edge-1.example.com 22" },
  { where: "diag@[2001:db8::1]:2222", command: "nc -vz 2001:db8::1 2222" },
]) {
  test(`silence of ${where} comes with a command that can be run as it is`, () => {
    const { reason, hint } = makeConnectFailure("timed-out", where);
    assert.equal(reason, `${where}: it did not answer in time.`);
    assert.ok(hint.includes(`\`${command}\``), hint);
  });
}
