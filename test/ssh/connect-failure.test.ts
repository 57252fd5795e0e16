import assert from "node:assert/strict";
import { test } from "node:test";
import { failureOfError, makeConnectFailure } from "../../src/ssh/connect-failure.ts";

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

for (const level of [undefined, "handshake"]) {
  test(`what a server says before it showed who it is (${level ?? "at its own end"}) is one short, clean line`, () => {
    const said = `no matching \u001b[2Jbye\n\u202eAPPROVED password=hunter2 ${"x".repeat(30_000)}`;
    const { reason } = failureOfError(Object.assign(new Error(said), { level }), "diag@edge-1:22");
    assert.match(reason, /no matching bye APPROVED password=\[redacted:secret\] x+\[…\]\.$/);
    assert.ok(reason.length < 300, `${reason.length}`);
  });
}
