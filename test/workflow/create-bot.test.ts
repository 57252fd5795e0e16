import assert from "node:assert/strict";
import { test } from "node:test";
import { bootBench, EVE } from "../fakes/bot-bench.ts";

const DAY_MS = 24 * 60 * 60_000;

test("raw evidence is put into the thread while it is kept, and said to be gone after that", async (context) => {
  const { surface, records, clock } = await bootBench(context);
  await surface.type("shop", EVE);
  const shown = await surface.until(({ card }) => card.buttons.some(({ action }) => action === "evidence"));
  assert.deepEqual(await surface.press(shown, "evidence", EVE), { text: "It is put into the thread." });
  await surface.until(({ notes }) => notes.some(({ text, file }) => /asked for by Eve/.test(text) && file));

  clock.aheadMs = 91 * DAY_MS;
  await records.prune();
  const { text } = await surface.press(shown, "evidence", EVE);
  assert.match(text, /^There is no raw evidence of this: it is kept for 90 days/);
  const notes = await records.incidents.notes(1);
  assert.equal(notes.filter((note) => /asked for by Eve/.test(note.text)).length, 1);
});

test("what the buttons of a message ask now is known by the message itself", async (context) => {
  const { surface, runtime } = await bootBench(context);
  await surface.type("shop", EVE);
  const { place, messageId } = await surface.until(({ card }) =>
    card.buttons.some(({ action }) => action === "approve"),
  );
  const [approve, ...others] = await runtime.bot.buttonsOn(place, messageId);
  assert.equal(approve?.confirm?.text.startsWith("app.service on origin-1 will be restarted once"), true);
  assert.ok(others.length > 0);
  assert.deepEqual(await runtime.bot.buttonsOn(place, "another"), []);
});
