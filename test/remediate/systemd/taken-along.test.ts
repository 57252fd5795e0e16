import assert from "node:assert/strict";
import { test } from "node:test";
import { findTakenAlong } from "../../../src/remediate/systemd/taken-along.ts";
import { makeUnit } from "./make-unit.ts";

const alongOf = (
  bonds: Readonly<Record<string, string>>,
  others: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
) => {
  const service = makeUnit("shop.service", bonds);
  const units = Object.entries(others).map(([name, properties]) => makeUnit(name, properties));
  return findTakenAlong(service, [service, ...units]);
};
const paths = (along: ReturnType<typeof alongOf>) => along.map(({ path }) => path.slice(1).join(" > "));

for (const bond of ["RequiredBy", "RequisiteOf", "BoundBy", "ConsistsOf", "PropagatesStopTo"]) {
  test(`${bond} takes along, and theirs in turn`, () => {
    const along = alongOf({ [bond]: "a.service" }, { "a.service": { [bond]: "b.socket" }, "b.socket": {} });
    assert.deepEqual(along, [
      { unit: "a.service", names: ["a.service"], path: ["shop.service", "a.service"] },
      { unit: "b.socket", names: ["b.socket"], path: ["shop.service", "a.service", "b.socket"] },
    ]);
  });
}

test("a unit without bonds takes nothing along", () => {
  assert.deepEqual(alongOf({}, { "a.service": {} }), []);
});

test("what is down stays down, with all that hangs on it; what comes or goes is taken along", () => {
  const states = ["inactive", "failed", "activating", "deactivating", "reloading"];
  const others = states.map((state) => [
    `${state}.service`,
    { ActiveState: state, BoundBy: `${state}-2.service` },
  ]);
  const along = alongOf(
    { RequiredBy: states.map((state) => `${state}.service`).join(" ") },
    Object.fromEntries(others),
  );
  assert.deepEqual(paths(along), [
    "activating.service",
    "deactivating.service",
    "reloading.service",
    "activating.service > activating-2.service",
    "deactivating.service > deactivating-2.service",
    "reloading.service > reloading-2.service",
  ]);
});

test("each is taken along once, by the shortest way; a ring of units ends", () => {
  const along = alongOf(
    { RequiredBy: "a.service b.service" },
    {
      "a.service": { ConsistsOf: "c.service shop.service" },
      "b.service": { ConsistsOf: "c.service a.service" },
      "c.service": { BoundBy: "b.service" },
    },
  );
  assert.deepEqual(paths(along), ["a.service", "b.service", "a.service > c.service"]);
});

test("another name of a unit is that unit, with all its names and bonds", () => {
  const along = alongOf(
    { RequiredBy: "www.service web.service" },
    { "web.service": { Names: "web.service www.service", BoundBy: "a.service" } },
  );
  assert.deepEqual(along, [
    { unit: "web.service", names: ["web.service", "www.service"], path: ["shop.service", "web.service"] },
    { unit: "a.service", names: ["a.service"], path: ["shop.service", "web.service", "a.service"] },
  ]);
});
