import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createKnownSecrets } from "../../src/collect/redact/known-secrets.ts";
import { createRedact } from "../../src/collect/redact.ts";
import { createLog, type LogLevel } from "../../src/log/create-log.ts";
import { OperatorError } from "../../src/operator-error.ts";
import type { Log } from "../../src/workflow/log.ts";

const TOKEN = "xyz-not-like-any-known-token/å?";

function open({ level = "info" }: { level?: LogLevel } = {}) {
  const lines: string[] = [];
  const known = createKnownSecrets();
  known.add(TOKEN);
  const log: Log = createLog({ level, redact: createRedact(known), write: (line) => void lines.push(line) });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? "null") };
}

class BrokenError extends OperatorError {
  readonly code = "BROKEN";
}

test("a line is one JSON object with time, level and message", () => {
  const { log, lines, last } = open();
  log.info({ incident: 42, surface: "slack" }, "connected");
  assert.equal(lines[0]?.endsWith("}\n"), true);
  const { time, ...rest } = last();
  assert.equal(new Date(time).toISOString(), time);
  assert.deepEqual(rest, { level: "info", incident: 42, surface: "slack", message: "connected" });
});

test("a level leaves out what is below it", () => {
  const { log, lines } = open({ level: "warn" });
  log.debug({}, "a");
  log.info({}, "b");
  log.warn({}, "c");
  log.error({}, "d");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).message),
    ["c", "d"],
  );
});

test("an error is its name, code, message, hint and cause, without a stack", () => {
  const { log, last } = open();
  log.error(
    { error: new BrokenError("It broke.", { hint: "Mend it.", cause: new TypeError("deep") }) },
    "failed",
  );
  assert.deepEqual(last().error, {
    name: "BrokenError",
    code: "BROKEN",
    message: "It broke.",
    hint: "Mend it.",
    cause: { name: "TypeError", message: "deep" },
  });
});

test("whoever debugs sees the stack", () => {
  const { log, last } = open({ level: "debug" });
  log.error({ error: new Error("x") }, "failed");
  assert.match(last().error.stack, /create-log\.test/);
});

const SHAPES: Readonly<Record<string, string>> = {
  "as it is": TOKEN,
  "in a URL": encodeURIComponent(TOKEN),
  "in base64": Buffer.from(TOKEN).toString("base64"),
  "in base64url": Buffer.from(TOKEN).toString("base64url"),
  "behind a name, in base64": Buffer.from(`bot:${TOKEN}`).toString("base64"),
  "in a form": new URLSearchParams([["", TOKEN]]).toString().slice(1),
  "in a URL, in small letters": encodeURIComponent(TOKEN).replace(/%../g, (code) => code.toLowerCase()),
};
for (const [how, shape] of Object.entries(SHAPES)) {
  test(`a secret of ours ${how} is in no line, wherever it was`, () => {
    const { log, lines } = open();
    log.warn({ text: `a ${shape} b`, [shape]: 1, deep: { list: [`x${shape}x`] } }, `sent ${shape}`);
    log.error({ error: new Error(`401 for ${shape}`, { cause: new Error(shape) }) }, "failed");
    assert.doesNotMatch(lines.join(""), /not-like-any/);
    for (const line of lines) assert.ok(!line.includes(shape), line);
  });
}

test("what looks like a secret of others is redacted, and so is what is called one", () => {
  const { log, lines } = open();
  log.info({ said: "Authorization: Bearer abc123def456", botToken: "short", password: { a: 1 } }, "x");
  assert.doesNotMatch(lines.join(""), /abc123def456|short|"a":1/);
});

test("text of strangers can neither forge a line nor move a cursor", () => {
  const { log, lines } = open();
  log.info({ host: 'x\n{"level":"error"}\u001b[2J\u202e' }, "a\nb\u0007");
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.trimEnd().includes("\n"), false);
  assert.doesNotMatch(lines[0] ?? "", /\u001b|\\u001b|\u202e|\u0007|\\u0007/);
});

test("whatever is logged, it is one line of JSON of bounded size", () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const { log, lines } = open({ level: "debug" });
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withDate: true })),
      fc.string(),
      (fields, message) => {
        lines.length = 0;
        log.info({ ...fields, circular }, message);
        JSON.parse(lines[0] ?? "");
        return lines.length === 1;
      },
    ),
  );
  log.info(
    { long: "x".repeat(1_000_000), many: Array.from({ length: 10_000 }, () => "y") },
    "z".repeat(1_000_000),
  );
  assert.ok((lines.at(-1)?.length ?? 0) < 20_000);
});
