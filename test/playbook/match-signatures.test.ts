import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import { compileSignatures } from "../../src/playbook/match-signatures.ts";

const WHOLE_LINE = { messageStart: (_text: string, start: number) => start };
const AFTER_COLON = {
  messageStart: (text: string, start: number, end: number) => {
    const colon = text.slice(start, end).indexOf(": ");
    return colon < 0 ? -1 : start + colon + 2;
  },
};

function signatures(...messages: string[]) {
  return messages.map((message) => ({ message }));
}

function firstHit(messages: readonly string[], line: string) {
  const [found] = compileSignatures(signatures(...messages)).scan(line, WHOLE_LINE);
  return found && { message: found.signature.message, holes: found.hits[0]?.holes };
}

test("a line belongs to the template with the most literal text, wherever that stands in the list", () => {
  const general = "connect() to <address> failed (13: Permission denied)";
  const special = "connect() to unix:<path> failed (13: Permission denied)";
  for (const messages of [
    [general, special],
    [special, general],
  ]) {
    const unix = "connect() to unix:/run/app.sock failed (13: Permission denied) while connecting";
    assert.deepEqual(firstHit(messages, unix), { message: special, holes: { path: "/run/app.sock" } });
    const tcp = "connect() to 10.0.0.1:80 failed (13: Permission denied)";
    assert.deepEqual(firstHit(messages, tcp), { message: general, holes: { address: "10.0.0.1:80" } });
  }
});

test("between templates with equally much literal text the earlier one wins", () => {
  assert.equal(firstHit(["fail <a> one", "fail one <a>"], "fail one one")?.message, "fail <a> one");
  assert.equal(firstHit(["fail one <a>", "fail <a> one"], "fail one one")?.message, "fail one <a>");
});

test("a template that begins with a hole competes with those that begin with text", () => {
  const messages = ["<unit:word>: Failed with result '<result>'.", "app: Failed"];
  assert.equal(firstHit(messages, "app: Failed with result 'oom-kill'.")?.message, messages[0]);
  assert.equal(firstHit(messages, "app: Failed badly")?.message, messages[1]);
});

const MATCHES: readonly [template: string, line: string, holes: Record<string, string> | undefined][] = [
  ["refused", "refused by peer", {}],
  ["refused", "connection refused", undefined],
  ["<any>refused", "connection refused", {}],
  [
    "child <pid> exited on signal <signal> after ",
    "child 77 exited on signal 9 (SIGKILL) after 3 s",
    { pid: "77", signal: "9 (SIGKILL)" },
  ],
  ["child <pid> exited", "child 77 runs", undefined],
  ["status=<status>", "status=1/FAILURE", { status: "1/FAILURE" }],
  ["status=<status>", "status=", { status: "" }],
  ["(<code>)<any>AH00957: ", "(111)Connection refused: AH00957: http", { code: "111" }],
  ["<name:word> could not be resolved", "a.example could not be resolved (3)", { name: "a.example" }],
  ["<name:word> could not be resolved", "open a.example could not be resolved", undefined],
  ["<a:word> <b:word> SC-- ", "x y SC-- 1/1", { a: "x", b: "y" }],
  ["<a:word> <b:word> SC-- ", "x y SH-- 1/1 GET / SC-- 0", undefined],
  ["be/\\<NOSRV> <timers:word> ", "be/<NOSRV> 0/-1/-1/-1/0 503", { timers: "0/-1/-1/-1/0" }],
];

test("a hole takes text up to the literal that follows, and a word no space", () => {
  for (const [template, line, holes] of MATCHES) {
    assert.deepEqual(firstHit([template], line)?.holes, holes, `${template} on ${line}`);
  }
});

test("every hit is counted, and the first and the last ones are kept in order", () => {
  const lines = Array.from({ length: 1000 }, (_, n) => `job <${n}> failed`);
  const [found] = compileSignatures(signatures("job <job> failed")).scan(lines.join("\n"), WHOLE_LINE, {
    keepLast: 2,
  });
  assert.equal(found?.count, 1000);
  assert.deepEqual(
    found?.hits.map(({ line }) => line),
    ["job <0> failed", "job <998> failed", "job <999> failed"],
  );
});

