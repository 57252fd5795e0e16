import assert from "node:assert/strict";
import { test } from "node:test";
import type { ThreadNote } from "../../../src/report/card.ts";
import type { SurfaceError } from "../../../src/workflow/surface.ts";
import type { FakeSlack } from "../../fakes/slack/start-slack.ts";
import { DIAGNOSED, LOOKING, startBench } from "./bench.ts";

const NOTE: ThreadNote = { key: "42-1", text: "ana approved the restart.", quotes: [], loud: false };

test("a card reads as the answer, the hops, the proof, the advice, the restart and its buttons", async (context) => {
  const { slack, surface, place } = await startBench(context);
  await surface.post(place, DIAGNOSED, "42-1");
  const [card] = slack.messages();
  assert.ok(card);
  const found = [
    "🔴 shop: php8.2-fpm was killed by the kernel for lack of memory. A restart would help.",
    "https://shop.example.com/",
    "✅ edge → ✅ nginx edge-1 → ❌ php8.2-fpm origin-1 (broken)",
    "The kernel killed php-fpm8.2 (pid 4242). · origin-1 · 03:09:12 UTC, 3 min ago",
    "    Out of memory: Killed process 4242",
    "Would a restart help? yes (php8.2-fpm.service on origin-1).",
    "Do next",
    "Restart php8.2-fpm.service on origin-1",
    "• runs systemctl restart php8.2-fpm.service",
    "[Restart upstream only] [Deny] [Look again] [Raw evidence]",
    "incident #42, opened by ana",
  ].map((text) => card.text.indexOf(text));
  assert.ok(
    found.every((at) => at >= 0),
    card.text,
  );
  assert.deepEqual(
    found,
    found.toSorted((a, b) => a - b),
    card.text,
  );
  assert.deepEqual([card.mentions, card.links, card.unfurls], [[], ["https://shop.example.com/"], false]);
  assert.deepEqual(card.buttons[0]?.confirm, {
    title: "Restart the upstream?",
    text: "php8.2-fpm.service on origin-1 will be restarted once, after one more check.",
    yes: "Restart it",
    no: "Not now",
  });
});

test("how long ago something was goes on while it is read, where that is known", async (context) => {
  const { slack, surface, place } = await startBench(context);
  const when = { clock: "03:09:12 UTC", ago: "3 min ago" };
  for (const at of ["2026-11-20T03:09:12.500Z", "no time"]) {
    await surface.post(
      place,
      {
        ...DIAGNOSED,
        since: null,
        lastChange: null,
        proof: [{ says: "x", host: "", when: { ...when, at } }],
      },
      at,
    );
  }
  const [known, unknown] = slack.world.messages.map(({ blocks }) => JSON.stringify(blocks));
  const since = { type: "date", timestamp: 1_795_144_152, format: "{ago}", fallback: "3 min ago" };
  assert.ok(known?.includes(JSON.stringify(since)), known);
  assert.ok(unknown?.includes('"3 min ago"') && !unknown.includes('"date"'), unknown);
});

test("hops that stand beside each other are drawn so", async (context) => {
  const { slack, surface, place } = await startBench(context);
  const hops = [
    { name: "nginx", host: "edge-1", state: "ok" },
    { name: "app", host: "origin-1", state: "broken" },
    { name: "app", host: "origin-2", state: "ok", beside: true },
  ] as const;
  await surface.post(place, { ...DIAGNOSED, hops }, "42-1");
  assert.match(
    slack.messages()[0]?.text ?? "",
    /✅ nginx edge-1 → ❌ app origin-1 \(broken\) \| ✅ app origin-2/,
  );
});

test("notes stand in the thread, and a loud one in the channel too", async (context) => {
  const { slack, surface, place } = await startBench(context);
  const message = await surface.post(place, LOOKING, "42-1");
  await surface.reply(place, message, NOTE);
  await surface.reply(place, message, { ...NOTE, text: "The restart was not proven.", loud: true });
  assert.deepEqual(
    slack.thread(message.threadId).map(({ text, isBroadcast }) => [text, isBroadcast]),
    [
      ["ana approved the restart.", false],
      ["The restart was not proven.", true],
    ],
  );
});

