import { type Body, componentsOf, FLAGS, isBody } from "./body-rules.ts";

/** A message as somebody in the channel sees it. */
export interface ReaderView {
  /** Text with its markup applied: escapes gone, fences open. */
  readonly text: string;
  /** What is drawn as a mention: people, roles, channels, commands, everyone. */
  readonly mentions: readonly string[];
  /** The mentions that notify somebody. */
  readonly pings: readonly string[];
  /** Where a click on the text would lead. */
  readonly links: readonly string[];
  /** Contents of code blocks. */
  readonly fences: readonly string[];
  /** Other markup that is drawn: headings, bold, lists, quotes, spoilers, times. */
  readonly markup: readonly string[];
  readonly buttons: readonly {
    readonly label: string;
    readonly customId: string;
    readonly isDisabled: boolean;
  }[];
  readonly accent: number | undefined;
}

type Found = { -readonly [Key in "mentions" | "links" | "fences" | "markup"]: string[] };

/** Source: the documented message formatting of Discord; where clients differ, what any of them draws counts. */
export function readMessage(message: Body): ReaderView {
  const found: Found = { mentions: [], links: [], fences: [], markup: [] };
  const components = componentsOf(message.components);
  const isV2 = (Number(message.flags ?? 0) & FLAGS.componentsV2) !== 0;
  const texts = components.flatMap(({ type, content }) => (type === 10 ? [String(content)] : []));
  const shown = (isV2 ? texts : [String(message.content ?? "")]).map((text) => readMarkdown(text, found));
  const container = components.find(({ type }) => type === 17);
  const accent = container?.accent_color;
  return {
    text: shown.join("\n"),
    ...found,
    pings: pingsOf(found.mentions, message.allowed_mentions),
    buttons: components.flatMap(({ type, label, custom_id, disabled }) =>
      type === 2 && typeof custom_id === "string"
        ? [{ label: String(label), customId: custom_id, isDisabled: disabled === true }]
        : [],
    ),
    accent: typeof accent === "number" ? accent : undefined,
  };
}

/** Without `allowed_mentions` everything notifies. */
function pingsOf(mentions: readonly string[], allowed: unknown): readonly string[] {
  if (!isBody(allowed)) return mentions;
  const parse = Array.isArray(allowed.parse) ? allowed.parse : [];
  return mentions.filter((mention) => {
    if (mention.startsWith("<@&")) return parse.includes("roles");
    if (mention.startsWith("<@")) return parse.includes("users");
    return mention.startsWith("@") && parse.includes("everyone");
  });
}

const FENCE = "```";
const MENTION = /^<(?:@[!&]?\d+|#\d+|\/[^>\n]{1,80}:\d+|id:\w+)>|^@(?:everyone|here)/;
const TIME_OR_EMOJI = /^<(?:t:-?\d+(?::\w)?|a?:\w+:\d+)>/;
const LINK = /^(?:https?|steam|discord):\/\/[^\s<]+/i;
const ANGLE_LINK = /^<((?:[a-z][\w+.-]*:\/|mailto:|tel:|sms:)[^\s>]+)>/i;
const MASKED_LINK = /^\[[^\]\n]*\]\(\s*<?([^)\s]+)/;
const LINE_START = /^(?:-# |#{1,3} |>>> |> |\s*[-*] |\s*\d+\. )/;
const INLINE = /^(?:\*\*|\*|__|_|~~|\|\|)/;
/** Where nothing of the above can begin, within a line. */
const PLAIN = /[^\\`<@[*_~|hsd\n]+/iy;

function readMarkdown(text: string, found: Found): string {
  let shown = "";
  let index = 0;
  let isLineStart = true;
  while (index < text.length) {
    PLAIN.lastIndex = index;
    const plain = isLineStart ? undefined : PLAIN.exec(text)?.[0];
    if (plain !== undefined) {
      shown += plain;
      index += plain.length;
      continue;
    }
    const rest = text.slice(index, index + 2100);
    if (rest.startsWith(FENCE)) {
      const end = text.indexOf(FENCE, index + 3);
      if (end > index + 3) {
        const code = text.slice(index + 3, end);
        found.fences.push(code);
        shown += code;
        index = end + 3;
        isLineStart = false;
        continue;
      }
    }
    const run = /^`+/.exec(rest)?.[0];
    if (run !== undefined) {
      const end = text.indexOf(run, index + run.length);
      if (end > 0) {
        shown += text.slice(index + run.length, end);
        index = end + run.length;
        isLineStart = false;
        continue;
      }
    }
    const escaped = /^\\([^0-9A-Za-z\s])/.exec(rest)?.[1];
    if (escaped !== undefined) {
      shown += escaped;
      // a server looks for everyone and here in the raw text
      if (escaped === "@" && /^(?:everyone|here)/.test(rest.slice(2)))
        found.mentions.push(`@${rest.slice(2, 10)}`);
      index += 1 + escaped.length;
      isLineStart = false;
      continue;
    }
    const taken = takeMarkup(rest, isLineStart, text[index - 1], found);
    if (taken > 0) {
      shown += rest.slice(0, taken);
      index += taken;
      isLineStart = false;
      continue;
    }
    shown += text[index];
    isLineStart = text[index] === "\n" || (isLineStart && text[index] === " ");
    index++;
  }
  return shown;
}

/** How many characters of `rest` are markup that is drawn; 0 for plain text. */
function takeMarkup(rest: string, isLineStart: boolean, previous: string | undefined, found: Found): number {
  const mention = MENTION.exec(rest)?.[0];
  if (mention !== undefined) {
    found.mentions.push(mention);
    return mention.length;
  }
  const link = ANGLE_LINK.exec(rest) ?? MASKED_LINK.exec(rest);
  if (link !== null) {
    found.links.push(link[1] ?? "");
    return link[0].length;
  }
  const bare = LINK.exec(rest)?.[0];
  if (bare !== undefined) {
    found.links.push(bare);
    return bare.length;
  }
  const start = isLineStart ? LINE_START.exec(rest)?.[0] : undefined;
  const isInWord = previous !== undefined && /\w/.test(previous);
  const other = start ?? TIME_OR_EMOJI.exec(rest)?.[0] ?? INLINE.exec(rest)?.[0];
  if (other === undefined || (other === "_" && isInWord)) return 0;
  found.markup.push(other.trim());
  return other.length;
}
