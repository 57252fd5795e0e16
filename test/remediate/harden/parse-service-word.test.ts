import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServiceRef } from "../../../src/approval/intent.ts";
import { parseServiceWord } from "../../../src/remediate/harden/parse-service-word.ts";
import { ServiceNameError } from "../../../src/remediate/service-word.ts";

const WORDS: readonly (readonly [word: string, service: ServiceRef])[] = [
  ["shop", { manager: "systemd", unit: "shop.service" }],
  ["shop.service", { manager: "systemd", unit: "shop.service" }],
  ["shop@eu:1", { manager: "systemd", unit: "shop@eu:1.service" }],
  ["dockerd", { manager: "systemd", unit: "dockerd.service" }],
  ["service.shop", { manager: "systemd", unit: "service.shop.service" }],
  ["docker:web", { manager: "docker", container: "web" }],
  ["supervisor:jobs", { manager: "supervisor", program: "jobs" }],
  ["compose:shop/web", { manager: "compose", project: "shop", service: "web" }],
  ["pm2:deploy/web", { manager: "pm2", user: "deploy", app: "web" }],
];

for (const [word, service] of WORDS) {
  test(`${word} is a service of ${service.manager}`, () => {
    assert.deepEqual(parseServiceWord(word), service);
  });
}

for (const word of ["compose:shop", "compose:shop/web/1", "pm2:web", "pm2:deploy/web/1"]) {
  test(`${word} is no service, and how one is named is said`, () => {
    assert.throws(
      () => parseServiceWord(word),
      (error) =>
        error instanceof ServiceNameError &&
        error.message ===
          `"${word}" cannot be restarted as a service: expected shop.service, docker:NAME, compose:PROJECT/SERVICE, pm2:USER/APP or supervisor:PROGRAM.`,
    );
  });
}

for (const word of [
  "",
  "docker:",
  "docker:a:b",
  "supervisor:a/b",
  "compose:/web",
  "supervisor:all",
  "supervisor:shop:*",
  "pm2:deploy/all",
  "pm2:deploy/0",
  "pm2:Deploy/web",
  "-H evil",
  "a b",
]) {
  test(`${JSON.stringify(word)} names nothing that its manager could know`, () => {
    assert.throws(() => parseServiceWord(word), ServiceNameError);
  });
}