test("no text of a post, an edit or a note is searched for names and addresses", async (context) => {
  const { slack, surface, place } = await startBench(context);
  const posted = await surface.post(place, LOOKING, "42-1");
  await surface.update(place, posted, DIAGNOSED);
  await surface.reply(place, posted, {
    key: "42-1",
    text: "@here https://evil.example/",
    quotes: [],
    loud: true,
  });
  const all = [...slack.messages(), ...slack.thread(posted.threadId)];
  assert.deepEqual(
    all.map(({ parse }) => parse),
    ["none", "none"],
  );
});

test("raw evidence is a file in the thread", async (context) => {
  const { slack, surface, place } = await startBench(context);
  const message = await surface.post(place, LOOKING, "42-1");
  await surface.reply(place, message, {
    ...NOTE,
    file: { name: "evidence-42.json", text: '{"é": "<!channel>"}' },
  });
  const [, file] = slack.thread(message.threadId);
  assert.equal(file?.files[0]?.name, "evidence-42.json");
  assert.equal(file?.files[0]?.content?.toString("utf8"), '{"é": "<!channel>"}');
});

test("a file that may not be uploaded is said once, beneath a note that is not repeated", async (context) => {
  const { slack, surface, place, lines } = await startBench(context);
  slack.world.scopes.delete("files:write");
  const message = await surface.post(place, LOOKING, "42-1");
  await surface.reply(place, message, { ...NOTE, file: { name: "evidence-42.json", text: "{}" } });
  const texts = slack.thread(message.threadId).map(({ text }) => text);
  assert.equal(texts.length, 2);
  assert.match(
    texts[1] ?? "",
    /could not be attached\. .* the app lacks files:write: .* The console has it\./,
  );
  assert.ok(lines.includes("warn evidence could not be attached"));
});

test("when Slack refuses the blocks, the text alone is shown, without markup, and it is logged", async (context) => {
  const { slack, surface, place, lines } = await startBench(context);
  slack.world.refusesBlocks = true;
  const message = await surface.post(
    place,
    { ...DIAGNOSED, headline: "shop: <!channel> *is* down https://evil.example/" },
    "42-1",
  );
  const [card] = slack.messages();
  assert.match(card?.text ?? "", /^🔴 shop: <!channel> \*is\* down https:\/\/evil\.example\/\n✅ edge/);
  assert.deepEqual([card?.mentions, card?.markup, card?.links], [[], [], []]);
  await surface.update(place, message, { ...DIAGNOSED, headline: "shop: better https://evil.example/" });
  assert.match(slack.messages()[0]?.text ?? "", /^🔴 shop: better/);
  assert.deepEqual(slack.messages()[0]?.links, []);
  assert.ok(lines.includes("error blocks were refused; only their text is shown"));
  slack.world.refusesBlocks = false;
  await surface.update(place, message, DIAGNOSED);
  assert.equal(slack.messages()[0]?.buttons.length, 4);
});

const REFUSALS: readonly (readonly [string, (slack: FakeSlack) => unknown, Partial<SurfaceError>, RegExp])[] =
  [
    [
      "the message was deleted",
      ({ world }) => void world.messages.splice(0),
      { kind: "gone" },
      /message_not_found, the message was deleted/,
    ],
    [
      "the channel is archived",
      ({ world }) => void world.channels.set("C0INCIDENTS", channel({ isArchived: true })),
      { kind: "gone" },
      /is_archived.*name another one in the config/,
    ],
    [
      "the app was removed from a public channel",
      ({ world }) => void world.channels.set("C0INCIDENTS", channel({ isMember: false })),
      { kind: "gone" },
      /not_in_channel.*\/invite @diagnose502/,
    ],
    [
      "the app was removed from a private channel",
      ({ world }) => void world.channels.set("C0INCIDENTS", channel({ isMember: false, kind: "private" })),
      { kind: "gone" },
      /channel_not_found.*\/invite @diagnose502/,
    ],
    [
      "the message is another app's",
      ({ world }) =>
        world.messages.splice(0, 1, ...world.messages.map((one) => ({ ...one, user: "U0OTHERBOT" }))),
      { kind: "gone" },
      /cant_update_message/,
    ],
    [
      "there are too many calls",
      ({ limits }) => limits.refuseNext("chat.update", 7),
      { kind: "later", retryAfterMs: 7000 },
      /too many calls/,
    ],
    [
      "the token was revoked",
      ({ world }) => {
        world.areTokensRevoked = true;
      },
      { kind: "later", retryAfterMs: 600_000 },
      /token_revoked/,
    ],
    ["Slack is down", (slack) => slack.goDown(), { kind: "later", retryAfterMs: 5000 }, /^Slack: /],
  ];

