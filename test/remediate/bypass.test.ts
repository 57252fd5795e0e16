import assert from "node:assert/strict";
import { test } from "node:test";
import { attackHelper } from "./attack-helper.ts";
import { attackWrapper } from "./attack-wrapper.ts";
import { SHELLS } from "./send-words.ts";

/** `node bench/attempts/main.ts bypass` makes a hundred thousand. */
const ATTEMPTS = { helper: 700, wrapper: 300 };

for (const { name, script, skip } of SHELLS) {
  test(`${name}: whatever words, signs and variables the helper is given, only what is listed is done`, {
    skip,
  }, async () => {
    const count = ATTEMPTS.helper;
    assert.deepEqual(await attackHelper(script, { count, seed: 502 }), { tried: count, through: [] });
  });

  test(`${name}: whatever is sent to a locked host, only looks of the bot are run`, { skip }, async () => {
    const count = ATTEMPTS.wrapper;
    assert.deepEqual(await attackWrapper(script, { count, seed: 502 }), { tried: count, through: [] });
  });
}
