import { test } from "node:test";
import fc from "fast-check";
import { DISCORD_KINDS } from "./message-kinds.ts";

for (const { fact, property, runs } of DISCORD_KINDS) {
  test(fact, () => {
    fc.assert(property, { numRuns: runs });
  });
}
