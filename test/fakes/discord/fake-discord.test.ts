import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import {
  Client,
  DiscordAPIError,
  Events,
  GatewayIntentBits,
  PermissionFlagsBits as MAY,
  MessageFlags,
  REST,
  Routes,
} from "discord.js";
import { type Body, isBody, refuseMessage } from "./body-rules.ts";
import { INVITED } from "./channel-rules.ts";
import { readMessage } from "./read-message.ts";
import { startDiscord } from "./start-discord.ts";

test("the stock client logs in, hears a command and answers it", async (context) => {
  const discord = await startDiscord();
  context.after(() => discord.close());
  const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: discord.apiUrl } });
  context.after(() => client.destroy());
  client.on(Events.InteractionCreate, async (interaction) => {
    if (!interaction.isChatInputCommand()) return;
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await interaction.editReply(`${interaction.guild?.name}: ${interaction.options.getString("site")}`);
  });
  await client.login(discord.token);
  const asked = discord.command("shop");
  await discord.until("an answer", () => discord.answers(asked)[0]?.text === "operators: shop");
});

const V2 = 1 << 15;
const text = (content: string): Body => ({ type: 10, content });
const button = (custom_id: string): Body => ({ type: 2, style: 2, label: "a", custom_id });
const row = (...components: Body[]): Body => ({ type: 1, components });

const REFUSED: readonly { readonly what: string; readonly body: Body; readonly before?: number }[] = [
  {
    what: "more than 40 components",
    body: { flags: V2, components: Array.from({ length: 41 }, () => text("a")) },
  },
  {
    what: "more than 4,000 characters over all texts",
    body: { flags: V2, components: [text("a".repeat(2001)), text("a".repeat(2000))] },
  },
  { what: "components V2 beside content", body: { flags: V2, content: "a", components: [text("a")] } },
  {
    what: "components V2 beside embeds",
    body: { flags: V2, embeds: [{ title: "a" }], components: [text("a")] },
  },
  { what: "components V2 without their flag", body: { components: [text("a")] } },
  { what: "an edit that takes the V2 flag away", body: { flags: 0, components: [] }, before: V2 },
  { what: "the same custom id twice", body: { components: [row(button("a"), button("a"))] } },
  {
    what: "a row of six buttons",
    body: { components: [row(...["a", "b", "c", "d", "e", "f"].map(button))] },
  },
  {
    what: "a file that is not attached",
    body: { flags: V2, components: [{ type: 13, file: { url: "attachment://a" } }] },
  },
];

for (const { what, body, before } of REFUSED) {
  test(`${what} is refused`, () => {
    assert.equal(refuseMessage(body, before === undefined ? {} : { before })?.code, 50035);
  });
}

test("what Discord's own schema forbids is refused", async (context) => {
  const discord = await startDiscord();
  context.after(() => discord.close());
  const rest = new REST({ api: discord.apiUrl }).setToken(discord.token);
  for (const body of [
    { components: [row(button("x".repeat(101)))] },
    { content: "a", nonce: "x".repeat(26) },
    { components: [{ type: 2, label: "outside of a row", style: 2, custom_id: "a" }] },
  ]) {
    await assert.rejects(rest.post(Routes.channelMessages(discord.channelId), { body }), {
      code: 50035,
      status: 400,
    });
  }
});

test("the clocks of interactions: three seconds, once, fifteen minutes", async (context) => {
  const discord = await startDiscord();
  context.after(() => discord.close());
  const rest = new REST({ api: discord.apiUrl }).setToken(discord.token);
  const code = async (call: Promise<unknown>): Promise<unknown> => {
    const error = await call.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return error instanceof DiscordAPIError ? error.code : error;
  };
  const acknowledge = ({ id, token }: { id: string; token: string }) =>
    code(rest.post(Routes.interactionCallback(id, token), { body: { type: 5 }, auth: false }));
  const edit = ({ token }: { token: string }) =>
    code(
      rest.patch(Routes.webhookMessage(discord.applicationId, token), {
        body: { content: "a" },
        auth: false,
      }),
    );
  const first = discord.command("shop");
  assert.equal(await acknowledge(first), undefined);
  assert.equal(await acknowledge(first), 40060);
  assert.equal(await edit(first), undefined);
  const second = discord.command("shop");
  discord.advance(3001);
  assert.equal(await acknowledge(second), 10062);
  assert.equal(await edit(first), undefined);
  discord.advance(15 * 60_000);
  assert.equal(await edit(first), 50027);
});

