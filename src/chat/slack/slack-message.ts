import type { KnownBlock, RichTextBlock, RichTextElement, RichTextSection } from "@slack/types";
import type { Moment } from "../../report/report.ts";
import { SLACK, shorten } from "../limits.ts";
import { visibleLine } from "../visible-text.ts";

/** A message as Slack takes it: blocks, and the text for notifications, screen readers and the day the blocks are refused. */
export interface SlackMessage {
  /** Escaped. */
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/**
 * Slack's markup is dead without these three characters. Only the fallback text needs it: the blocks are rich text, which is never
 * interpreted. Source: Slack, "Formatting text for app surfaces".
 */
export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Lines as the text beside the blocks; cut before they are escaped, so that no entity is. */
export function fallbackText(lines: readonly string[]): string {
  return escapeText(shorten(lines.filter((line) => line !== "").join("\n"), SLACK.text)) || "diagnose502";
}

/** Text that is drawn as it stands; nothing for none, because Slack refuses an empty element. */
export function words(
  text: string,
  style: { readonly bold?: true; readonly italic?: true } = {},
): RichTextElement[] {
  if (text === "") return [];
  return [{ type: "text", text, ...(Object.keys(style).length === 0 ? {} : { style }) }];
}

export function bold(text: string): RichTextElement[] {
  return words(text, { bold: true });
}

/** UTC, as the log lines around it; how long ago that is goes on while it is read. Source: Slack, Block Kit reference, "Date element" */
export function moment({ at, clock, ago }: Moment): RichTextElement[] {
  const timestamp = Math.floor(Date.parse(at) / 1000);
  const isMoment = Number.isSafeInteger(timestamp) && Math.abs(timestamp) < 1e11;
  const [shown, fallback] = [visibleLine(clock, 40), visibleLine(ago, 40)];
  const since: RichTextElement[] =
    isMoment && fallback !== "" ? [{ type: "date", timestamp, format: "{ago}", fallback }] : words(fallback);
  return joined([words(shown), since], ", ");
}

/** What is not empty, with something between. */
export function joined(parts: readonly RichTextElement[][], by: string): RichTextElement[] {
  return parts
    .filter((part) => part.length > 0)
    .flatMap((part, index) => (index === 0 ? part : [...words(by), ...part]));
}

type RichPart = RichTextBlock["elements"][number];

/** One line or paragraph; nothing when it is empty. */
export function paragraph(elements: RichTextElement[]): RichTextSection[] {
  return elements.length === 0 ? [] : [{ type: "rich_text_section", elements }];
}

export function bullets(items: readonly RichTextElement[][]): RichPart[] {
  const elements = items.flatMap(paragraph);
  return elements.length === 0 ? [] : [{ type: "rich_text_list", style: "bullet", elements }];
}

/** A host's own words, in a box that no character of them can leave. */
export function quoteBox(text: string): RichPart[] {
  return text === "" ? [] : [{ type: "rich_text_preformatted", elements: [{ type: "text", text }] }];
}

export function richText(elements: RichPart[]): RichTextBlock[] {
  return elements.length === 0 ? [] : [{ type: "rich_text", elements }];
}

export type { RichPart };
