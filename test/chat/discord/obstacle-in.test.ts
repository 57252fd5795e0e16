import assert from "node:assert/strict";
import { test } from "node:test";
import { PermissionFlagsBits as MAY } from "discord.js";
import type { From } from "../../fakes/discord/start-discord.ts";
import { answerTo, startBench, startThreads } from "./bench.ts";

const MUTE: readonly {
  readonly where: string;
  readonly make: (bench: Awaited<ReturnType<typeof startThreads>>) => From | undefined;
  readonly told: RegExp;
}[] = [
  {
    where: "in a channel the bot cannot see",
    make: ({ discord }) => void discord.deny(MAY.ViewChannel | MAY.SendMessages),
    told: /^I may not write here: I lack “View Channel” and “Send Messages”\. Grant .* then ask again\.$/,
  },
  {
    where: "in a channel it may not write to",
    make: ({ discord }) => void discord.deny(MAY.SendMessages),
    told: /I lack “Send Messages”\./,
  },
  {
    where: "in a thread it may not write to",
    make: ({ discord, talk }) => {
      discord.deny(MAY.SendMessagesInThreads);
      return { channelId: talk.id };
    },
    told: /I lack “Send Messages in Threads”\./,
  },
  {
    where: "in a locked thread",
    make: ({ talk }) => {
      talk.isLocked = true;
      return { channelId: talk.id };
    },
    told: /^This thread is locked/,
  },
];

for (const { where, make, told } of MUTE) {
  test(`whoever asks for a site ${where} is told why nothing is looked at, and may ask for the rest`, async (context) => {
    const bench = await startThreads(context);
    const { discord, bot } = bench;
    const from = make(bench);
    assert.match((await answerTo(discord, discord.command("shop", from))).text, told);
    const { id } = await answerTo(discord, discord.command(undefined, from));
    assert.match((await answerTo(discord, discord.choose(id, "site", "blog", from))).text, told);
    for (const text of ["list", "status", "help", "no-such-site"]) {
      assert.equal((await answerTo(discord, discord.command(text, from))).text, `Looking at ${text}.`);
    }
    assert.deepEqual(
      bot.commands.map(({ text }) => text),
      ["", "list", "status", "help", "no-such-site"],
    );
  });
}

const LOUD: readonly (readonly [what: string, payload: From["payload"] & object])[] = [
  ["an administrator may write everywhere", { app_permissions: String(MAY.Administrator) }],
  ["what Discord does not say is no obstacle", { app_permissions: undefined, channel: undefined }],
];

for (const [what, payload] of LOUD) {
  test(what, async (context) => {
    const { discord } = await startBench(context);
    assert.equal((await answerTo(discord, discord.command("shop", { payload }))).text, "Looking at shop.");
  });
}

test("in a thread it is the permission for threads that counts", async (context) => {
  const { discord, talk } = await startThreads(context);
  discord.deny(MAY.SendMessages);
  const asked = discord.command("shop", { channelId: talk.id });
  assert.equal((await answerTo(discord, asked)).text, "Looking at shop.");
});
