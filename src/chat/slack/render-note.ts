import type { RichTextBlock } from "@slack/types";
import type { ThreadNote } from "../../report/card.ts";
import type { NotChecked, OtherCause } from "../../report/report.ts";
import { SHOWN, SLACK } from "../limits.ts";
import { visibleLine, visibleLines } from "../visible-text.ts";
import { renderProof } from "./render-card.ts";
import {
  bold,
  bullets,
  fallbackText,
  paragraph,
  quoteBox,
  type RichPart,
  richText,
  type SlackMessage,
  words,
} from "./slack-message.ts";

const CUT = "[…] the rest is in the raw evidence";
const QUOTE_LINES = 12;

/** A note of the thread. What does not fit is left out, and that is said. */
export function renderNote(note: ThreadNote): SlackMessage {
  const said = visibleLines(note.text, { max: 600, lines: QUOTE_LINES });
  const parts = [
    richText(paragraph(note.quotes.length === 0 ? words(said) : bold(said))),
    ...note.quotes.map((quote) =>
      richText(quoteBox(visibleLines(quote, { max: SHOWN.quote, lines: QUOTE_LINES }))),
    ),
    ...detailsOf(note).map(richText),
  ];
  return { text: fallbackText([said]), blocks: fitting(parts) };
}

/** Whole parts only, in their order. */
function fitting(parts: readonly RichTextBlock[][]): RichTextBlock[] {
  const rest = richText(paragraph(words(CUT)));
  let left = SLACK.blocksJson - JSON.stringify(rest).length;
  const kept: RichTextBlock[] = [];
  for (const part of parts) {
    left -= JSON.stringify(part).length;
    if (left < 0 || kept.length + part.length >= SLACK.blocks) return [...kept, ...rest];
    kept.push(...part);
  }
  return kept;
}

function detailsOf({ details }: ThreadNote): RichPart[][] {
  if (details === undefined) return [];
  const { proof, others, notChecked } = details;
  return [
    ...proof.map(renderProof),
    ...others.map(renderOther),
    bullets(notChecked.map((one) => words(notCheckedLine(one)))),
  ];
}

function renderOther({ title, percent, for: reasons, against }: OtherCause): RichPart[] {
  return [
    ...paragraph([...bold(visibleLine(title, 120)), ...words(` ${Math.round(percent)} %`)]),
    ...bullets([
      ...reasons.map((reason) => words(`for: ${visibleLine(reason, 200)}`)),
      ...against.map((reason) => words(`against: ${visibleLine(reason, 200)}`)),
    ]),
  ];
}

function notCheckedLine({ checks, host, reason, fix }: NotChecked): string {
  const what = visibleLine(`not checked on ${host}: ${checks.join(", ")}, because ${reason}`, 400);
  return fix === undefined ? what : `${what}. ${visibleLine(fix, 200)}`;
}
