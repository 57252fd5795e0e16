import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDiagnoseOptions } from "../../src/cli/diagnose-options.ts";
import { parseReplayOptions } from "../../src/cli/replay-options.ts";
import { UsageError } from "../../src/intake/usage-error.ts";

test("everything diagnose accepts is understood", () => {
  const words =
    "shop --proxy ops@edge-1 --proxy=ops@edge-2:2222 --upstream ops@origin-1 --local -i key --known-hosts known --config c.yaml --playbooks mine --json --save out -v";
  assert.deepEqual(parseDiagnoseOptions(words.split(" ")), {
    request: {
      target: "shop",
      proxies: ["ops@edge-1", "ops@edge-2:2222"],
      upstreams: ["ops@origin-1"],
      local: true,
      identity: "key",
      knownHosts: "known",
      config: "c.yaml",
    },
    playbooks: ["mine"],
    json: true,
    save: "out",
    verbose: true,
  });
});

test("a site alone is enough", () => {
  assert.deepEqual(parseDiagnoseOptions(["shop"]), {
    request: { target: "shop", proxies: [], upstreams: [], local: false },
    playbooks: [],
    json: false,
    verbose: false,
  });
});

test("wrong words name what was seen and what is meant", async (t) => {
  const wrong = [
    ["", /needs the name of a site/, /--proxy/],
    ["shop blog", /"blog" is a second one/, /--upstream/],
    ["shop --porxy ops@edge-1", /no option --porxy\./, /Did you mean --proxy\?/],
    ["shop --know-hosts f", /no option --know-hosts\./, /--known-hosts\?/],
    ["shop -x", /no option -x\./, /diagnose --help/],
    ["shop --proxy", /^--proxy needs a value\.$/, /diagnose --help/],
    ["shop -i", /^-i needs a value\.$/, /diagnose --help/],
    [
      "shop --proxy --json",
      /^--proxy needs a value, and "--json" looks like an option\.$/,
      /diagnose --help/,
    ],
    ["shop --save=", /^--save needs a value, and it is empty\.$/, /diagnose --help/],
    ["shop --json=yes", /does not take an argument\.$/, /diagnose --help/],
  ] as const;
  for (const [words, message, hint] of wrong) {
    await t.test(words || "nothing", () => {
      assert.throws(
        () => parseDiagnoseOptions(words.split(" ").filter(Boolean)),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, message);
          assert.match(error.hint, hint);
          return true;
        },
      );
    });
  }
});

test("replay takes exactly one folder", () => {
  assert.deepEqual(parseReplayOptions(["dir", "--json"]), { folder: "dir", playbooks: [], json: true });
  assert.deepEqual(parseReplayOptions(["dir"]), { folder: "dir", playbooks: [], json: false });
  assert.throws(() => parseReplayOptions([]), /needs one folder, and 0 were given/);
  assert.throws(() => parseReplayOptions(["a", "b"]), UsageError);
});
