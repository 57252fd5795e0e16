import assert from "node:assert/strict";
import { test } from "node:test";
import type { Person } from "../../src/incident/person.ts";
import { EVE, openBench } from "../fakes/bot-bench.ts";
import type { MemorySurface } from "../fakes/memory-surface.ts";
import { startPostgres, withoutPostgres } from "../fakes/postgres.ts";

const CLICKS = 500;

const personOf = (index: number): Person => ({
  surface: "console",
  workspace: "local",
  id: `p${index}`,
  name: `Person ${index}`,
});

test("of 500 clicks at once on two replicas one decides, one restart is done, and 499 people are told whose it was", {
  skip: withoutPostgres ?? false,
}, async (context) => {
  const people = Array.from({ length: CLICKS }, (_, index) => personOf(index));
  const postgres = await startPostgres();
  const opened = await openBench({
    place: { kind: "postgres", url: postgres.url },
    site: { approvers: { slack: [], discord: [], console: people.map(({ id }) => id) } },
  });
  const [one, other] = [await opened.boot(), await opened.boot()];
  context.after(async () => {
    await Promise.all([one.stop(), other.stop()]);
    await opened.remove();
    await postgres.remove();
  });
  /** Whichever replica shows it. */
  const until = (isSo: Parameters<MemorySurface["until"]>[0]) =>
    Promise.any([one.surface.until(isSo), other.surface.until(isSo)]);

  await one.surface.type("shop", EVE);
  const asking = await until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  const replies = await Promise.all(
    people.map((person, index) => (index % 2 === 0 ? one : other).surface.press(asking, "approve", person)),
  );
  const late = replies.filter(({ text }) => /^Approved already by Person \d+/.test(text));
  const decided = replies.filter(({ text }) => text.startsWith("Approved. "));
  assert.deepEqual([decided.length, late.length], [1, CLICKS - 1]);

  await until(({ card }) => card.headline.includes("closed"));
  const [key = ""] = opened.world.restarts;
  assert.equal(opened.world.restarts.length, 1);
  assert.equal((await one.records.intents.find(key))?.decisions.length, 1);
  const refused = [];
  for await (const { kind } of one.records.audit.rows()) if (kind === "click-refused") refused.push(kind);
  assert.equal(refused.length, CLICKS - 1, "each is on record");
});