function channel(changes: { isArchived?: boolean; isMember?: boolean; kind?: "private" }) {
  return {
    id: "C0INCIDENTS",
    kind: "public" as const,
    isMember: true,
    isArchived: false,
    isShared: false,
    ...changes,
  };
}

for (const [what, happens, expected, message] of REFUSALS) {
  test(`an edit is refused as “${expected.kind}” when ${what}`, async (context) => {
    const { slack, surface, place } = await startBench(context);
    const posted = await surface.post(place, LOOKING, "42-1");
    happens(slack);
    await assert.rejects(surface.update(place, posted, DIAGNOSED), {
      name: "SurfaceError",
      ...expected,
      message,
    });
  });
}

test("while Slack takes calls and never answers, it is asked ever more rarely: each may stand there already", async (context) => {
  const { slack, surface, place } = await startBench(context);
  const failing = async (retryAfterMs: number) =>
    await assert.rejects(surface.post(place, LOOKING, "42-1"), { kind: "later", retryAfterMs });
  slack.outage.begin("unanswered");
  for (const ms of [5000, 10_000, 20_000, 40_000, 60_000, 60_000]) await failing(ms);
  await slack.outage.end();
  await surface.post(place, LOOKING, "42-1");
  slack.outage.begin("unanswered");
  await failing(5000);
  await slack.outage.end();
  slack.outage.begin("refused");
  for (let times = 0; times < 3; times++) await failing(5000);
  await slack.outage.end();
});

test("a full burst of cards is told to wait, and only for posting", async (context) => {
  const { slack, surface, place } = await startBench(context);
  slack.limits.isOn = true;
  const posted = await Promise.allSettled(
    Array.from({ length: 8 }, () => surface.post(place, LOOKING, "42-1")),
  );
  const refused = posted.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  assert.ok(refused.length > 0 && refused.length < 8);
  assert.ok(refused.every(({ kind, retryAfterMs }) => kind === "later" && retryAfterMs >= 1000));
  const [card] = slack.messages();
  assert.ok(card);
  await surface.update(place, { messageId: card.ts, threadId: card.ts }, DIAGNOSED);
});

const ANA = { surface: "slack", workspace: "T0TEAM", id: "U0ANA", name: "ana" } as const;

test("who is in a user group is asked of Slack, and remembered for less than a minute", async (context) => {
  const { slack, surface } = await startBench(context);
  slack.world.userGroups.set("S0ONCALL", ["U0ANA"]);
  assert.equal(await surface.isMember("S0ONCALL", ANA), true);
  assert.equal(await surface.isMember("S0ONCALL", { ...ANA, id: "U0EVE" }), false);
  assert.equal(await surface.isMember("S0ONCALL", { ...ANA, workspace: "T0OTHER" }), false);
  slack.world.userGroups.set("S0ONCALL", []);
  slack.advance(60_000);
  assert.equal(await surface.isMember("S0ONCALL", ANA), false);
  const asked = slack.world.requests.filter((request) => request.startsWith("usergroups.users.list"));
  assert.equal(asked.length, 2);
});

test("a group that Slack does not tell about is no answer, and is asked again", async (context) => {
  const { slack, surface } = await startBench(context);
  await assert.rejects(surface.isMember("S0GONE", ANA), { name: "SurfaceError", message: /no_such_subteam/ });
  slack.world.scopes.delete("usergroups:read");
  await assert.rejects(surface.isMember("S0ONCALL", ANA), {
    name: "SurfaceError",
    message: /lacks usergroups:read/,
  });
  slack.world.scopes.add("usergroups:read");
  slack.world.userGroups.set("S0ONCALL", ["U0ANA"]);
  assert.equal(await surface.isMember("S0ONCALL", ANA), true);
});
