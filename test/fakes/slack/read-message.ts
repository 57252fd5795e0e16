import { type Body, bodiesOf, isBody, stringOf } from "./body.ts";

/** A button as it can be pressed. */
interface SeenButton {
  readonly label: string;
  readonly actionId: string;
  readonly blockId: string;
  readonly value: string;
  readonly style: string;
  readonly confirm?: {
    readonly title: string;
    readonly text: string;
    readonly yes: string;
    readonly no: string;
  };
}

/** A message as its reader sees it, and what it would do to them. */
export interface ReaderView {
  /** Lines as they are drawn; code is set apart by four spaces. */
  readonly text: string;
  /** Whoever is notified: `@channel`, `U…`, `S…`. */
  readonly mentions: readonly string[];
  /** Where a tap leads. */
  readonly links: readonly string[];
  /** Formatting that came out of text: `*bold*`. Styles of rich text are no such. */
  readonly markup: readonly string[];
  readonly code: readonly string[];
  readonly buttons: readonly SeenButton[];
  /** Options of a menu. */
  readonly options: readonly string[];
}

interface Reading {
  readonly lines: string[];
  readonly mentions: string[];
  readonly links: string[];
  readonly markup: string[];
  readonly code: string[];
  readonly buttons: SeenButton[];
  readonly options: string[];
}

/** How a message reads: its blocks, or where there are none its text. The text is what notifications read out, so its mentions count always. */
export function readMessage(message: {
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly mrkdwn?: boolean;
  readonly parse?: string;
}): ReaderView {
  const reading: Reading = {
    lines: [],
    mentions: [],
    links: [],
    markup: [],
    code: [],
    buttons: [],
    options: [],
  };
  const isShown = message.blocks.length === 0;
  const drawn = readMarkup(message.text, reading, {
    formats: isShown && message.mrkdwn !== false,
    autolinks: isShown && message.parse !== "none",
  });
  if (isShown) reading.lines.push(...drawn.split("\n"));
  for (const block of bodiesOf(message.blocks)) readBlock(block, reading);
  const { lines, ...rest } = reading;
  return { ...rest, text: lines.join("\n") };
}

function readBlock(block: Body, reading: Reading): void {
  switch (block.type) {
    case "header":
    case "section":
      reading.lines.push(
        ...[block.text, ...bodiesOf(block.fields)].filter(isBody).map((one) => readText(one, reading)),
      );
      break;
    case "context":
      reading.lines.push(
        bodiesOf(block.elements)
          .map((one) => readText(one, reading))
          .join(" "),
      );
      break;
    case "divider":
      reading.lines.push("────");
      break;
    case "rich_text":
      for (const element of bodiesOf(block.elements)) readRich(element, reading);
      break;
    case "actions":
      reading.lines.push(
        bodiesOf(block.elements)
          .map((element) => readElement(element, block, reading))
          .join(" "),
      );
      break;
    case "input":
      reading.lines.push(isBody(block.label) ? readText(block.label, reading) : "");
      break;
  }
}

function readElement(element: Body, block: Body, reading: Reading): string {
  const label = isBody(element.text) ? readText(element.text, reading) : "";
  for (const { text } of bodiesOf(element.options))
    reading.options.push(isBody(text) ? readText(text, reading) : "");
  if (typeof element.url === "string") reading.links.push(element.url);
  if (element.type !== "button") return "[menu]";
  const { confirm } = element;
  reading.buttons.push({
    label,
    actionId: stringOf(element.action_id),
    blockId: stringOf(block.block_id),
    value: stringOf(element.value),
    style: stringOf(element.style),
    ...(isBody(confirm)
      ? {
          confirm: {
            title: plainOf(confirm.title),
            text: plainOf(confirm.text),
            yes: plainOf(confirm.confirm),
            no: plainOf(confirm.deny),
          },
        }
      : {}),
  });
  return `[${label}]`;
}

