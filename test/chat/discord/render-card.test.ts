import assert from "node:assert/strict";
import { test } from "node:test";
import { renderCard } from "../../../src/chat/discord/render-card.ts";
import type { Card } from "../../../src/report/card.ts";
import { type Body, componentsOf } from "../../fakes/discord/body-rules.ts";
import { readMessage } from "../../fakes/discord/read-message.ts";
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

test("nobody is asked to approve what cannot be shown in full", () => {
  const facts = Array.from({ length: 12 }, (_, n) => ({ name: `fact ${n}`, value: "*".repeat(400) }));
  const action = CARD.action === null ? null : { ...CARD.action, facts };
  const seen = readMessage(draw({ ...CARD, action }));
  assert.deepEqual(
    seen.buttons.map(({ label }) => label),
    ["Deny", "Look again"],
  );
});

test("host text stands as it was written, and does nothing", () => {
  const headline = "@everyone see [here](https://evil.example) **now** <@1> `x` # no";
  const seen = readMessage(draw({ ...CARD, headline }));
  assert.ok(
    seen.text.includes("@\u200beveryone see [here](https://evil.example) **now** <@\u200b1> `x` # no"),
  );
  assert.deepEqual([seen.mentions, seen.pings, seen.links], [[], [], [CARD.url]]);
});
