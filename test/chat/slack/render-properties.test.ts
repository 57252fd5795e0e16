import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { renderCard } from "../../../src/chat/slack/render-card.ts";
import { escapeText } from "../../../src/chat/slack/slack-message.ts";
import type { Card } from "../../../src/report/card.ts";
import { readMessage } from "../../fakes/slack/read-message.ts";
import { arbitraryCard, HOSTILE_TEXTS } from "../../report/arbitrary-card.ts";
import { DIAGNOSED } from "./bench.ts";
import { judgeMessage, SLACK_KINDS } from "./message-kinds.ts";

const { action: ACTION } = DIAGNOSED;
assert.ok(ACTION);

for (const { fact, property, runs } of SLACK_KINDS) {
  test(fact, () => {
    fc.assert(property, { numRuns: runs });
  });
}

test("nobody is asked to approve what is not shown to its end", () => {
  const card = fc
    .tuple(arbitraryCard(), fc.array(fc.nat({ max: 700 }), { maxLength: 14 }))
    .map(([any, sizes]): Card => {
      const facts = sizes.map((size, index) => ({
        name: `fact ${index}`,
        value: `${'"'.repeat(size)}end ${index}`,
      }));
      return { ...any, ...DIAGNOSED, proof: any.proof, action: { ...ACTION, facts } };
    });
  let asked = 0;
  fc.assert(
    fc.property(card, (one) => {
      const { buttons, text } = judgeMessage(renderCard(one));
      if (!buttons.some(({ label }) => label === "Restart upstream only")) return;
      asked += 1;
      assert.ok(one.action?.facts.every(({ value }) => text.includes(value)));
    }),
    { numRuns: 300 },
  );
  assert.ok(asked > 20, `asked ${asked} times`);
});

test("a restart whose facts would fill the message is shown without the button that approves it", () => {
  const facts = Array.from({ length: 12 }, (_, n) => ({ name: `fact ${n}`, value: '"'.repeat(500) }));
  const see = (some: typeof facts, buttons = DIAGNOSED.buttons) => {
    const seen = judgeMessage(renderCard({ ...DIAGNOSED, buttons, action: { ...ACTION, facts: some } }));
    return { ...seen, labels: seen.buttons.map(({ label }) => label) };
  };
  const asked = see(facts.slice(0, 3));
  assert.ok(asked.labels.includes("Restart upstream only"));
  assert.doesNotMatch(asked.text, /Too long/);
  for (const some of [facts, [{ name: "takes along", value: "x".repeat(501) }]]) {
    const { labels, text } = see(some);
    assert.deepEqual(labels, ["Deny", "Look again", "Raw evidence"]);
    assert.ok(
      text.includes(`${ACTION.title}\n🟠 ${ACTION.status}\nToo long to be shown here in full: approve it`),
    );
  }
  assert.doesNotMatch(see(facts, []).text, /Too long/, "nobody would be asked anyway");
});

test("the text beside the blocks has its three dangerous characters escaped, and no others", () => {
  assert.equal(escapeText('<!here> & "*x*"'), '&lt;!here&gt; &amp; "*x*"');
});

test("the double sees what it is asked to find: the same texts unescaped mention, link and format", () => {
  const read = readMessage({ text: HOSTILE_TEXTS.join("\n"), blocks: [] });
  assert.ok(["@channel", "U012AB3CD", "@S012AB3CD"].every((mention) => read.mentions.includes(mention)));
  assert.ok(read.links.includes("https://evil.example/"));
  assert.ok(read.markup.includes("*bold*"));
  const escaped = readMessage({ text: escapeText(HOSTILE_TEXTS.join("\n")), blocks: [], parse: "none" });
  assert.deepEqual([escaped.mentions, escaped.links], [[], []]);
});
