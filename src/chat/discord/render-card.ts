import {
  type APIButtonComponentWithCustomId,
  type APIComponentInContainer,
  ButtonStyle,
  ComponentType,
} from "discord.js";
import type { ActionView, Button, Card, ProgressLine } from "../../report/card.ts";
import type { Moment, Proof, RestartAdvice } from "../../report/report.ts";
import { isShownInFull, TOO_LONG } from "../is-shown-in-full.ts";
import { joinHops } from "../join-hops.ts";
import { DISCORD, SHOWN } from "../limits.ts";
import { visibleLine } from "../visible-text.ts";
import { customIdOf } from "./custom-id.ts";
import { escapeMarkdown, fence } from "./escape-markdown.ts";
import { type MessageBody, messageBody, textDisplay } from "./message-body.ts";

const ACCENTS = { working: 0x3b82f6, fault: 0xdc2626, warning: 0xd97706, ok: 0x16a34a } as const;

/** One block of text of a card. What counts least is left out first when the message is full. */
interface Part {
  readonly text: string;
  /** 1 is always shown. */
  readonly rank: 1 | 2 | 3 | 4 | 5;
}

/** The card as one message: a container in the colour of its tone, answer first, buttons and small print last. */
export function renderCard(card: Card): MessageBody {
  const headline = part(1, renderHeadline(card));
  const { lines, canAsk } = drawAction(card, DISCORD.text - headline.text.length);
  const footer = part(1, renderFooter(card.footer));
  const kept = fitting([
    headline,
    part(2, renderHops(card)),
    part(2, renderProgress(card.progress)),
    part(1, lines),
    part(2, renderRestart(card.restart)),
    ...card.proof.slice(0, 3).map((proof, n) => part(n === 0 ? 2 : 3, renderProof(proof))),
    part(4, renderSince(card)),
    part(3, renderAdvice(card.advice)),
    part(5, renderExplanation(card.explanation)),
    footer,
  ]);
  const buttons = card.buttons.filter((button) => canAsk || button.action !== "approve");
  const components: APIComponentInContainer[] = [
    ...kept.filter((one) => one !== footer).map(({ text }) => textDisplay(text)),
    ...buttonRows(buttons),
    ...(kept.includes(footer) ? [SEPARATOR, textDisplay(footer.text)] : []),
  ];
  return messageBody([{ type: ComponentType.Container, accent_color: ACCENTS[card.tone], components }]);
}

/** What is left of a card that Discord would not take. */
export function renderHeadlineOnly({ headline, incident }: Pick<Card, "headline" | "incident">): MessageBody {
  const small = `-# incident #${incident}; the rest could not be shown here`;
  return messageBody([textDisplay(`### ${line(headline, SHOWN.headline)}\n${small}`)]);
}

/** Drawn as it stands; nothing in it is markup. */
export function renderThreadName({ incident, site }: Pick<Card, "incident" | "site">): string {
  return visibleLine(`#${incident} ${site}`, DISCORD.threadName);
}

const SEPARATOR = { type: ComponentType.Separator, divider: true } as const;

function part(rank: Part["rank"], lines: readonly string[]): Part {
  return { rank, text: lines.join("\n") };
}

/** As many parts as the message holds, in their order. */
function fitting(parts: readonly Part[]): Part[] {
  const kept = new Set<Part>();
  let left: number = DISCORD.text;
  for (const one of parts.toSorted((a, b) => a.rank - b.rank)) {
    if (one.text === "" || one.text.length > left) continue;
    kept.add(one);
    left -= one.text.length;
  }
  return parts.filter((one) => kept.has(one));
}

function line(text: string, max: number = SHOWN.line): string {
  return escapeMarkdown(text, max);
}

function renderHeadline({ headline, url }: Card): string[] {
  return [`### ${line(headline, SHOWN.headline)}`, linkTo(url)];
}

