import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseChat } from "../src/open-chat.ts";

test("a public key of Discord without a token is said to need one, and is not passed over", () => {
  const { discord } = chooseChat({ slack: {}, discord: { publicKey: "00".repeat(32) } }, undefined);
  assert.deepEqual(discord, {
    kind: "incomplete",
    missing: ["DISCORD_TOKEN", "chat.discord.guild in the config"],
  });
});

test("without any token no platform is asked for", () => {
  const chat = chooseChat({ slack: {}, discord: {} }, undefined);
  assert.deepEqual(chat, { slack: { kind: "off" }, discord: { kind: "off" } });
});
