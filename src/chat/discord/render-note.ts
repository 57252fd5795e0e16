import { type APIMessageTopLevelComponent, ComponentType } from "discord.js";
import type { ThreadNote } from "../../report/card.ts";
import { DISCORD, SHOWN } from "../limits.ts";
import { escapeMarkdown, fence } from "./escape-markdown.ts";
import { type MessageBody, messageBody, textDisplay } from "./message-body.ts";
import { renderProof } from "./render-card.ts";

/** A note of the thread, and the file beside it, unless that could not be attached. What does not fit is left out, and that is said. */
export function renderNote(
  note: ThreadNote,
  { noFileBecause }: { readonly noFileBecause?: string } = {},
): {
  readonly body: MessageBody;
  readonly file?: { readonly name: string; readonly data: Buffer };
} {
  const text = fittingText([
    `**${escapeMarkdown(note.text, 600)}**`,
    ...(noFileBecause === undefined
      ? []
      : [escapeMarkdown(`The file could not be attached. ${noFileBecause}`, 400)]),
    ...quotesOf(note),
    ...detailsOf(note),
  ]);
  const components: APIMessageTopLevelComponent[] = [textDisplay(text)];
  const { file } = note;
  if (file === undefined || noFileBecause !== undefined)
    return { body: messageBody(components, { silent: !note.loud }) };
  const name = fileNameOf(file.name);
  components.push({ type: ComponentType.File, file: { url: `attachment://${name}` } });
  const data = Buffer.from(file.text, "utf8").subarray(0, DISCORD.fileBytes);
  return { body: messageBody(components, { silent: !note.loud }), file: { name, data } };
}

const CUT = "[…] the rest is in the raw evidence";

/** Whole blocks only: a fence is never cut in two. */
function fittingText(blocks: readonly string[]): string {
  let text = "";
  for (const block of blocks) {
    if (text.length + block.length + 1 > DISCORD.text - CUT.length - 1) return `${text}\n${CUT}`;
    text += text === "" ? block : `\n${block}`;
  }
  return text;
}

function quotesOf({ quotes }: ThreadNote): string[] {
  return quotes.flatMap((quote) => fence(quote, { max: SHOWN.quote, lines: 12 }) ?? []);
}

function detailsOf({ details }: ThreadNote): string[] {
  if (details === undefined) return [];
  const { proof, others, notChecked } = details;
  return [
    ...proof.map((one) => renderProof(one).join("\n")),
    ...others.map(({ title, percent, for: reasons, against }) =>
      [
        `**${escapeMarkdown(title, 120)}** ${Math.round(percent)} %`,
        ...reasons.map((reason) => `- for: ${escapeMarkdown(reason, 200)}`),
        ...against.map((reason) => `- against: ${escapeMarkdown(reason, 200)}`),
      ].join("\n"),
    ),
    ...notChecked.map(({ checks, host, reason, fix }) => {
      const what = escapeMarkdown(`not checked on ${host}: ${checks.join(", ")}, because ${reason}`, 400);
      return fix === undefined ? `- ${what}` : `- ${what}. ${escapeMarkdown(fix, 200)}`;
    }),
  ];
}

/** Discord renames what holds other characters, and then the reference to it is broken. */
function fileNameOf(name: string): string {
  const plain = name
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[.-]+/, "")
    .slice(-80);
  return plain === "" ? "evidence.txt" : plain;
}
