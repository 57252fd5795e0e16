import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ServiceRef } from "../../src/approval/intent.ts";
import { KEY_WORD } from "../../src/approval/make-intent.ts";
import { parseServiceWord } from "../../src/remediate/harden/parse-service-word.ts";
import {
  areRestartWords,
  HELPER_PATH,
  makeHelperWords,
  makeRestartWords,
} from "../../src/remediate/restart-words.ts";
import { ServiceNameError, serviceWord } from "../../src/remediate/service-word.ts";
import { makeTestIntent } from "./make-test-intent.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const IDENTITY = { id: "shop.service", invocation: "a".repeat(32), bootId: "b" };
const RISK = { takesAlong: [], startsLeft: 4, resetsBudget: false };
const SHOP: ServiceRef = { manager: "systemd", unit: "shop.service" };

function intentOf(argv: readonly string[], service: ServiceRef = SHOP) {
  const reading = {
    kind: "read",
    identity: IDENTITY,
    hostKey: "k",
    risk: RISK,
    argv,
    state: "",
    helper: true,
  } as const;
  return makeTestIntent(service, reading, KEY);
}

const WORDS: readonly (readonly [how: string, argv: readonly string[]])[] = [
  ["sudo and helper", ["sudo", "-n", HELPER_PATH, "shop.service", KEY_WORD, IDENTITY.invocation]],
  ["root and helper", [HELPER_PATH, "shop.service", KEY_WORD, IDENTITY.invocation]],
  ["sudo alone", ["sudo", "-n", "systemctl", "restart", "--", "shop.service"]],
  ["root alone", ["systemctl", "restart", "--", "shop.service"]],
];

for (const [how, argv] of WORDS) {
  test(`${how}: the words of an intent are a restart of its service`, () => {
    const helper = argv.includes(HELPER_PATH);
    const made = makeRestartWords(SHOP, IDENTITY, {
      isRoot: argv[0] !== "sudo",
      helper,
      resetsBudget: false,
    });
    assert.deepEqual(made, argv);
    assert.ok(areRestartWords(intentOf(argv)));
    const status = makeHelperWords("status", intentOf(argv));
    const at = argv.indexOf(HELPER_PATH);
    assert.deepEqual(status, helper ? [...argv.slice(0, at + 1), "status", "shop.service", KEY] : undefined);
  });

  test(`${how}: with any word changed, added or gone they are none`, () => {
    const change = fc.record({
      at: fc.nat({ max: argv.length }),
      gone: fc.nat({ max: 2 }),
      added: fc.array(
        fc.oneof(fc.string(), fc.constantFrom("stop", "nginx.service", "--", "-n", "reset-budget", ";")),
        {
          maxLength: 2,
        },
      ),
    });
    fc.assert(
      fc.property(change, ({ at, gone, added }) => {
        const words = argv.map((word) => (word === KEY_WORD ? KEY : word));
        const changed = words.toSpliced(at, gone, ...added);
        const all = WORDS.map(([, known]) =>
          known.map((word) => (word === KEY_WORD ? KEY : word)).join("\0"),
        );
        assert.equal(areRestartWords({ ...intentOf(argv), argv: changed }), all.includes(changed.join("\0")));
      }),
    );
  });
}

test("a service that was asked for by an alias is restarted by its own name", () => {
  const alias: ServiceRef = { manager: "systemd", unit: "www.service" };
  const argv = makeRestartWords(alias, IDENTITY, { isRoot: false, helper: true, resetsBudget: false });
  assert.equal(argv[3], "shop.service");
  assert.ok(areRestartWords(intentOf(argv, alias)));
});

test("what is no unit is restarted by the helper, under its manager's name for it, and by nothing else", () => {
  const web: ServiceRef = { manager: "docker", container: "web" };
  const how = { isRoot: false, helper: true, resetsBudget: false };
  const argv = makeRestartWords(web, IDENTITY, how);
  assert.deepEqual(argv, ["sudo", "-n", HELPER_PATH, "docker:web", KEY_WORD, IDENTITY.invocation]);
  assert.ok(areRestartWords(intentOf(argv, web)));
  assert.deepEqual(makeHelperWords("forget", intentOf(argv, web)), [
    ...argv.slice(0, 3),
    "forget",
    "docker:web",
    KEY,
  ]);
  const byUnit = ["sudo", "-n", "systemctl", "restart", "--", "shop.service"];
  assert.ok(!areRestartWords(intentOf(byUnit, web)));
  assert.throws(() => makeRestartWords(web, IDENTITY, { ...how, helper: false }), {
    name: "TypeError",
    message: "docker services are restarted by the helper only",
  });
});

test("a reset of the start limit is part of what was approved", () => {
  const argv = makeRestartWords(SHOP, IDENTITY, { isRoot: false, helper: true, resetsBudget: true });
  assert.equal(argv.at(-1), "reset-budget");
  assert.ok(!areRestartWords(intentOf(argv)));
  const resets = { ...RISK, resetsBudget: true };
  assert.ok(areRestartWords({ ...intentOf(argv), risk: resets }));
});

test("whatever a service is called, its word is one plain word that leads back to it, or it is refused", () => {
  const name = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9_.@:-]{0,20}$/),
    fc.constantFrom("shop", "-H evil", "app*", "a\nb", "../x", "a;id", "$(id)", "", "check", "status"),
  );
  const service: fc.Arbitrary<ServiceRef> = fc.oneof(
    name.map((unit) => ({ manager: "systemd", unit: `${unit}.service` }) as const),
    name.map((container) => ({ manager: "docker", container }) as const),
    name.map((program) => ({ manager: "supervisor", program }) as const),
    fc.tuple(name, name).map(([project, one]) => ({ manager: "compose", project, service: one }) as const),
    fc.tuple(name, name).map(([user, app]) => ({ manager: "pm2", user, app }) as const),
  );
  fc.assert(
    fc.property(service, (one) => {
      let word: string;
      try {
        word = serviceWord(one);
      } catch (error) {
        assert.ok(error instanceof ServiceNameError);
        return;
      }
      assert.match(word, /^[a-zA-Z0-9_][a-zA-Z0-9_.@:/-]*$/);
      assert.ok(!["check", "status", "forget"].includes(word));
      // a unit may begin as another manager's words do: then the word is that one's
      if (one.manager !== "systemd" || !/^(docker|compose|pm2|supervisor):/.test(word)) {
        assert.deepEqual(parseServiceWord(word), one);
      }
    }),
    { numRuns: 2000 },
  );
});
