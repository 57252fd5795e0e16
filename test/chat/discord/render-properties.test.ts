import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { renderCard } from "../../../src/chat/discord/render-card.ts";
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

/** Markup that is ours: what stands in our own templates, and nothing else. */
const OURS = /^(?:###|\*\*|-|-#|<t:-?\d+:[TR]>)$/;
/** What hides or reorders text; the zero-width space is ours, it breaks mentions. */
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200c-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;

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
  assert.deepEqual(
    seen.links.filter((link) => link !== URL.parse(options.url ?? "")?.href),
    [],
  );
  assert.deepEqual(
    seen.markup.filter((mark) => !OURS.test(mark)),
    [],
  );
  const raw = componentsOf(sent.components).flatMap(({ type, content }) => (type === 10 ? [content] : []));
  const marks = raw.join("\n").split("```").length - 1;
  assert.equal(marks, 2 * seen.fences.length, "a fence that we did not open or close");
  assert.doesNotMatch(seen.text, INVISIBLE);
  assert.deepEqual(sent.allowed_mentions, { parse: [], replied_user: false });
}

test("any card is accepted, mentions nobody, links only the site and closes each of its fences", () => {
  fc.assert(
    fc.property(arbitraryCard(), (card) => {
      assertHarmless("MessageCreateRequest", renderCard(card), { url: card.url });
    }),
    { numRuns: 10_000 },
  );
});

test("any note is accepted, mentions nobody and links nothing", () => {
  fc.assert(
    fc.property(arbitraryNote(), (note) => {
      const { body, file } = renderNote(note);
      assertHarmless("MessageCreateRequest", body, { files: file === undefined ? [] : [file.name] });
    }),
    { numRuns: 3000 },
  );
});

test("any private answer and any second question is accepted, mentions nobody and links nothing", () => {
  const text = arbitraryText();
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 30 }), (said, sites) => {
      assertHarmless("IncomingWebhookUpdateRequestPartial", renderReply({ text: said, sites }));
      const confirm = { title: said, text: sites.join("\n"), yes: sites[0] ?? "", no: sites[1] ?? "" };
      const question = renderQuestion({ action: "approve", value: "0".repeat(32) }, confirm, "9".repeat(20));
      assertHarmless("IncomingWebhookUpdateRequestPartial", question);
    }),
    { numRuns: 3000 },
  );
});
