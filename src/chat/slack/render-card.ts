import type { ContextBlock, KnownBlock, RichTextElement, Button as SlackButton } from "@slack/types";
import type { ActionView, Button, Card, ProgressLine } from "../../report/card.ts";
import type { Proof, RestartAdvice } from "../../report/report.ts";
import { isShownInFull, TOO_LONG } from "../is-shown-in-full.ts";
import { joinHops } from "../join-hops.ts";
import { SHOWN, SLACK } from "../limits.ts";
import { visibleLine, visibleLines } from "../visible-text.ts";
import { actionIdOf } from "./action-id.ts";
import {
  bold,
  bullets,
  fallbackText,
  joined,
  moment,
  paragraph,
  quoteBox,
  type RichPart,
  richText,
  type SlackMessage,
  words,
} from "./slack-message.ts";

const TONES = { working: "🔵", fault: "🔴", warning: "🟠", ok: "🟢" } as const;

/** Leaves room for the answer above what would be done, and the buttons beneath it. */
const MAX_ACTION_JSON = 7000;

/** One part of a card. What counts least is left out first when the message is full. */
interface Part {
  readonly blocks: KnownBlock[];
  /** 1 is always shown. */
  readonly rank: 1 | 2 | 3 | 4 | 5;
}

/** The card as one message: the answer first, what would be done right above its buttons, small print last. */
export function renderCard(card: Card): SlackMessage {
  const { action, canAsk } = drawAction(card);
  const buttons = card.buttons.filter((button) => canAsk || button.action !== "approve");
  const blocks = fitting([
    { rank: 1, blocks: richText(renderHeadline(card)) },
    { rank: 2, blocks: richText(paragraph(words(hopLine(card)))) },
    { rank: 2, blocks: richText(renderProgress(card.progress)) },
    ...card.proof.slice(0, 3).map((proof, index): Part => {
      return { rank: index === 0 ? 2 : 3, blocks: richText(renderProof(proof)) };
    }),
    { rank: 2, blocks: richText(renderRestart(card.restart)) },
    { rank: 4, blocks: richText(renderSince(card)) },
    { rank: 3, blocks: richText(renderAdvice(card.advice)) },
    { rank: 5, blocks: richText(renderExplanation(card.explanation)) },
    { rank: 1, blocks: action },
    { rank: 1, blocks: renderButtons(buttons) },
    { rank: 2, blocks: renderFooter(card.footer) },
  ]);
  return { text: fallbackText(fallbackLines(card)), blocks };
}

/** As many parts as the message holds, in their order. */
function fitting(parts: readonly Part[]): KnownBlock[] {
  const kept = new Set<Part>();
  let left = SLACK.blocksJson;
  for (const part of parts.toSorted((a, b) => a.rank - b.rank)) {
    const size = sizeOf(part.blocks);
    if (size > left) continue;
    kept.add(part);
    left -= size;
  }
  return parts.filter((part) => kept.has(part)).flatMap(({ blocks }) => blocks);
}

function sizeOf(blocks: readonly KnownBlock[]): number {
  return JSON.stringify(blocks).length;
}

function line(text: string, max: number = SHOWN.line): string {
  return visibleLine(text, max);
}

/** The answer, and where to look oneself: the configured address is the one link there is. */
function renderHeadline({ tone, headline, site, url }: Card): RichPart[] {
  const answer = line(headline, SHOWN.headline) || line(site);
  return [...paragraph([...bold(`${TONES[tone]} ${answer}`.trim()), ...words("\n"), ...linkTo(url)])];
}

/** Anything that is not plainly a web address is text. */
function linkTo(url: string): RichTextElement[] {
  const href = URL.parse(url)?.href ?? "";
  return /^https?:\/\/[^\s<>|]{1,300}$/.test(href) ? [{ type: "link", url: href }] : words(line(url));
}

const HOP_MARKS = { ok: "✅", broken: "❌", unknown: "❔" } as const;

