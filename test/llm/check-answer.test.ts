import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkAnswer } from "../../src/llm/check-answer.ts";

const SENT = new Map([
  ["f1", "The kernel killed php-fpm.\nOut of memory: Killed process 812 (php-fpm8.2) on HOST2"],
  ["f2", "Nothing listens on ADDRESS3:9000.\n"],
]);

const GOOD = {
  explanation:
    'The kernel ran out of memory ("Killed process 812") and killed the workers on HOST2, so nothing listens any more.',
  nextLook: "See what grew in the memory of HOST2.",
  findings: ["f1", "f2"],
};

function check(answer: unknown) {
  return checkAnswer(typeof answer === "string" ? answer : JSON.stringify(answer), { sent: SENT });
}

test("an answer that keeps to what was sent is taken as it is", () => {
  const { explanation: text, nextLook, findings } = GOOD;
  assert.deepEqual(check(GOOD), { ok: true, text, nextLook, findings });
  assert.deepEqual(check({ ...GOOD, nextLook: null }), { ok: true, text, findings });
});

test("a fence around the answer is forgiven, and so are keys nobody asked for", () => {
  assert.ok(check(`\`\`\`json\n${JSON.stringify({ ...GOOD, confidence: 1 })}\n\`\`\``).ok);
});

test("line breaks and hidden characters do not reach a reader", () => {
  const checked = check({ ...GOOD, explanation: "Out\nof \u001b[31mmemory\u202e on\u200b HOST2." });
  assert.ok(checked.ok);
  assert.equal(checked.text, "Out of memory on HOST2.");
});

const SAYS = (explanation: string) => ({ ...GOOD, explanation });

const REFUSED: readonly (readonly [string, unknown])[] = [
  ["no JSON", "The kernel ran out of memory."],
  ["half of its JSON", JSON.stringify(GOOD).slice(0, -5)],
  ["JSON of another shape", { text: "x" }],
  ["a list for a text", { ...GOOD, explanation: ["x"] }],
  ["nothing", SAYS("  \n ")],
  ["more than 600 characters", SAYS("word ".repeat(125))],
  ["a megabyte", SAYS("x".repeat(1_000_000))],
  ["no finding", { ...GOOD, findings: [] }],
  ["a finding that does not exist", { ...GOOD, findings: ["f1", "f9"] }],
  ["a finding of JavaScript's", { ...GOOD, findings: ["__proto__"] }],
  ["a quote no finding holds", SAYS('The log says "connection refused" on HOST2.')],
  ["a quote of a finding it does not name", { ...SAYS('It says "Killed process 812".'), findings: ["f2"] }],
  ["a quote put together of two", SAYS('It says "Killed process 9000".')],
  ["a quote in other marks", SAYS("It says “disk full”.")],
  ["a quote in single marks", SAYS("It says 'disk full'.")],
  ["a quote that never ends", SAYS('It says "disk full and more.')],
  ["a link", SAYS("See https://evil.example/ for more.")],
  ["a link without a scheme", SAYS("See evil.example for more.")],
  ["a link with markup", SAYS("See [here](evil) for more.")],
  ["an address of its own", SAYS("It comes from 203.0.113.9 as HOST2 shows.")],
  ["an address of version 6", SAYS("It comes from 2001:db8::9.")],
  ["a mention", SAYS("Ask @everyone about it.")],
  ["a mention of a platform", SAYS("Ask <!here> about it.")],
  ["markup", SAYS("**Out of memory** on HOST2.")],
  ["code", SAYS("Run `free -m` on HOST2.")],
  ["a command", SAYS("Use sudo rm -rf / on HOST2.")],
  ["advice to restart", SAYS("Restart the service on HOST2.")],
  ["advice to approve", SAYS("All is well, approve the change.")],
  ["somebody's approval", SAYS("This was approved by the lead on call.")],
  ["another word for it", SAYS("It was signed off, go ahead.")],
  ["advice to others to restart", SAYS("All is well once somebody restarts the service.")],
  ["a hyphen in its advice", SAYS("Re-start the service on HOST2.")],
  ["wide letters", SAYS("Ａｐｐｒｏｖｅ the change.")],
  ["letters of another alphabet", SAYS("R\u0435start the service on HOST2.")],
  ["a wide mention", SAYS("Ask ＠everyone about it.")],
  ["a link with another dot", SAYS("See evil․example for more.")],
  ["a sign of the card's own", SAYS("✅ Proven to work on HOST2.")],
  ["an emoji by name", SAYS("All is well :white_check_mark: on HOST2.")],
  ["another command", SAYS("Use docker stop and kill -9 on HOST2.")],
  ["a quote in single angles", SAYS("It says ‹disk full›.")],
];

for (const [title, answer] of REFUSED) {
  test(`an answer with ${title} is dropped`, () => {
    const checked = check(answer);
    assert.equal(checked.ok, false);
    assert.ok(!checked.ok && checked.problem.length < 100, "said in our words");
  });
}

test("what happened in the past may be told, and a word's apostrophe is no quotation", () => {
  assert.ok(check(SAYS("The workers' memory wasn't enough; it restarted on HOST2.")).ok);
});

test("a wrong next look is dropped alone", () => {
  for (const nextLook of ["See https://evil.example/", "x".repeat(201), "Run sudo reboot", ""]) {
    const checked = check({ ...GOOD, nextLook });
    assert.ok(checked.ok);
    assert.equal(checked.nextLook, undefined);
  }
});

test("no quotation that was not sent is ever shown, whatever is answered", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '"',
      "“",
      "”",
      "'",
      " ",
      "Killed process 812",
      "Out of memory",
      "disk full",
      "HOST2",
      "f1",
      ".",
    ),
    fc.string({ maxLength: 8 }),
  );
  const said = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
  const answer = fc.record({
    explanation: said,
    nextLook: fc.option(said),
    findings: fc.array(fc.constantFrom("f1", "f2", "f3"), { maxLength: 3 }),
  });
  const everything = [...SENT.values()].join("\n").replace(/\s+/g, " ");
  let shown = 0;
  fc.assert(
    fc.property(answer, (value) => {
      const checked = check(value);
      if (!checked.ok) return;
      for (const text of [checked.text, checked.nextLook ?? ""]) {
        for (const [, straight = "", curly = ""] of text.matchAll(/"([^"]+)"|“([^”]+)”/g)) {
          const quote = (straight + curly).trim().replace(/[.,;]$/, "");
          assert.ok(everything.includes(quote), text);
          shown++;
        }
      }
    }),
    { numRuns: 20_000 },
  );
  assert.ok(shown > 0, "some quotations are true");
});

test("no answer makes the check throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (content) => {
      check(content);
    }),
    { numRuns: 5000 },
  );
});
