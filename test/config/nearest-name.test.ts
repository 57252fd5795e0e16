import assert from "node:assert/strict";
import { test } from "node:test";
import { nearestName } from "../../src/config/nearest-name.ts";

for (const { typed, known, nearest } of [
  { typed: "adress", known: ["port", "address"], nearest: "address" },
  { typed: "prot", known: ["port", "proxy"], nearest: "port" },
  { typed: "Shop", known: ["shop", "shop-2"], nearest: "shop" },
  { typed: "edge1", known: ["edge-1", "edge-12"], nearest: "edge-1" },
  { typed: "x", known: ["shop"], nearest: undefined },
  { typed: "blog", known: ["shop"], nearest: undefined },
  { typed: "", known: ["a"], nearest: undefined },
]) {
  test(`${typed || "nothing"} among ${known.join(", ")} is taken for ${nearest ?? "none of them"}`, () => {
    assert.equal(nearestName(typed, known), nearest);
  });
}
