import assert from "node:assert/strict";
import { test } from "node:test";
import { findExpressions } from "../bench/hostile-lines/find-expressions.ts";

/** Where text of hosts, senders and models is read. How long each takes for its worst line: `node bench/hostile-lines/main.ts`. */
const READERS = ["src/{collect,topology,classify,playbook,verify,remediate,ssh,http,intake,llm}/**/*.ts"];

/** Whether something repeated without end holds something repeated without end: tried in all ways to cut a text up. */
function nestsRepetition(source: string): boolean {
  const holds = [false];
  const parts = /\\.|\[(?:\\.|[^\]\\])*\]|\(|\)|[*+]|\{\d+,\}|./gs;
  const ends = /(?:[*+]|\{\d+,\})/y;
  for (const { 0: part, index } of source.matchAll(parts)) {
    if (part === "(") holds.push(false);
    else if (part === ")") {
      const isOpen = holds.pop() ?? false;
      ends.lastIndex = index + 1;
      if (isOpen && ends.test(source)) return true;
      if (isOpen) holds[holds.length - 1] = true;
    } else if (/^(?:[*+]|\{\d+,\})$/.test(part)) holds[holds.length - 1] = true;
  }
  return false;
}

test("nested repetition is recognised", () => {
  for (const source of ["(a+)+", "^(?:\\d+(?:ms|[smhdw])?)+$", "((?:a*b)c){2,}", "(?<x>[a]+|b)*"]) {
    assert.ok(nestsRepetition(source), source);
  }
  for (const source of ["a+b+", "(a+)?b", "(\\(a+\\))", "[(a+)]+", "(?:ab)+", "(a{1,9}){2}"]) {
    assert.ok(!nestsRepetition(source), source);
  }
});

test("no expression that reads foreign text nests one repetition in another", () => {
  const found = findExpressions(READERS);
  assert.ok(found.length > 200, `${found.length}`);
  assert.deepEqual(
    found.filter(({ expression }) => nestsRepetition(expression.source)).map(({ place }) => place),
    [],
  );
});
