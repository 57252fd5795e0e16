import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServiceRef } from "../../src/approval/intent.ts";
import { serviceRefOf } from "../../src/approval/service-ref.ts";
import type { ServiceOverride } from "../../src/intake/diagnosis-request.ts";

const CASES: readonly (readonly [named: ServiceOverride, asked: ServiceRef | undefined])[] = [
  [
    { kind: "systemd", unit: "shop.service" },
    { manager: "systemd", unit: "shop.service" },
  ],
  [
    { kind: "pm2", app: "shop", user: "deploy" },
    { manager: "pm2", app: "shop", user: "deploy" },
  ],
  [{ kind: "pm2", app: "shop" }, undefined],
  [
    { kind: "docker", container: "web" },
    { manager: "docker", container: "web" },
  ],
  [
    { kind: "compose", project: "shop", service: "web" },
    { manager: "compose", project: "shop", service: "web" },
  ],
  [
    { kind: "supervisor", program: "shop" },
    { manager: "supervisor", program: "shop" },
  ],
];

for (const [named, asked] of CASES) {
  const what = Object.values(named).join(" ");
  test(`${what} is ${asked === undefined ? "nobody to ask: it is not said whose PM2 runs it" : "asked for as its manager knows it"}`, () => {
    assert.deepEqual(serviceRefOf(named), asked);
  });
}
