import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { renderCard } from "../../../src/chat/slack/render-card.ts";
import { renderHome } from "../../../src/chat/slack/render-home.ts";
import { renderNote } from "../../../src/chat/slack/render-note.ts";
import { renderOptions, renderReply } from "../../../src/chat/slack/render-reply.ts";
import { escapeText } from "../../../src/chat/slack/slack-message.ts";
import type { Card } from "../../../src/report/card.ts";
import { refuseBlocks, refuseView } from "../../fakes/slack/block-rules.ts";
import { readMessage } from "../../fakes/slack/read-message.ts";
import { arbitraryCard, arbitraryNote, arbitraryText, HOSTILE_TEXTS } from "../../report/arbitrary-card.ts";
import { DIAGNOSED } from "./bench.ts";

const { action: ACTION } = DIAGNOSED;
assert.ok(ACTION);

const HIDDEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/u;

/** What Slack would take and what its reader would be made to do. */
function judge(message: { readonly text: string; readonly blocks: readonly unknown[] }) {
  assert.deepEqual(refuseBlocks(message.blocks, "message"), undefined);
  assert.ok(message.text.length > 0 && message.text.length <= 40_000);
  const read = readMessage(message);
  const fallback = readMessage({ ...message, blocks: [], mrkdwn: false, parse: "none" });
  assert.deepEqual([...read.mentions, ...fallback.mentions], []);
  assert.deepEqual(read.markup, []);
  assert.deepEqual(fallback.links, []);
  assert.doesNotMatch(`${read.text}\n${fallback.text}`, HIDDEN);
  return read;
}

test("any card is a message that Slack takes, that mentions nobody, links only to the site, and hides nothing", () => {
  fc.assert(
    fc.property(arbitraryCard(), (card) => {
      const { links, buttons } = judge(renderCard(card));
      const address = URL.parse(card.url)?.href;
      assert.ok(links.every((link) => link === address));
      assert.ok(links.length <= 1);
      assert.ok(buttons.every(({ value }) => card.buttons.some((button) => button.value === value)));
    }),
    { numRuns: 3000 },
  );
});

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
      const { buttons, text } = judge(renderCard(one));
      if (!buttons.some(({ label }) => label === "Restart upstream only")) return;
      asked += 1;
      assert.ok(one.action?.facts.every(({ value }) => text.includes(value)));
    }),
    { numRuns: 300 },
  );
  assert.ok(asked > 20, `asked ${asked} times`);
});

test("any note of a thread is a message that Slack takes, without mentions and links", () => {
  fc.assert(
    fc.property(arbitraryNote(), (note) => {
      assert.deepEqual(judge(renderNote(note)).links, []);
    }),
    { numRuns: 300 },
  );
});

test("any answer, any list of sites and any home tab is taken, without mentions and links", () => {
  const sites = fc.array(arbitraryText(), { maxLength: 120 });
  fc.assert(
    fc.property(arbitraryText(), sites, fc.array(arbitraryCard(), { maxLength: 3 }), (text, names, cards) => {
      assert.deepEqual(judge(renderReply({ text, sites: names })).links, []);
      const menu = {
        type: "actions",
        elements: [{ type: "static_select", action_id: "a", options: renderOptions(names) }],
      };
      if (renderOptions(names).length > 0) assert.equal(refuseBlocks([menu], "message"), undefined);
      const home = renderHome(cards, "/diagnose502");
      assert.equal(refuseView({ ...home }), undefined);
      assert.deepEqual(readMessage({ text: "", blocks: home.blocks }).links, []);
    }),
    { numRuns: 150 },
  );
});

test("a restart whose facts would fill the message is shown without the button that approves it", () => {
  const facts = Array.from({ length: 12 }, (_, n) => ({ name: `fact ${n}`, value: '"'.repeat(500) }));
  const labels = (some: typeof facts) =>
    judge(renderCard({ ...DIAGNOSED, action: { ...ACTION, facts: some } })).buttons.map(({ label }) => label);
  assert.ok(labels(facts.slice(0, 3)).includes("Restart upstream only"));
  assert.deepEqual(labels(facts), ["Deny", "Look again", "Raw evidence"]);
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