test("the bot may do what docs/bot.md invites it for, and each interaction says what it may do there", async (context) => {
  const discord = await startDiscord();
  context.after(() => discord.close());
  const page = await readFile(new URL("../../../docs/bot.md", import.meta.url), "utf8");
  assert.match(page, new RegExp(`permissions=${INVITED}`));
  discord.deny(MAY.SendMessages);
  discord.world.attachmentBytes = 9;
  const { app_permissions: permissions, attachment_size_limit: limit } = discord.command("shop").payload;
  assert.deepEqual([permissions, limit], [String(INVITED & ~MAY.SendMessages), 9]);
});

test("what is in an archived or locked thread cannot be changed, and only an archived one can be opened again", async (context) => {
  const discord = await startDiscord();
  context.after(() => discord.close());
  const rest = new REST({ api: discord.apiUrl }).setToken(discord.token);
  const channel = discord.channelId;
  const sent = await rest.post(Routes.channelMessages(channel), { body: { content: "a" } });
  assert.ok(isBody(sent));
  const threadId = String(sent.id);
  await rest.post(Routes.threads(channel, threadId), { body: { name: "b" } });
  const said = await rest.post(Routes.channelMessages(threadId), { body: { content: "a" } });
  assert.ok(isBody(said));
  const thread = discord.world.channels.get(threadId);
  assert.ok(thread);
  const edit = () => rest.patch(Routes.channelMessage(threadId, String(said.id)), { body: { content: "b" } });
  const update = (body: Body) => rest.patch(Routes.channel(threadId), { body });
  thread.isArchived = true;
  await assert.rejects(edit(), { code: 50083 });
  await assert.rejects(update({ name: "c", archived: false }), { code: 50013 });
  await assert.rejects(rest.patch(Routes.channel(channel), { body: { archived: false } }), { code: 50013 });
  await update({ archived: false });
  await edit();
  Object.assign(thread, { isLocked: true });
  await assert.rejects(edit(), { code: 160005 });
  Object.assign(thread, { isArchived: true });
  await assert.rejects(edit(), { code: 50083 });
  await assert.rejects(update({ archived: false }), { code: 50013 });
});

const SEEN: readonly (readonly [written: string, found: Partial<ReturnType<typeof readMessage>>])[] = [
  ["@everyone", { mentions: ["@everyone"], pings: ["@everyone"] }],
  ["\\@here", { mentions: ["@here"] }],
  ["<@1> <@&2> <#3> </a:4>", { mentions: ["<@1>", "<@&2>", "<#3>", "</a:4>"] }],
  ["https://a.example/b", { links: ["https://a.example/b"] }],
  ["[a](https://b.example)", { links: ["https://b.example"] }],
  ["<https://a.example>", { links: ["https://a.example"] }],
  ["<mailto:a@b.example>", { links: ["mailto:a@b.example"] }],
  ["\\[a\\](https\\://b.example)", { links: [], text: "[a](https://b.example)" }],
  ["```\n<@1>\n```", { mentions: [], fences: ["\n<@1>\n"] }],
  ["```\na\n``` <@1>\n```", { mentions: ["<@1>"] }],
  ["# a", { markup: ["#"] }],
  ["a # b", { markup: [] }],
  ["||a||", { markup: ["||", "||"] }],
  ["- a", { markup: ["-"] }],
  ["1. a", { markup: ["1."] }],
  ["<t:1:R>", { markup: ["<t:1:R>"] }],
  ["a_b", { markup: [] }],
];

for (const [written, found] of SEEN) {
  test(`a reader of ${JSON.stringify(written)} sees ${JSON.stringify(found)}`, () => {
    const seen = readMessage({ content: written });
    assert.deepEqual({ ...seen, ...found }, seen);
  });
}

test("without allowed_mentions everything notifies; with an empty list nothing does", () => {
  assert.deepEqual(readMessage({ content: "<@1>" }).pings, ["<@1>"]);
  assert.deepEqual(readMessage({ content: "<@1> @everyone", allowed_mentions: { parse: [] } }).pings, []);
});