test("lines without a message are passed over, and offsets lead back to the text", () => {
  const text = "a: refused\nrefused\nb: refused\n";
  const [found] = compileSignatures(signatures("refused")).scan(text, AFTER_COLON);
  assert.deepEqual(
    found?.hits.map(({ line, offset }) => [line, offset]),
    [
      ["a: refused", 0],
      ["b: refused", 19],
    ],
  );
});

test("a key that stands in a line before its message does not count", () => {
  assert.deepEqual(compileSignatures(signatures("<any>refused")).scan("refused: fine\n", AFTER_COLON), []);
});

/** The definition, as plainly as it can be said: first template in order of literal text; each hole as short as can be. */
function matchPlainly(messages: readonly string[], line: string): string | undefined {
  const byLiteralText = messages
    .map((message) => ({ message, parts: message.split(/(<[a-z]+(?::word)?>)/) }))
    .sort((a, b) => literalsOf(b.parts).length - literalsOf(a.parts).length);
  return byLiteralText.find(({ parts }) => fits(parts, line))?.message;
}

function literalsOf(parts: readonly string[]): string {
  return parts.filter((_, index) => index % 2 === 0).join("");
}

function fits([literal = "", hole, ...others]: readonly string[], text: string): boolean {
  if (!text.startsWith(literal)) return false;
  if (hole === undefined) return true;
  const rest = text.slice(literal.length);
  const next = others[0] ?? "";
  if (next === "") return true;
  for (let length = 0; length <= rest.length; length++) {
    if (!rest.startsWith(next, length)) continue;
    return (
      (!hole.endsWith(":word>") || !rest.slice(0, length).includes(" ")) && fits(others, rest.slice(length))
    );
  }
  return false;
}

// A tiny alphabet, so that literals begin alike, overlap, and are met in the middle of holes.
const piece = fc.string({ unit: fc.constantFrom("a", "b", " ", ":"), minLength: 1, maxLength: 4 });
const hole = fc.constantFrom("<any>", "<x>", "<y:word>");
const template = fc
  .tuple(
    fc.option(hole, { nil: "" }),
    piece,
    fc.array(fc.tuple(hole, piece), { maxLength: 3 }),
    fc.option(hole, { nil: "" }),
  )
  .map(([first, literal, pairs, last]) => `${first}${literal}${pairs.flat().join("")}${last}`)
  .filter((message) => /[ab:]/.test(message.replaceAll(/<[^>]*>/g, "")));

test("it finds what the plain definition finds, on any templates and any text", () => {
  const log = fc.array(fc.string({ unit: fc.constantFrom("a", "b", " ", ":"), maxLength: 12 }), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(fc.uniqueArray(template, { minLength: 1, maxLength: 8 }), log, (messages, lines) => {
      const expected = new Map<string, string[]>();
      for (const line of lines.filter((text) => text !== "")) {
        const message = matchPlainly(messages, line);
        if (message !== undefined) expected.set(message, [...(expected.get(message) ?? []), line]);
      }
      const found = compileSignatures(signatures(...messages)).scan(lines.join("\n"), WHOLE_LINE);
      const seen = found.map(({ signature, hits }): [string, string[]] => [
        signature.message,
        hits.map(({ line }) => line).filter((text) => text !== ""),
      ]);
      assert.deepEqual(new Map(seen.filter(([, texts]) => texts.length > 0)), expected);
    }),
    { numRuns: 2000 },
  );
});

test("no line makes a shipped message slow; were it not linear, a mebibyte of its own pieces would take hours", {
  timeout: 120_000,
}, async () => {
  const path = join(import.meta.dirname, "../../playbooks");
  const shipped = (await loadPlaybooks([{ path, origin: "shipped" }])).flatMap(
    (playbook) => playbook.signatures,
  );
  const matcher = compileSignatures(shipped);
  assert.ok(shipped.length > 200);
  for (const { message } of shipped) {
    // all but its last literal, over and over: each piece could begin what never ends
    const pieces = message.split(/<[a-z]+(?::word)?>/).filter((literal) => literal !== "");
    const almost = pieces.length > 1 ? pieces.slice(0, -1).join(" ") : (pieces[0] ?? "").slice(0, -1);
    if (almost === "") continue;
    matcher.scan(almost.repeat(Math.ceil(65_536 / almost.length)), WHOLE_LINE);
  }
  const all = shipped.map(({ message }) => message.replaceAll(/<[^>]*>/g, "x")).join(" ");
  matcher.scan(all.repeat(Math.ceil(1_048_576 / all.length)), WHOLE_LINE);
});
