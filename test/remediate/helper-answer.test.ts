import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseHelperAnswer } from "../../src/remediate/helper-answer.ts";

const LONG = "x".repeat(2000);

const ANSWERS: readonly (readonly [
  fact: string,
  output: string,
  word: string,
  fields: Readonly<Record<string, string>>,
])[] = [
  [
    "a word and its fields",
    "diagnose502 done id=shop.service state=active\n",
    "done",
    { id: "shop.service", state: "active" },
  ],
  ["a word alone", "diagnose502 taken", "taken", {}],
  ["no word at all", "diagnose502 ", "", {}],
  ["more spaces than needed", "diagnose502  done   id=a ", "done", { id: "a" }],
  ["a value with an equals sign", "diagnose502 done i=a=b", "done", { i: "a=b" }],
  ["a value that is empty", "diagnose502 done state=", "done", { state: "" }],
  ["parts that are no fields", "diagnose502 done =a b state=active", "done", { state: "active" }],
  ["a field that is there twice: the last", "diagnose502 done id=a id=b", "done", { id: "b" }],
  [
    "lines around it, and an older answer",
    "Last login: today\ndiagnose502 begun id=a\ndiagnose502 done id=b\nsudo: diagnose502 \nbye\n",
    "done",
    { id: "b" },
  ],
  ["a line of no end: its first 1000 characters", `diagnose502 done ${LONG}`, "done", {}],
  ["a value of no end: cut off there", `diagnose502 done id=${LONG}`, "done", { id: "x".repeat(980) }],
];

for (const [fact, output, word, fields] of ANSWERS) {
  test(`the helper's answer is read with ${fact}`, () => {
    assert.deepEqual(parseHelperAnswer(output), { word, fields: new Map(Object.entries(fields)) });
  });
}

for (const output of ["", "done\n", "diagnose502\n", "sudo: diagnose502 done\n", " diagnose502 done\n"]) {
  test(`${JSON.stringify(output)} is no answer of the helper's`, () => {
    assert.equal(parseHelperAnswer(output), undefined);
  });
}

test("whatever a host prints, an answer is short words without spaces, from its last line of that shape", () => {
  const part = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("diagnose502", "done", "a=b", "=", "\n", " "),
  );
  const output = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(" "));
  const answered = fc.tuple(output, output).map(([before, line]) => `${before}\ndiagnose502 ${line}`);
  fc.assert(
    fc.property(fc.oneof(output, answered), (text) => {
      const answer = parseHelperAnswer(text);
      const line = text.split("\n").findLast((one) => one.startsWith("diagnose502 "));
      assert.equal(answer === undefined, line === undefined);
      for (const one of [answer?.word ?? "", ...[...(answer?.fields ?? [])].map((pair) => pair.join("="))]) {
        assert.ok(line === undefined || line.includes(one));
        assert.match(one, /^[^ \n]{0,988}$/);
      }
    }),
  );
});