function plainOf(value: unknown): string {
  return isBody(value) ? stringOf(value.text) : "";
}

/** `plain_text` is literal but for emoji; `mrkdwn` is not. */
function readText({ type, text, emoji, verbatim }: Body, reading: Reading): string {
  const said = stringOf(text);
  if (type === "mrkdwn") return readMarkup(said, reading, { formats: true, autolinks: verbatim !== true });
  if (emoji !== false) reading.markup.push(...(said.match(/:[a-z0-9_+-]+:/g) ?? []));
  return said;
}

const SEQUENCE = /<([^<>\n]*)>/g;
const ADDRESS = /\b(?:https?:\/\/|mailto:)[^\s<>|]+/g;
const FORMATS = [
  /\*[^*\n]+\*/g,
  /_[^_\n]+_/g,
  /~[^~\n]+~/g,
  /`[^`\n]+`/g,
  /```[\s\S]+?```/g,
  /^&gt; .*/gm,
  /:[a-z0-9_+-]+:/g,
];

/** Slack's markup: everything dangerous stands in angle brackets. Source: Slack, "Formatting text for app surfaces". */
function readMarkup(
  text: string,
  reading: Reading,
  { formats, autolinks }: { readonly formats: boolean; readonly autolinks: boolean },
): string {
  const drawn = text.replace(SEQUENCE, (_, inner: string) => {
    const [target = "", label] = inner.split("|");
    if (target.startsWith("!")) {
      reading.mentions.push(`@${target.slice(1).replace(/^subteam\^/, "")}`);
      return label ?? `@${target.slice(1)}`;
    }
    if (target.startsWith("@")) {
      reading.mentions.push(target.slice(1));
      return label ?? target;
    }
    reading.links.push(target);
    return label ?? target;
  });
  if (autolinks) reading.links.push(...(text.replace(SEQUENCE, " ").match(ADDRESS) ?? []));
  if (formats) for (const format of FORMATS) reading.markup.push(...(drawn.match(format) ?? []));
  return drawn.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function readRich(element: Body, reading: Reading): void {
  const { type, elements, style } = element;
  if (type === "rich_text_list") {
    for (const [index, item] of bodiesOf(elements).entries()) {
      const mark = style === "ordered" ? `${index + 1}.` : "•";
      reading.lines.push(`${mark} ${readInline(item.elements, reading)}`);
    }
    return;
  }
  const said = readInline(elements, reading);
  if (type === "rich_text_preformatted") {
    reading.code.push(said);
    reading.lines.push(...said.split("\n").map((line) => `    ${line}`));
  } else
    reading.lines.push(...said.split("\n").map((line) => (type === "rich_text_quote" ? `│ ${line}` : line)));
}

const EMOJI: Readonly<Record<string, string>> = {
  red_circle: "🔴",
  large_green_circle: "🟢",
  large_orange_circle: "🟠",
  large_blue_circle: "🔵",
  white_check_mark: "✅",
  x: "❌",
  grey_question: "❔",
  hourglass_flowing_sand: "⏳",
  mag: "🔎",
};

/** Text of rich text is literal. */
function readInline(elements: unknown, reading: Reading): string {
  return bodiesOf(elements)
    .map((element) => {
      switch (element.type) {
        case "text":
          return stringOf(element.text);
        case "date":
          return stringOf(element.fallback);
        case "emoji":
          return EMOJI[stringOf(element.name)] ?? `:${element.name}:`;
        case "link":
          reading.links.push(stringOf(element.url));
          return stringOf(element.text ?? element.url);
        case "broadcast":
          reading.mentions.push(`@${element.range}`);
          return `@${element.range}`;
        case "user":
        case "usergroup":
          reading.mentions.push(stringOf(element.user_id ?? element.usergroup_id));
          return `@${element.user_id ?? element.usergroup_id}`;
        default:
          return "";
      }
    })
    .join("");
}
