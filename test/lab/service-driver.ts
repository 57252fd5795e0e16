import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { redact } from "../../src/collect/redact.ts";
import { createServiceControl } from "../../src/remediate/create-service-control.ts";
import { createShell } from "../../src/ssh/create-shell.ts";

/**
 * The hand on hosts, inside the lab's network: one JSON line in, `[method, ...arguments]` of `ServiceControl`, one JSON line out.
 */
const shell = createShell({
  env: () => undefined,
  loadSecret: () => Promise.reject(new Error("the lab's keys have no passphrase")),
  warn: () => undefined,
});
const control = createServiceControl({
  shell,
  redact,
  now: Date.now,
  random: randomBytes,
  neverRestart: ["precious.service"],
});

for await (const line of createInterface({ input: process.stdin })) {
  const [method, ...args]: [keyof typeof control, ...unknown[]] = JSON.parse(line);
  const answer: unknown = await Reflect.apply(control[method], control, args);
  process.stdout.write(`${JSON.stringify(answer ?? null)}\n`);
}
await shell.close();
