import assert from "node:assert/strict";
import { test } from "node:test";
import { PermissionFlagsBits as MAY } from "discord.js";
import type { Card } from "../../../src/report/card.ts";
import type { SurfaceError } from "../../../src/workflow/surface.ts";
import type { FakeDiscord } from "../../fakes/discord/start-discord.ts";
import type { Channel } from "../../fakes/discord/world.ts";
import { CARD, startThreads } from "./bench.ts";

const NEWER: Card = { ...CARD, headline: "shop is well again" };

test("a card in a thread that has archived itself is brought up to date", async (context) => {
  const { discord, surface, talk, inTalk } = await startThreads(context);
  const posted = await surface.post(inTalk, CARD, "1-2");
  talk.isArchived = true;
  await surface.update(inTalk, posted, NEWER);
  const [card, ...others] = discord.messages(talk.id);
  assert.match(card?.text ?? "", /shop is well again/);
  assert.deepEqual([others, talk.isArchived], [[], false]);
});

test("a card that is posted again into a thread that has archived itself shows what is new", async (context) => {
  const { discord, surface, talk, inTalk } = await startThreads(context);
  const { messageId } = await surface.post(inTalk, CARD, "1-2");
  talk.isArchived = true;
  assert.equal((await surface.post(inTalk, NEWER, "1-2")).messageId, messageId);
  const [card, ...others] = discord.messages(talk.id);
  assert.match(card?.text ?? "", /shop is well again/);
  assert.deepEqual(others, []);
});

test("a card in a channel is brought up to date while the thread beneath it is archived, and leaves that so", async (context) => {
  const { discord, surface, place, posted, beneath } = await startThreads(context);
  beneath.isArchived = true;
  await surface.update(place, posted, NEWER);
  assert.match(discord.messages()[0]?.text ?? "", /shop is well again/);
  assert.equal(beneath.isArchived, true);
});

const CLOSED: readonly (readonly [
  what: string,
  kind: SurfaceError["kind"],
  make: (discord: FakeDiscord, talk: Channel) => unknown,
])[] = [
  ["locked", "gone", (_, talk) => Object.assign(talk, { isLocked: true })],
  ["locked and archived", "gone", (_, talk) => Object.assign(talk, { isLocked: true, isArchived: true })],
  [
    "archived, where the bot may no longer write",
    "gone",
    (discord, talk) => {
      talk.isArchived = true;
      discord.deny(MAY.SendMessagesInThreads);
    },
  ],
  [
    "archived while the server has as many threads as it may",
    "later",
    ({ world }, talk) => {
      talk.isArchived = true;
      world.maxActiveThreads = 1;
    },
  ],
];

for (const [what, kind, make] of CLOSED) {
  test(`a card in a thread that is ${what} cannot be changed: ${kind}`, async (context) => {
    const { discord, surface, talk, inTalk } = await startThreads(context);
    const posted = await surface.post(inTalk, CARD, "1-2");
    make(discord, talk);
    const before = talk.isArchived;
    await assert.rejects(surface.update(inTalk, posted, NEWER), { kind } satisfies Partial<SurfaceError>);
    assert.equal(talk.isArchived, before);
  });
}
