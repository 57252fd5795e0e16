import assert from "node:assert/strict";
import fc from "fast-check";
import { renderCard, renderHeadlineOnly, renderThreadName } from "../../../src/chat/discord/render-card.ts";
import { renderNote } from "../../../src/chat/discord/render-note.ts";
import { renderQuestion, renderReply } from "../../../src/chat/discord/render-reply.ts";
import {
  type Body,
  type BodyName,
  componentsOf,
  refuseBySchema,
  refuseMessage,
} from "../../fakes/discord/body-rules.ts";
import { readMessage } from "../../fakes/discord/read-message.ts";
import { arbitraryCard, arbitraryNote, arbitraryText } from "../../report/arbitrary-card.ts";
import { HIDDEN, type MessageKind } from "../message-kind.ts";

/** Markup that is ours: what stands in our own templates, and nothing else. */
const OURS = /^(?:###|\*\*|-|-#|<t:-?\d+:[TR]>)$/;

/** What Discord would take, and what its reader would be made to do. */
function assertHarmless(
  name: BodyName,
  body: unknown,
  options: { files?: readonly string[]; url?: string } = {},
): void {
  const sent: Body = JSON.parse(JSON.stringify(body));
  assert.equal(refuseBySchema(name, sent), undefined);
  assert.equal(refuseMessage(sent, { files: options.files ?? [] }), undefined);
  const seen = readMessage(sent);
  assert.deepEqual(seen.mentions, []);
  const site = URL.parse(options.url ?? "")?.href;
  assert.deepEqual(
    seen.links.filter((link) => link !== site || !/^https?:/.test(link)),
    [],
  );
  assert.deepEqual(
    seen.markup.filter((mark) => !OURS.test(mark)),
    [],
  );
  const components = componentsOf(sent.components);
  const raw = components.flatMap(({ type, content }) => (type === 10 ? [content] : []));
  const marks = raw.join("\n").split("```").length - 1;
  assert.equal(marks, 2 * seen.fences.length, "a fence that we did not open or close");
  assertVisible([seen.text, ...seen.buttons.map(({ label }) => label), ...components.flatMap(optionLabels)]);
  assert.deepEqual(sent.allowed_mentions, { parse: [], replied_user: false });
}

function optionLabels({ options }: Body): string[] {
  return Array.isArray(options) ? options.map(({ label }: Body) => String(label)) : [];
}

/** The zero-width space is ours: it breaks mentions and fences. */
function assertVisible(texts: readonly string[]): void {
  for (const text of texts) assert.doesNotMatch(text.replaceAll("\u200b", ""), HIDDEN);
}

const text = arbitraryText();

/** Everything that Discord gets from us and that can hold what somebody else wrote. It has no home tab, and its modals are not used. */
export const DISCORD_KINDS: readonly MessageKind[] = [
  {
    name: "card",
    fact: "any card is accepted, mentions nobody, links only the site and closes each of its fences",
    property: fc.property(arbitraryCard(), (card) => {
      assertHarmless("MessageCreateRequest", renderCard(card), { url: card.url });
    }),
    runs: 3000,
  },
  {
    name: "card that was refused",
    fact: "the first line of any card is accepted by itself, mentions nobody and links nothing",
    property: fc.property(text, fc.nat(), (headline, incident) => {
      assertHarmless("MessageCreateRequest", renderHeadlineOnly({ headline, incident }));
    }),
    runs: 300,
  },
  {
    name: "name of a thread",
    fact: "the name of a thread is one line that hides nothing, whatever a site is called",
    property: fc.property(text, fc.nat(), (site, incident) => {
      const name = renderThreadName({ site, incident });
      assert.equal(refuseBySchema("CreateTextThreadWithMessageRequest", { name }), undefined);
      assert.doesNotMatch(name, /\n/);
      assert.doesNotMatch(name, HIDDEN);
    }),
    runs: 300,
  },
  {
    name: "note of a thread",
    fact: "any note is accepted, mentions nobody and links nothing",
    property: fc.property(arbitraryNote(), fc.option(text, { nil: undefined }), (note, noFileBecause) => {
      const { body, file } = renderNote(note, noFileBecause === undefined ? {} : { noFileBecause });
      assertHarmless("MessageCreateRequest", body, { files: file === undefined ? [] : [file.name] });
    }),
    runs: 1000,
  },
  {
    name: "private answer",
    fact: "any private answer is accepted, mentions nobody and links nothing",
    property: fc.property(text, fc.array(text, { maxLength: 30 }), (said, sites) => {
      assertHarmless("IncomingWebhookUpdateRequestPartial", renderReply({ text: said, sites }));
    }),
    runs: 1000,
  },
  {
    name: "second question",
    fact: "any second question is accepted, mentions nobody and links nothing",
    property: fc.property(text, text, text, text, (title, said, yes, no) => {
      const button = { action: "approve", value: "0".repeat(32) } as const;
      const question = renderQuestion(button, { title, text: said, yes, no }, "9".repeat(20));
      assertHarmless("IncomingWebhookUpdateRequestPartial", question);
    }),
    runs: 1000,
  },
];
