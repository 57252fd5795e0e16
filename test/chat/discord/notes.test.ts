import assert from "node:assert/strict";
import { test } from "node:test";
import { PermissionFlagsBits as MAY } from "discord.js";
import type { ThreadNote } from "../../../src/report/card.ts";
import type { SurfaceError } from "../../../src/workflow/surface.ts";
import type { FakeDiscord } from "../../fakes/discord/start-discord.ts";
import type { Channel } from "../../fakes/discord/world.ts";
import { CARD, startBench, startThreads } from "./bench.ts";

const SEEN: ThreadNote = {
  key: "1",
  text: "What was seen.",
  quotes: ["Killed process 812"],
  file: { name: "evidence-42-1.json", text: '{"shop":1}' },
  loud: false,
};
const NEXT: ThreadNote = { key: "2", text: "Approved.", quotes: [], loud: true };

const UNATTACHED: readonly (readonly [what: string, (discord: FakeDiscord) => unknown, told: RegExp])[] = [
  [
    "without the permission to attach files",
    (discord) => discord.deny(MAY.AttachFiles),
    /could not be attached\. Discord: Missing Permissions\. Give me the permission “Attach Files” in this channel/,
  ],
  [
    "of a file that is too large for the server",
    ({ world }) => {
      world.attachmentBytes = 9;
    },
    /could not be attached\. Discord: Request entity too large\. It is larger/,
  ],
  [
    "of a file that Discord will not draw",
    ({ world }) => {
      world.refusesText = "attachment://";
    },
    /could not be attached\. Discord: Invalid Form Body/,
  ],
];

for (const [what, refuse, told] of UNATTACHED) {
  test(`a note ${what} is shown without it, says so, and is followed by the next`, async (context) => {
    const { discord, surface, place, posted, log } = await startThreads(context);
    refuse(discord);
    for (const note of [SEEN, SEEN, NEXT]) await surface.reply(place, posted, note);
    const [seen, next, ...others] = discord.messages(posted.threadId);
    assert.match(seen?.text ?? "", told);
    assert.match(seen?.text ?? "", /^\*\*What was seen\.\*\*\nThe file could not .*\n\nKilled process 812/);
    assert.deepEqual([seen?.files, seen?.mentions, seen?.links], [[], [], []]);
    assert.match(next?.text ?? "", /Approved\./);
    assert.deepEqual([others, discord.messages().length], [[], 1]);
    assert.ok(log.lines.some((line) => line.startsWith("warn evidence could not be attached")));
  });
}

test("a note that is refused with its file and without it ends the card", async (context) => {
  const { discord, surface, place, posted } = await startThreads(context);
  discord.deny(MAY.SendMessages | MAY.SendMessagesInThreads);
  await assert.rejects(surface.reply(place, posted, SEEN), { kind: "gone" } satisfies Partial<SurfaceError>);
});

const NO_NOTES: readonly (readonly [what: string, (discord: FakeDiscord, beneath: Channel) => unknown])[] = [
  ["is locked", (_, beneath) => Object.assign(beneath, { isLocked: true })],
  ["is locked and archived", (_, beneath) => Object.assign(beneath, { isLocked: true, isArchived: true })],
  ["may not be written to", (discord) => discord.deny(MAY.SendMessagesInThreads)],
  [
    "is archived while the server has as many threads as it may",
    ({ world }, beneath) => {
      beneath.isArchived = true;
      world.maxActiveThreads = 1;
    },
  ],
];

for (const [what, make] of NO_NOTES) {
  test(`notes go to the channel, with their file, when the thread ${what}`, async (context) => {
    const { discord, surface, place, posted, beneath } = await startThreads(context);
    make(discord, beneath);
    for (const note of [SEEN, NEXT]) await surface.reply(place, posted, note);
    const [, seen, next] = discord.messages();
    assert.deepEqual(
      seen?.files.map(({ name }) => name),
      ["evidence-42-1.json"],
    );
    assert.match(next?.text ?? "", /Approved\./);
    assert.deepEqual(discord.messages(posted.threadId), []);
  });
}

test("a note brings an archived thread back", async (context) => {
  const { discord, surface, place, posted, beneath } = await startThreads(context);
  beneath.isArchived = true;
  await surface.reply(place, posted, NEXT);
  assert.equal(discord.messages(posted.threadId).length, 1);
  assert.equal(beneath.isArchived, false);
});

test("a card cannot be shown in a locked thread", async (context) => {
  const { surface, talk, inTalk } = await startThreads(context);
  talk.isLocked = true;
  await assert.rejects(surface.post(inTalk, CARD, "1-2"), { kind: "gone" } satisfies Partial<SurfaceError>);
});

const NO_THREAD: readonly (readonly [what: string, (discord: FakeDiscord) => unknown])[] = [
  ["the bot may not begin any", (discord) => discord.deny(MAY.CreatePublicThreads)],
  [
    "the server has as many as it may",
    ({ world }) => {
      world.maxActiveThreads = 0;
    },
  ],
];

for (const [what, make] of NO_THREAD) {
  test(`a card without a thread, because ${what}, stands once, and its notes go to the channel`, async (context) => {
    const { discord, surface, place } = await startBench(context);
    make(discord);
    const posted = await surface.post(place, CARD, "1-1");
    assert.equal(posted.threadId, place.channel);
    await surface.reply(place, posted, SEEN);
    assert.equal(discord.messages().length, 2);
  });
}

test("in a thread, where no other can be begun, notes go to that thread", async (context) => {
  const { discord, surface, talk, inTalk } = await startThreads(context);
  const posted = await surface.post(inTalk, CARD, "1-2");
  assert.equal(posted.threadId, talk.id);
  await surface.reply(inTalk, posted, NEXT);
  assert.equal(discord.messages(talk.id).length, 2);
});

test("a card whose thread could not be begun for long is not posted again: it gets its thread, and what is new", async (context) => {
  const { discord, surface, place } = await startBench(context);
  discord.world.breaksAt = "/threads";
  await assert.rejects(surface.post(place, CARD, "1-1"), { kind: "later" } satisfies Partial<SurfaceError>);
  discord.advance(10 * 60_000);
  discord.world.breaksAt = undefined;
  const posted = await surface.post(place, { ...CARD, headline: "still down" }, "1-1");
  const [card, ...others] = discord.messages();
  assert.deepEqual([card?.id, others], [posted.messageId, []]);
  assert.match(card?.text ?? "", /still down/);
  assert.ok(discord.world.channels.has(posted.threadId));
});
