import { z } from "zod";
import { cleanText } from "../collect/clean-text.ts";
import { redact } from "../collect/redact.ts";
import type { Prompt } from "./make-prompt.ts";
import { isAddressLike } from "./name-labels.ts";

/** What a model is asked for. Lengths are checked here and not asked for: some servers refuse schemas that state them. */
export const AnswerSchema = z.object({
  explanation: z.string(),
  nextLook: z.string().nullable(),
  findings: z.array(z.string()),
});

export type CheckedAnswer =
  | {
      readonly ok: true;
      readonly text: string;
      readonly nextLook?: string;
      readonly findings: readonly string[];
    }
  | { readonly ok: false; readonly problem: string };

const MAX_ANSWER_BYTES = 4096;
const MAX_TEXT = 600;
const MAX_NEXT_LOOK = 200;
const MAX_FINDINGS = 50;

/**
 * A model's answer, believed in nothing: its shape, its length, each finding it names and each quote it makes are compared with what was
 * sent. A wrong `nextLook` is dropped, anything else wrong drops the whole.
 */
export function checkAnswer(content: string, { sent }: Pick<Prompt, "sent">): CheckedAnswer {
  if (Buffer.byteLength(content) > MAX_ANSWER_BYTES) return refuse("the answer is longer than 4 KiB");
  const answer = AnswerSchema.safeParse(parseJson(withoutFence(content)));
  if (!answer.success) return refuse("the answer is not the JSON that was asked for");
  const findings = [...new Set(answer.data.findings)];
  if (findings.length === 0) return refuse("the answer rests on no finding");
  if (findings.length > MAX_FINDINGS || findings.some((id) => !sent.has(id))) {
    return refuse("the answer names findings that do not exist");
  }
  const quotable = findings.map((id) => spaced(sent.get(id) ?? "")).join("\n");
  const everything = [...sent.values()].map(spaced).join("\n");

  const text = plain(answer.data.explanation);
  const problem = problemOf(text, { maxLength: MAX_TEXT, quotable, everything });
  if (problem !== undefined) return refuse(`the explanation ${problem}`);
  const nextLook = plain(answer.data.nextLook ?? "");
  const keepsNextLook = problemOf(nextLook, { maxLength: MAX_NEXT_LOOK, quotable, everything }) === undefined;
  return { ok: true, text, findings, ...(keepsNextLook ? { nextLook } : {}) };
}

/** What surfaces could turn into something other than text, though they escape it, and signs that a card speaks by itself. */
const MARKUP = /[<>`]|\]\(|\*\*|~~|\|\||__|^#|(?<!\S):[a-z0-9_+-]+:(?!\S)|\p{Extended_Pictographic}/u;
const LINK = /:\/\/|\bwww\.|\b(?:mailto|javascript|data|file|tel):/i;
/** The verdict, the card and its buttons speak of these; the model was told not to. */
const OUT_OF_PLACE =
  /\b(?:re[- ]?start(?:s|ing)?|reboot(?:s|ing)?|(?:pre-?)?approv\w*|authori[sz]ed by|sign(?:ed)?[- ]off|go(?:es)? ahead|click\w*|press(?:ing)?|buttons?)\b/i;
const COMMAND =
  /\b(?:sudo|curl|wget|systemctl|pkill|chmod|chown) |\b(?:rm|kill|killall|iptables) -|\b(?:docker|podman|kubectl|pm2|supervisorctl) (?:stop|rm|kill|exec|delete|run|down|reload)\b|\$\(|&&|\| ?(?:ba)?sh\b/i;
/** Letters of one alphabet among those of another, which they look like. */
const DISGUISED =
  /\p{Script=Latin}[\p{Script=Cyrillic}\p{Script=Greek}]|[\p{Script=Cyrillic}\p{Script=Greek}]\p{Script=Latin}/u;

interface Bounds {
  readonly maxLength: number;
  /** What was sent of the findings that are named, and of all. */
  readonly quotable: string;
  readonly everything: string;
}

/** A text is judged as it is and as it looks: `ａｐｐｒｏｖｅ` is read by people as the word it is not. */
function problemOf(text: string, bounds: Bounds): string | undefined {
  if (DISGUISED.test(text)) return "mixes alphabets within a word";
  const shown = text.normalize("NFKC");
  return problemIn(text, bounds) ?? (shown === text ? undefined : problemIn(shown, bounds));
}

function problemIn(text: string, { maxLength, quotable, everything }: Bounds): string | undefined {
  if (text === "") return "is empty";
  if (text.length > maxLength) return `is longer than ${maxLength} characters`;
  if (MARKUP.test(text)) return "holds markup";
  if (LINK.test(text)) return "holds a link";
  if (COMMAND.test(text)) return "holds a command";
  if (OUT_OF_PLACE.test(text)) return "speaks of what is decided elsewhere";
  const words = text.split(/[\s,;"“”()]+/);
  if (words.some((word) => word.includes("@") && !everything.includes(word))) return "mentions somebody";
  const named = text.match(/[\p{L}\p{N}_.:-]+/gu) ?? [];
  if (named.some((word) => isAddressLike(word) && !everything.includes(word.replace(/[.:-]+$/, "")))) {
    return "names an address that was not sent";
  }
  if (quotesOf(text).some((quote) => quote === "" || !quotable.includes(quote)))
    return "quotes what no finding says";
  return undefined;
}

const CLOSING = new Map([
  ['"', '"'],
  ["“", "”"],
  ["„", "“"],
  ["«", "»"],
  ["‹", "›"],
  ["「", "」"],
  ["‘", "’"],
  ["'", "'"],
]);

/** What stands between quotation marks, closed or not; an apostrophe within a word opens nothing. */
function quotesOf(text: string): readonly string[] {
  const quotes: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const mark = text[at] ?? "";
    const closing = CLOSING.get(mark);
    if (closing === undefined || (mark === "'" && /[\p{L}\p{N}]/u.test(text[at - 1] ?? " "))) continue;
    const end = text.indexOf(closing, at + 1);
    // one more apostrophe of a word, as in "workers' memory", is no quotation
    if (end === -1 && mark === "'") continue;
    // a comma or full stop is often put inside the marks
    quotes.push(
      text
        .slice(at + 1, end === -1 ? undefined : end)
        .trim()
        .replace(/[.,;]$/, ""),
    );
    at = end === -1 ? text.length : end;
  }
  return quotes;
}

/** One line, with nothing hidden in it. */
function plain(text: string): string {
  const clean = cleanText(Buffer.from(text), { maxLineLength: MAX_ANSWER_BYTES });
  return spaced(redact(clean)).trim();
}

function spaced(text: string): string {
  return text.replace(/\s+/g, " ");
}

/** Some models put their JSON into a fence, whatever was asked for. */
function withoutFence(content: string): string {
  const trimmed = content.trim();
  if (!trimmed.startsWith("```") || !trimmed.endsWith("```")) return trimmed;
  return trimmed.slice(trimmed.indexOf("\n") + 1, -3);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refuse(problem: string): CheckedAnswer {
  return { ok: false, problem };
}
