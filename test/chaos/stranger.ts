import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

/** Another program at the same files, a backup or a report say: holds the right to write 2 ms in every 50 ms. */
const [directory = ""] = process.argv.slice(2);
const HOLD_MS = 2;
const EVERY_MS = 50;

const files = ["diagnose502.db", "engine.db"].map(
  (name) => new DatabaseSync(join(directory, name), { timeout: 5000 }),
);
for (;;) {
  for (const file of files) {
    file.exec("begin immediate");
    const until = performance.now() + HOLD_MS;
    while (performance.now() < until);
    file.exec("commit");
  }
  await sleep(EVERY_MS);
}
