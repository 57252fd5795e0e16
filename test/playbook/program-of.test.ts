import assert from "node:assert/strict";
import { test } from "node:test";
import { programOf } from "../../src/playbook/program-of.ts";

const PROGRAMS: readonly (readonly [line: string, program: string])[] = [
  ["systemctl show", "systemctl"],
  ["env TZ=UTC0 systemctl show", "systemctl"],
  ["env A=1 B=2 ss -l", "ss"],
  ["env", "env"],
  ["env A=1", "env"],
];

for (const [line, program] of PROGRAMS) {
  test(`${line} starts ${program}`, () => assert.equal(programOf(line.split(" ")), program));
}

test("no words start nothing", () => assert.equal(programOf([]), ""));