/** The configured address, the one link there is; a text, when it holds anything that could be more than an address. */
function linkTo(url: string): string {
  const href = URL.parse(url)?.href ?? "";
  return /^https?:\/\/[\w.~:/?#!$&'()+,;=%-]{1,300}$/.test(href) ? `<${href}>` : line(url);
}

const HOP_MARKS = { ok: "✅", broken: "❌", unknown: "❔" } as const;

/** `✅ edge → ✅ proxy edge-1 → ❌ **upstream origin-1**` */
function renderHops({ hops }: Card): string[] {
  const drawn = joinHops(hops.slice(0, SHOWN.facts), ({ name, host, state }) => {
    const words = line(host === "" || host === name ? name : `${name} ${host}`, 60);
    return `${HOP_MARKS[state]} ${state === "broken" ? `**${words}** (broken)` : words}`;
  });
  return drawn === "" ? [] : [drawn];
}

const PROGRESS_MARKS = { connecting: "⏳", looking: "🔎", done: "✅", failed: "❌" } as const;

function renderProgress(progress: readonly ProgressLine[]): string[] {
  const more = progress.length - SHOWN.progressLines;
  return [
    ...progress
      .slice(0, SHOWN.progressLines)
      .map(({ host, state, text }) => `${PROGRESS_MARKS[state]} **${line(host, 60)}** ${line(text, 80)}`),
    ...(more > 0 ? [`and ${more} more hosts`] : []),
  ];
}

const ACTION_MARKS = { asking: "🟠", working: "⏳", ok: "✅", bad: "🔴" } as const;

/** What would be done, or was, and whether that may be asked for here. Of what there is no room for only the beginning is drawn. */
function drawAction(
  { action, buttons }: Card,
  room: number,
): { readonly lines: readonly string[]; readonly canAsk: boolean } {
  if (action === null) return { lines: [], canAsk: true };
  const { title, status, tone } = action;
  const state = [`**${line(title, SHOWN.title)}**`, `${ACTION_MARKS[tone]} ${line(status, 200)}`];
  const facts = renderFacts(action);
  // with room for the line that says why nobody is asked
  const fits = [...state, TOO_LONG, ...facts].join("\n").length <= room;
  const canAsk = fits && isShownInFull(action);
  const isWithheld = !canAsk && buttons.some((button) => button.action === "approve");
  return { lines: [...state, ...(isWithheld ? [TOO_LONG] : []), ...(fits ? facts : [])], canAsk };
}

function renderFacts({ facts, checks, hint }: ActionView): string[] {
  return [
    ...facts
      .slice(0, SHOWN.facts)
      .map(({ name, value }) => `- ${line(name, SHOWN.factName)}: ${line(value, SHOWN.fact)}`),
    ...checks
      .slice(0, SHOWN.facts)
      .map(
        ({ hop, before, after, ok }) =>
          `- ${ok ? "✅" : "❌"} ${line(hop, 40)}: ${line(before, 50)} → ${line(after, 50)}`,
      ),
    ...(hint === undefined ? [] : [line(hint)]),
  ];
}

const RESTART_ANSWERS: Readonly<Record<RestartAdvice["answer"], string>> = {
  yes: "yes",
  briefly: "only briefly",
  no: "no",
  "not-advised": "not advised",
  "not-needed": "not needed",
};

function renderRestart(restart: RestartAdvice | null): string[] {
  if (restart === null) return [];
  const { answer, what, why } = restart;
  const of = what === undefined ? "" : ` (${line(what, 120)})`;
  return [`**Would a restart help?** ${RESTART_ANSWERS[answer]}${of}. ${line(why)}`.trim()];
}

/** Our sentence, where and when, and the host's own words in a fence. */
export function renderProof({ says, host, when, quote }: Proof): string[] {
  const place = [
    ...(host === "" ? [] : [line(host, 60)]),
    ...(when === undefined ? [] : [renderMoment(when)]),
  ];
  const quoted =
    quote === undefined ? undefined : fence(quote, { max: SHOWN.quote, lines: SHOWN.quoteLines });
  return [
    `**${line(says)}**${place.length === 0 ? "" : ` · ${place.join(" · ")}`}`,
    ...(quoted === undefined ? [] : [quoted]),
  ];
}

/** In the reader's own time zone, counting on while it is read. */
function renderMoment({ at, clock, ago }: Moment): string {
  const seconds = Math.floor(Date.parse(at) / 1000);
  const isMoment = Number.isSafeInteger(seconds) && Math.abs(seconds) < 1e11;
  return isMoment ? `<t:${seconds}:T>, <t:${seconds}:R>` : `${line(clock, 40)}, ${line(ago, 40)}`;
}

const BARS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

function renderSince({ since, lastChange }: Card): string[] {
  const said = [
    ...(since?.when === undefined ? [] : [renderMoment(since.when)]),
    ...(since?.percent === undefined ? [] : [`${Math.round(since.percent)} % of requests fail`]),
    ...(since?.shares.some((share) => share > 0) === true
      ? [since.shares.slice(-30).map(barOf).join("")]
      : []),
  ];
  return [
    ...(said.length === 0 ? [] : [`**Since** ${said.join(" · ")}`]),
    ...(lastChange === null
      ? []
      : [`**Last change** ${line(lastChange.what, 200)}, ${renderMoment(lastChange.when)}`]),
  ];
}

function barOf(share: number): string {
  return BARS[Math.round(share * (BARS.length - 1))] ?? "";
}

function renderAdvice(advice: readonly string[]): string[] {
  const shown = advice.filter((text) => text.trim() !== "").slice(0, 5);
  return shown.length === 0 ? [] : ["**Do next**", ...shown.map((text) => `- ${line(text)}`)];
}

function renderExplanation(explanation: Card["explanation"]): string[] {
  if (explanation === undefined) return [];
  const { text, nextLook, model } = explanation;
  return [
    `**In other words** ${line(text, SHOWN.explanation)}`,
    ...(nextLook === undefined ? [] : [`Next look: ${line(nextLook)}`]),
    `-# by the model ${line(model, 60)}; it may be wrong, the lines above are measured`,
  ];
}

function renderFooter(footer: readonly string[]): string[] {
  return footer.length === 0 ? [] : [`-# ${footer.map((text) => line(text, 120)).join(" · ")}`];
}

const STYLES = {
  primary: ButtonStyle.Primary,
  danger: ButtonStyle.Danger,
  plain: ButtonStyle.Secondary,
} as const;

/** Rows of five; an id that would be too long, empty or there already cannot be sent at all. */
function buttonRows(buttons: readonly Button[]): APIComponentInContainer[] {
  const drawn = new Map<string, APIButtonComponentWithCustomId>();
  for (const button of buttons) {
    const custom_id = customIdOf(button);
    const label = visibleLine(button.label, DISCORD.buttonLabel) || button.action;
    if (custom_id.length > DISCORD.customId || drawn.has(custom_id)) continue;
    drawn.set(custom_id, { type: ComponentType.Button, style: STYLES[button.style], label, custom_id });
  }
  const all = [...drawn.values()].slice(0, 2 * DISCORD.buttonsPerRow);
  return [all.slice(0, DISCORD.buttonsPerRow), all.slice(DISCORD.buttonsPerRow)]
    .filter((row) => row.length > 0)
    .map((components) => ({ type: ComponentType.ActionRow, components }));
}
