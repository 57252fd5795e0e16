import assert from "node:assert/strict";
import { test } from "node:test";
import { isForbiddenAddress } from "../../src/http/forbidden-address.ts";

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
