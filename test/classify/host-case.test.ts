import assert from "node:assert/strict";
import { test } from "node:test";
import { makeHostCase } from "../../src/classify/host-case.ts";
import type { ProbeResult } from "../../src/playbook/probe-result.ts";
import type { UpstreamHop } from "../../src/topology/target.ts";
import { result } from "../topology/site.ts";
import { makeEvidence } from "./evidence.ts";

function hostCase(...results: readonly ProbeResult[]) {
  return makeHostCase("origin-1", { evidence: makeEvidence({ results }), find: () => "f1" });
}

for (const { name, row, isFull } of [
  { name: "without a free byte", row: "/dev/vda1 ext4 1000 1000 0 100% /", isFull: true },
  { name: "with only root's reserve left", row: "/dev/vda1 ext4 1000 990 10 99% /srv", isFull: true },
  { name: "with room", row: "/dev/vda1 ext4 1000 980 20 98% /", isFull: false },
  { name: "of the firmware", row: "/dev/vda15 vfat 1000 1000 0 100% /boot/efi", isFull: false },
  {
    name: "of the kernel",
    row: "efivarfs efivarfs 1000 1000 0 100% /sys/firmware/efi/efivars",
    isFull: false,
  },
  { name: "of devices", row: "udev devtmpfs 1000 1000 0 100% /dev", isFull: false },
  { name: "that is an image of a snap", row: "/dev/loop0 ext4 1000 1000 0 100% /snap/core/1", isFull: false },
  { name: "whose inodes are not counted", row: "/dev/vda15 vfat 0 0 0 - /mnt", isFull: false },
]) {
  test(`a file system ${name} is ${isFull ? "" : "not "}full`, () => {
    const output = `Filesystem Type 1-blocks Used Available Capacity Mounted on\n${row}\n`;
    for (const probe of ["linux-host.disk", "linux-host.inodes"]) {
      const mounts = hostCase(result("origin-1", probe, output)).fullDisks.map(({ mount }) => mount);
      assert.deepEqual(mounts, isFull ? [row.split(" ").at(-1)] : []);
    }
  });
}

test("a host that was not reached says why", () => {
  const evidence = makeEvidence({
    visits: {
      "origin-1": {
        status: "unreachable",
        failure: { kind: "timed-out", reason: "192.0.2.20:22 did not answer.", hint: "Check the address." },
      },
    },
  });
  const hosts = ["origin-1", "edge-1"].map((name) => makeHostCase(name, { evidence, find: () => "f1" }));
  assert.deepEqual(
    hosts.map(({ unreachable }) => unreachable),
    ["192.0.2.20:22 did not answer.", undefined],
  );
});

function upstream(host: string, resolved: readonly string[] = []): UpstreamHop {
  const address = { kind: "tcp", host, port: 3000 } as const;
  return { member: { label: host, address, backup: false, down: false }, resolved, listening: "unknown" };
}

for (const { route, covered, spared } of [
  {
    route: { type: "unreachable", dst: "192.0.2.20" },
    covered: upstream("192.0.2.20"),
    spared: upstream("192.0.2.21"),
  },
  {
    route: { type: "prohibit", dst: "192.0.2.0/24" },
    covered: upstream("app", ["192.0.2.99"]),
    spared: upstream("192.0.3.1"),
  },
  {
    route: { type: "blackhole", dst: "2001:db8::/32" },
    covered: upstream("2001:db8::7"),
    spared: upstream("192.0.2.20"),
  },
]) {
  test(`a ${route.type} route bars what lies in ${route.dst} and nothing else`, () => {
    const output = JSON.stringify([{ dst: "default", gateway: "192.0.2.1" }, route]);
    const { barredRoutes } = hostCase(result("origin-1", "linux-host.routes", output));
    const covers = (hop: UpstreamHop) =>
      barredRoutes.map((barred) => barred.covers({ hop, label: "", lines: [], hasNoRestart: false }));
    assert.deepEqual(covers(covered), [true]);
    assert.deepEqual(covers(spared), [false]);
  });
}

for (const output of [
  "",
  "garbage",
  "[1]",
  '[{"dst": "192.0.2.0/24", "dev": "eth0"}]',
  '[{"type": "unreachable", "dst": "default", "metric": 4294967295}]',
]) {
  test(`no route is barred by ${JSON.stringify(output)}`, () => {
    assert.deepEqual(hostCase(result("origin-1", "linux-host.routes", output)).barredRoutes, []);
  });
}

test("a route whose destination cannot be read bars nobody", () => {
  for (const dst of ["192.0.2.0/99", "nonsense/8", "192.0.2.0/x", "::1/-1"]) {
    const output = JSON.stringify([{ type: "unreachable", dst }]);
    const { barredRoutes } = hostCase(result("origin-1", "linux-host.routes", output));
    const hop = upstream("192.0.2.20");
    assert.ok(
      barredRoutes.every((barred) => !barred.covers({ hop, label: "", lines: [], hasNoRestart: false })),
      dst,
    );
  }
});
