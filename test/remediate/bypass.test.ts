import assert from "node:assert/strict";
import { test } from "node:test";
import { attackHelper } from "./attack-helper.ts";
import { attackWrapper } from "./attack-wrapper.ts";
import { isPwned, makeAttempts } from "./attempt.ts";
import { makeFakeHost } from "./fake-host.ts";
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

  test(`${name}: no PATH and no start-up file of the caller's makes the helper start another program`, {
    skip,
  }, async (t) => {
    const host = makeFakeHost(script);
    t.after(() => host.remove());
    const calls = [["check", "shop.service"], ["anything else"]];
    const variables = [{}, { PATH: "./evil" }, { PATH: "./evil:/usr/bin:/bin" }, { ENV: "./evil/env" }];
    const attempts = variables.flatMap((set) => calls.map((words) => ({ words, variables: set })));
    const answers = await makeAttempts([host.helper], attempts, host);
    for (const [n, answer] of answers.entries()) assert.deepEqual(answer, answers[n % calls.length]);
    assert.ok(answers[0]?.stdout.startsWith("diagnose502 known "));
    assert.ok(!isPwned(host.directory));
  });
}