/** `✅ edge → ✅ nginx edge-1 → ❌ php8.2-fpm origin-1 (broken)` */
function hopLine({ hops }: Card): string {
  return joinHops(hops.slice(0, SHOWN.facts), ({ name, host, state }) => {
    const what = line(host === "" || host === name ? name : `${name} ${host}`, 60);
    return `${HOP_MARKS[state]} ${what}${state === "broken" ? " (broken)" : ""}`;
  });
}

const PROGRESS_MARKS = { connecting: "⏳", looking: "🔎", done: "✅", failed: "❌" } as const;

function renderProgress(progress: readonly ProgressLine[]): RichPart[] {
  const more = progress.length - SHOWN.progressLines;
  const lines = progress.slice(0, SHOWN.progressLines).map(({ host, state, text }) => {
    return [...words(`${PROGRESS_MARKS[state]} `), ...bold(line(host, 60)), ...words(` ${line(text, 80)}\n`)];
  });
  return paragraph([...lines.flat(), ...words(more > 0 ? `and ${more} more hosts` : "")]);
}

/** Our sentence, where and when, and the host's own words in a box. */
export function renderProof({ says, host, when, quote }: Proof): RichPart[] {
  const place = [bold(line(says)), words(line(host, 60)), when === undefined ? [] : moment(when)];
  const quoted = visibleLines(quote ?? "", { max: SHOWN.quote, lines: SHOWN.quoteLines });
  return [...paragraph(joined(place, " · ")), ...quoteBox(quoted)];
}

const BARS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

function renderSince({ since, lastChange }: Card): RichPart[] {
  const shares = since?.shares.slice(-30) ?? [];
  const bars = shares.map((share) => BARS[Math.round(share * (BARS.length - 1))] ?? "").join("");
  const said = [
    since?.when === undefined ? [] : moment(since.when),
    words(since?.percent === undefined ? "" : `${Math.round(since.percent)} % of requests fail`),
    words(shares.some((share) => share > 0) ? bars : ""),
  ];
  const all = joined(said, " · ");
  return [
    ...paragraph(all.length === 0 ? [] : [...bold("Since "), ...all]),
    ...paragraph(
      lastChange === null
        ? []
        : [
            ...bold("Last change "),
            ...joined([words(line(lastChange.what, 200)), moment(lastChange.when)], ", "),
          ],
    ),
  ];
}

const RESTART_ANSWERS: Readonly<Record<RestartAdvice["answer"], string>> = {
  yes: "yes",
  briefly: "only briefly",
  no: "no",
  "not-advised": "not advised",
  "not-needed": "not needed",
};

function restartLine({ answer, what, why }: RestartAdvice): string {
  const of = what === undefined ? "" : ` (${line(what, 120)})`;
  return `${RESTART_ANSWERS[answer]}${of}. ${line(why)}`.trim();
}

const RESTART_QUESTION = "Would a restart help? ";

function renderRestart(restart: RestartAdvice | null): RichPart[] {
  return restart === null ? [] : paragraph([...bold(RESTART_QUESTION), ...words(restartLine(restart))]);
}

function renderAdvice(advice: readonly string[]): RichPart[] {
  const shown = advice.map((text) => line(text)).filter((text) => text !== "");
  if (shown.length === 0) return [];
  return [...paragraph(bold("Do next")), ...bullets(shown.slice(0, 5).map((text) => words(text)))];
}

function renderExplanation(explanation: Card["explanation"]): RichPart[] {
  if (explanation === undefined) return [];
  const { text, nextLook, model } = explanation;
  const label = `\nby the model ${line(model, 60)}; it may be wrong, the lines above are measured`;
  return [
    ...paragraph([
      ...bold("In other words "),
      ...words(line(text, SHOWN.explanation)),
      ...words(nextLook === undefined ? "" : `\nNext look: ${line(nextLook)}`),
      ...words(label, { italic: true }),
    ]),
  ];
}

const ACTION_MARKS = { asking: "🟠", working: "⏳", ok: "✅", bad: "🔴" } as const;

