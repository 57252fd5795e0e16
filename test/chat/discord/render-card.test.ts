import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { renderCard } from "../../../src/chat/discord/render-card.ts";
import type { ActionView, Card } from "../../../src/report/card.ts";
import { type Body, componentsOf } from "../../fakes/discord/body-rules.ts";
import { readMessage } from "../../fakes/discord/read-message.ts";
import { arbitraryCard } from "../../report/arbitrary-card.ts";
import { CARD } from "./bench.ts";

function draw(card: Card): Body {
  return JSON.parse(JSON.stringify(renderCard(card)));
}

/** What the message holds, as it is sent. */
function textsOf(card: Card): string[] {
  return componentsOf(draw(card).components).flatMap(({ type, content }) =>
    type === 10 ? [String(content)] : [],
  );
}

test("a fault: answer, hops, what would be done, proof and small print, in this order", () => {
  assert.deepEqual(textsOf(CARD), [
    "### php8.2-fpm on origin-1 is down: it was OOM-killed 3 min ago\n<https://shop.example.com/>",
    "✅ edge → ✅ proxy edge-1 → ❌ **upstream origin-1** (broken)",
    "**Restart php8.2-fpm.service on origin-1**\n🟠 waiting for approval until 03:27 UTC\n- runs: systemctl restart php8.2-fpm.service",
    "**Would a restart help?** only briefly (php8.2-fpm.service on origin-1). Its memory limit is unchanged.",
    "**The kernel killed php-fpm8.2 for lack of memory.** · origin-1 · <t:1795144152:T>, <t:1795144152:R>\n```\nkernel: Out of memory: Killed process 812 (php-fpm8.2)\n```",
    "**Since** 100 % of requests fail · ▁▅█",
    "**Do next**\n- Raise MemoryMax.",
    "-# incident #42, opened by ana at 03:12 UTC",
  ]);
});

test("buttons carry an opaque id, and say where a second question comes first", () => {
  assert.deepEqual(
    readMessage(draw(CARD)).buttons.map(({ customId }) => customId),
    [`ask:approve:${"0123456789abcdef".repeat(2)}`, `deny:${"0123456789abcdef".repeat(2)}`, "look-again:42"],
  );
});

test("a running look shows each host and how far it is", () => {
  const progress = Array.from({ length: 15 }, (_, n) => {
    return { host: `web-${n}`, state: "looking" as const, text: `${n} of 20 looks` };
  });
  const { text } = readMessage(draw({ ...CARD, tone: "working", progress }));
  assert.match(text, /🔎 \*\*web-0\*\* 0 of 20 looks/);
  assert.match(text, /and 3 more hosts/);
  assert.doesNotMatch(text, /web-12/);
});

test("what least matters is left out first when a message is full", () => {
  const explanation = { text: "It ran out of memory. ".repeat(20), model: "small-1" };
  const quote = "x".repeat(590);
  const proof = Array.from({ length: 3 }, (_, n) => ({ says: `finding ${n}`, host: "origin-1", quote }));
  const advice = Array.from({ length: 5 }, () => "Do something. ".repeat(20));
  const { text } = readMessage(draw({ ...CARD, explanation, proof, advice }));
  assert.match(text, /finding 0/);
  assert.match(text, /Restart php8\.2-fpm\.service/);
  assert.match(text, /incident #42/);
  assert.doesNotMatch(text, /small-1/);
});

const { action: ACTION } = CARD;
assert.ok(ACTION);
const withFacts = (...facts: ActionView["facts"]): Card => ({ ...CARD, action: { ...ACTION, facts } });
const APPROVE = "Restart upstream only";

const along = Array.from({ length: 30 }, (_, n) => `queue-worker@${n}.service`).join(", ");

const CUT: readonly (readonly [what: string, card: Card])[] = [
  ["more than the whole message", withFacts(...Array(12).fill({ name: "runs", value: "*".repeat(400) }))],
  ["what is taken along", withFacts({ name: "takes along", value: along })],
  ["the command", withFacts({ name: "runs", value: "x".repeat(501) })],
  ["the name of a fact", withFacts({ name: "x".repeat(31), value: "1" })],
  ["the thirteenth fact", withFacts(...Array(13).fill({ name: "runs", value: "true" }))],
  ["the title", { ...CARD, action: { ...ACTION, title: "x".repeat(121) } }],
];

for (const [what, card] of CUT) {
  test(`nobody is asked to approve what cannot be read to its end: ${what}`, () => {
    const seen = readMessage(draw(card));
    assert.deepEqual(
      seen.buttons.map(({ label }) => label),
      ["Deny", "Look again"],
    );
    assert.match(seen.text, /waiting for approval until 03:27 UTC\nToo long .* approve it in the console\./);
    assert.match(seen.text, /incident #42/);
    const over = readMessage(draw({ ...card, buttons: [] }));
    assert.match(over.text, /waiting for approval/);
    assert.doesNotMatch(over.text, /Too long/, "nobody would be asked anyway");
  });
}

test("whoever is asked can read all of it, whatever it is", () => {
  const facts = fc
    .array(fc.nat({ max: 700 }), { maxLength: 14 })
    .map((sizes) => sizes.map((size, n) => ({ name: `fact ${n}`, value: `${"*".repeat(size)}end ${n}` })));
  let asked = 0;
  fc.assert(
    fc.property(arbitraryCard(), facts, (any, some) => {
      const { buttons, text } = readMessage(draw({ ...any, ...withFacts(...some), proof: any.proof }));
      if (!buttons.some(({ label }) => label === APPROVE)) return;
      asked += 1;
      assert.ok(some.every(({ name, value }) => text.includes(`${name}: ${value}`)));
    }),
    { numRuns: 300 },
  );
  assert.ok(asked > 20, `asked ${asked} times`);
});

test("host text stands as it was written, and does nothing", () => {
  const headline = "@everyone see [here](https://evil.example) **now** <@1> `x` # no";
  const seen = readMessage(draw({ ...CARD, headline }));
  assert.ok(
    seen.text.includes("@\u200beveryone see [here](https://evil.example) **now** <@\u200b1> `x` # no"),
  );
  assert.deepEqual([seen.mentions, seen.pings, seen.links], [[], [], [CARD.url]]);
});
