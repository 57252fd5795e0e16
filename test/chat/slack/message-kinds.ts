import assert from "node:assert/strict";
import fc from "fast-check";
import { makeModalMetadata } from "../../../src/chat/slack/parse-payload.ts";
import { renderCard } from "../../../src/chat/slack/render-card.ts";
import { renderHome } from "../../../src/chat/slack/render-home.ts";
import { renderNote } from "../../../src/chat/slack/render-note.ts";
import { renderOptions, renderReply, renderSiteModal } from "../../../src/chat/slack/render-reply.ts";
import { refuseBlocks, refuseView } from "../../fakes/slack/block-rules.ts";
import { readMessage } from "../../fakes/slack/read-message.ts";
import { arbitraryCard, arbitraryNote, arbitraryText } from "../../report/arbitrary-card.ts";
import { HIDDEN, type MessageKind } from "../message-kind.ts";

/** What Slack would take, and what its reader would be made to do: by the blocks, and by the text alone where they are not shown. */
export function judgeMessage(message: { readonly text: string; readonly blocks: readonly unknown[] }) {
  assert.equal(refuseBlocks(message.blocks, "message"), undefined);
  assert.ok(message.text.length > 0 && message.text.length <= 40_000);
  const read = readMessage(message);
  const fallback = readMessage({ ...message, blocks: [], mrkdwn: false, parse: "none" });
  assert.deepEqual([...read.mentions, ...fallback.mentions], []);
  assert.deepEqual(read.markup, []);
  assert.deepEqual(fallback.links, []);
  assertVisible([read.text, fallback.text, ...read.options]);
  for (const { confirm } of read.buttons) assertVisible(Object.values(confirm ?? {}));
  return read;
}

function assertVisible(texts: readonly string[]): void {
  for (const text of texts) assert.doesNotMatch(text, HIDDEN);
}

function assertHarmlessView(view: ReturnType<typeof renderHome> | ReturnType<typeof renderSiteModal>): void {
  assert.equal(refuseView({ ...view }), undefined);
  const { mentions, links, markup, text } = readMessage({ text: "", blocks: view.blocks });
  assert.deepEqual([mentions, links, markup], [[], [], []]);
  assertVisible([text]);
}

const text = arbitraryText();
const sites = fc.array(text, { maxLength: 120 });

/** Everything that Slack gets from us and that can hold what somebody else wrote. */
export const SLACK_KINDS: readonly MessageKind[] = [
  {
    name: "card",
    fact: "any card is a message that Slack takes, that mentions nobody, links only to the site, and hides nothing",
    property: fc.property(arbitraryCard(), (card) => {
      const { links, buttons } = judgeMessage(renderCard(card));
      const address = URL.parse(card.url)?.href;
      assert.ok(links.every((link) => link === address && /^https?:/.test(link)));
      assert.ok(links.length <= 1);
      assert.ok(buttons.every(({ value }) => card.buttons.some((button) => button.value === value)));
    }),
    runs: 3000,
  },
  {
    name: "note of a thread",
    fact: "any note of a thread is a message that Slack takes, without mentions and links",
    property: fc.property(arbitraryNote(), (note) => {
      assert.deepEqual(judgeMessage(renderNote(note)).links, []);
    }),
    runs: 1000,
  },
  {
    name: "private answer",
    fact: "any private answer is taken, without mentions and links",
    property: fc.property(text, sites, (said, names) => {
      assert.deepEqual(judgeMessage(renderReply({ text: said, sites: names })).links, []);
    }),
    runs: 500,
  },
  {
    name: "menu of sites",
    fact: "any list of sites to choose from is taken, and each is what it says",
    property: fc.property(sites, (names) => {
      const options = renderOptions(names);
      if (options.length === 0) return;
      const menu = { type: "actions", elements: [{ type: "static_select", action_id: "a", options }] };
      assert.deepEqual(judgeMessage({ text: "Which site?", blocks: [menu] }).links, []);
      assert.ok(options.every(({ value }) => value !== undefined && names.includes(value)));
    }),
    runs: 300,
  },
  {
    name: "home tab",
    fact: "any home tab is taken, without mentions and links",
    property: fc.property(fc.array(arbitraryCard(), { maxLength: 3 }), (cards) => {
      assertHarmlessView(renderHome(cards, "/diagnose502"));
    }),
    runs: 150,
  },
  {
    name: "modal",
    fact: "the question which site is taken wherever it is asked, and shows nothing of the place",
    property: fc.property(fc.string({ minLength: 1, maxLength: 64 }), text, (channel, name) => {
      const place = { surface: "slack", workspace: "T1", channel } as const;
      const person = { surface: "slack", workspace: "T1", id: "U1", name } as const;
      const origin = { person, place, responseUrl: "https://hooks.slack.com/commands/T1/1/x" };
      const view = renderSiteModal(makeModalMetadata(origin));
      assertHarmlessView(view);
      const elsewhere = renderSiteModal(makeModalMetadata({ ...origin, place: { ...place, channel: "C1" } }));
      assert.deepEqual(view.blocks, elsewhere.blocks);
    }),
    runs: 100,
  },
];