/** What would be done, or was, and whether that may be asked for here. Of what is too large to be drawn only the beginning is. */
function drawAction({ action, buttons }: Card): { readonly action: KnownBlock[]; readonly canAsk: boolean } {
  if (action === null) return { action: [], canAsk: true };
  const facts = renderFacts(action);
  const isSmall = sizeOf(richText([...renderState(action, ""), ...facts])) <= MAX_ACTION_JSON;
  const canAsk = isSmall && isShownInFull(action);
  const isWithheld = !canAsk && buttons.some((button) => button.action === "approve");
  const state = renderState(action, isWithheld ? `\n${TOO_LONG}` : "");
  return { action: richText([...state, ...(isSmall ? facts : [])]), canAsk };
}

function renderState({ title, status, tone }: ActionView, more: string): RichPart[] {
  const said = `\n${ACTION_MARKS[tone]} ${line(status, 200)}${more}`;
  return paragraph([...bold(line(title, SHOWN.title)), ...words(said)]);
}

function renderFacts({ facts, checks, hint }: ActionView): RichPart[] {
  return [
    ...bullets(
      facts
        .slice(0, SHOWN.facts)
        .map(({ name, value }) => [
          ...bold(line(name, SHOWN.factName)),
          ...words(` ${line(value, SHOWN.fact)}`),
        ]),
    ),
    ...paragraph(checks.length === 0 ? [] : bold("Before → after")),
    ...bullets(
      checks.slice(0, SHOWN.facts).map(({ hop, before, after, ok }) => {
        return words(`${ok ? "✅" : "❌"} ${line(hop, 40)}: ${line(before, 50)} → ${line(after, 50)}`);
      }),
    ),
    ...paragraph(words(hint === undefined ? "" : line(hint))),
  ];
}

function renderButtons(buttons: readonly Button[]): KnownBlock[] {
  const drawn = new Map<string, SlackButton>();
  for (const button of buttons) {
    const { action, value, label, style } = button;
    const key = `${action} ${value}`;
    if (value === "" || value.length > SLACK.buttonValue || drawn.has(key)) continue;
    drawn.set(key, {
      type: "button",
      action_id: actionIdOf(action, drawn.size),
      value,
      text: plain(label, SLACK.buttonLabel, action),
      ...(style === "plain" ? {} : { style }),
      ...renderConfirm(button),
    });
    if (drawn.size === SLACK.buttons) break;
  }
  return drawn.size === 0 ? [] : [{ type: "actions", elements: [...drawn.values()] }];
}

function renderConfirm({ confirm, style }: Button): Pick<SlackButton, "confirm"> {
  if (confirm === undefined) return {};
  return {
    confirm: {
      title: plain(confirm.title, SLACK.confirmTitle, "Sure?"),
      text: plain(confirm.text, SLACK.confirmText, "Do it?"),
      confirm: plain(confirm.yes, SLACK.confirmChoice, "Yes"),
      deny: plain(confirm.no, SLACK.confirmChoice, "No"),
      ...(style === "plain" ? {} : { style }),
    },
  };
}

/** Literal, colons included. */
function plain(text: string, max: number, otherwise: string) {
  return { type: "plain_text" as const, text: line(text, max) || otherwise, emoji: false };
}

function renderFooter(footer: readonly string[]): ContextBlock[] {
  const text = footer.map((part) => line(part, 120)).filter((part) => part !== "");
  if (text.length === 0) return [];
  return [{ type: "context", elements: [plain(text.slice(0, SHOWN.facts).join(" · "), SLACK.section, "")] }];
}

/** The card in a few lines, for where blocks are not shown. */
function fallbackLines(card: Card): readonly string[] {
  const { tone, headline, site, restart, action } = card;
  return [
    `${TONES[tone]} ${line(headline, SHOWN.headline) || line(site)}`,
    hopLine(card),
    restart === null ? "" : `${RESTART_QUESTION}${restartLine(restart)}`,
    action === null ? "" : `${line(action.title, SHOWN.title)}: ${line(action.status, 200)}`,
  ];
}
