import { styleText } from "node:util";
import type { Moment, NotChecked, OtherCause, Proof, Report, RestartAdvice } from "./report.ts";
import { escapeForTerminal, type TerminalStyle } from "./terminal-text.ts";
import { displayWidth, wrapText } from "./wrap-text.ts";

type Format = Parameters<typeof styleText>[0];

/** A run of text that is wrapped, then coloured, as one. */
interface Paragraph {
  readonly text: string;
  readonly format?: Format;
  /** Stands before every line, inside the indent: the bar beside a quote. */
  readonly bar?: string;
  /** Stands before the first line; the others are indented as far. */
  readonly bullet?: string;
  /** More lines than this are cut, and the cut is shown. */
  readonly maxLines?: number;
}

const MIN_WIDTH = 40;
const MAX_WIDTH = 120;
const INDENT = 2;
const LABEL = 10;
const MAX_QUOTE_LINES = 6;
const MAX_BARS = 30;
const MAX_NOT_CHECKED = 5;
const MAX_CHECKS = 4;

/** The report for a terminal: answer first, restart second, proof third. Ends with a newline. */
export function renderText(report: Report, terminal: TerminalStyle): string {
  const width = Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, Math.floor(terminal.width) || MIN_WIDTH));
  const style = { ...terminal, width };
  const blocks = [
    renderHeadline(report, style),
    renderHops(report, style),
    renderField("Restart", restartParagraphs(report.restart), style),
    ...report.proof.map((proof, n) =>
      renderField(n === 0 ? "Because" : "", proofParagraphs(proof, style), style),
    ),
    renderField("", furtherProofParagraphs(report), style),
    [
      ...renderField("Since", sinceParagraphs(report.since, style), style),
      ...renderField("Changed", changeParagraphs(report.lastChange), style),
    ],
    renderField("Do next", adviceParagraphs(report.advice), style),
    ...report.others.map((other, n) =>
      renderField(n === 0 ? OTHERS[report.outcome] : "", otherParagraphs(other, report), style),
    ),
    renderField("Unchecked", notCheckedParagraphs(report.notChecked), style),
    renderParagraph({ text: report.facts.join(" · "), format: "dim" }, INDENT, style),
  ];
  const text = blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
  return `${text}\n`;
}

const MARKS = {
  fault: { unicode: "✗", ascii: "[FAULT]", format: ["bold", "red"] },
  inconclusive: { unicode: "?", ascii: "[?]", format: ["bold", "yellow"] },
  healthy: { unicode: "✓", ascii: "[OK]", format: ["bold", "green"] },
  recovered: { unicode: "✓", ascii: "[OK]", format: ["bold", "green"] },
  "not-a-gateway-error": { unicode: "–", ascii: "[-]", format: ["bold"] },
} as const satisfies Record<Report["outcome"], unknown>;

function renderHeadline({ outcome, headline }: Report, style: TerminalStyle): string[] {
  const { unicode, ascii, format } = MARKS[outcome];
  const bullet = `${style.unicode ? unicode : ascii} `;
  return renderParagraph({ text: headline, format: [...format], bullet }, 0, style);
}

const HOP_MARKS = {
  ok: { unicode: "✓", ascii: "ok", format: "green" },
  broken: { unicode: "✗", ascii: "BROKEN", format: ["bold", "red"] },
  unknown: { unicode: "?", ascii: "?", format: "yellow" },
} as const;

/** `edge ✓ → proxy edge-1 ✓ → upstream origin-1 ✗ | upstream origin-2 ✓`; a chain too long for the width breaks before an arrow. */
function renderHops({ hops }: Report, style: TerminalStyle): string[] {
  const lines: { plain: string; painted: string }[] = [];
  for (const { name, host, state, beside } of hops) {
    const mark = HOP_MARKS[state];
    const arrow = lines.length === 0 ? "" : beside ? "| " : style.unicode ? "→ " : "-> ";
    const words = escapeForTerminal(nameHop(name, host), style);
    const symbol = style.unicode ? mark.unicode : mark.ascii;
    const plain = `${arrow}${words} ${symbol}`;
    const painted = `${arrow}${words} ${paint(symbol, [mark.format].flat(), style)}`;
    const last = lines.at(-1);
    if (last && INDENT + displayWidth(`${last.plain} ${plain}`) <= style.width) {
      lines.splice(-1, 1, { plain: `${last.plain} ${plain}`, painted: `${last.painted} ${painted}` });
    } else {
      lines.push({ plain, painted });
    }
  }
  return lines.map(({ painted }) => " ".repeat(INDENT) + painted);
}

/** An upstream that nobody owns is called by its address, which names the host already. */
function nameHop(name: string, host: string): string {
  return host === "" || name === host || name.startsWith(`${host}:`) ? name : `${name} ${host}`;
}

const RESTART_ANSWERS = {
  yes: { text: "yes", format: ["bold", "green"] },
  briefly: { text: "only briefly", format: ["bold", "yellow"] },
  no: { text: "no", format: ["bold", "red"] },
  "not-advised": { text: "not advised", format: ["bold", "yellow"] },
  "not-needed": { text: "not needed", format: ["bold"] },
} as const;

function restartParagraphs({ answer, what, why }: RestartAdvice): Paragraph[] {
  const { text, format } = RESTART_ANSWERS[answer];
  return [
    { text: what === undefined ? text : `${text}: ${what}`, format: [...format] },
    ...(why === "" ? [] : [{ text: why }]),
  ];
}

function proofParagraphs({ says, host, when, quote }: Proof, { unicode }: TerminalStyle): Paragraph[] {
  const place = when ? `${host} · ${sayMoment(when)}` : host;
  return [
    { text: says },
    { text: place, format: "dim" },
    ...(quote === undefined
      ? []
      : [{ text: quote, bar: unicode ? "│ " : "| ", format: "cyan" as const, maxLines: MAX_QUOTE_LINES }]),
  ];
}

function furtherProofParagraphs({ furtherProof: { length } }: Report): Paragraph[] {
  if (length === 0) return [];
  return [{ text: `${length} more ${length === 1 ? "finding" : "findings"}: see --json.`, format: "dim" }];
}

function sinceParagraphs(since: Report["since"], { unicode }: TerminalStyle): Paragraph[] {
  if (!since) return [];
  const { when, percent, shares } = since;
  const said = [
    ...(when ? [sayMoment(when)] : []),
    ...(percent === undefined ? [] : [`${percent} % of requests fail`]),
  ].join("; ");
  const bars =
    unicode && shares.some((share) => share > 0) ? shares.slice(-MAX_BARS).map(barOf).join("") : "";
  return [{ text: [said, bars].filter((part) => part !== "").join("  ") }].filter(({ text }) => text !== "");
}

const BARS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

function barOf(share: number): string {
  return BARS[Math.round(share * (BARS.length - 1))] ?? "";
}

function changeParagraphs(change: Report["lastChange"]): Paragraph[] {
  return change ? [{ text: `${change.what}; ${sayMoment(change.when)}` }] : [];
}

function adviceParagraphs(advice: readonly string[]): Paragraph[] {
  return advice.map((text, n) => ({ text, ...(advice.length > 1 ? { bullet: `${n + 1}. ` } : {}) }));
}

const OTHERS = {
  fault: "Or else",
  inconclusive: "Could be",
  healthy: "",
  recovered: "",
  "not-a-gateway-error": "",
} as const satisfies Record<Report["outcome"], string>;

/** Beside a verdict that stands, the chance that another cause alone would have had only confuses. */
function otherParagraphs(other: OtherCause, { outcome }: Report): Paragraph[] {
  const title = other.title.charAt(0).toUpperCase() + other.title.slice(1);
  return [
    { text: outcome === "fault" ? `${title}.` : `${title} (${other.percent} %).` },
    ...other.for.map((text) => ({ text, bullet: "+ ", format: "dim" as const })),
    ...other.against.map((text) => ({ text, bullet: "- ", format: "dim" as const })),
  ];
}

/** Not everybody on call knows one by sight. */
const SUDOERS_LINE = /^\S+ ALL=\(root\) NOPASSWD/;

function notCheckedParagraphs(missing: readonly NotChecked[]): Paragraph[] {
  const shown = missing
    .slice(0, MAX_NOT_CHECKED)
    .flatMap(({ checks, host, reason, fix }) => [
      { text: `${sayChecks(checks)} on ${host}: ${reason}` },
      ...(fix === undefined
        ? []
        : [{ text: fix, bullet: SUDOERS_LINE.test(fix) ? "sudoers: " : "fix: ", format: "dim" as const }]),
    ]);
  const more = missing.length - MAX_NOT_CHECKED;
  return more > 0 ? [...shown, { text: `and ${more} more: see --json.`, format: "dim" }] : shown;
}

/** A host that stopped answering hides dozens. */
function sayChecks(checks: readonly string[]): string {
  const more = checks.length - MAX_CHECKS;
  return more > 1 ? `${checks.slice(0, MAX_CHECKS).join(", ")} and ${more} more` : checks.join(", ");
}

function sayMoment({ clock, ago }: Moment): string {
  return `${clock}, ${ago}`;
}

/** Label on the left, paragraphs in a column beside it. */
function renderField(label: string, paragraphs: readonly Paragraph[], style: TerminalStyle): string[] {
  return paragraphs
    .flatMap((paragraph) => renderParagraph(paragraph, INDENT + LABEL, style))
    .map((line, n) => {
      if (n > 0 || label === "") return line;
      return " ".repeat(INDENT) + paint(label.padEnd(LABEL), ["dim"], style) + line.slice(INDENT + LABEL);
    });
}

function renderParagraph(paragraph: Paragraph, indent: number, style: TerminalStyle): string[] {
  const { bar = "", bullet = "", maxLines = Number.POSITIVE_INFINITY } = paragraph;
  const room = style.width - indent - bar.length - bullet.length;
  const all = wrapText(escapeForTerminal(paragraph.text, style), room);
  const kept = all.length > maxLines ? [...all.slice(0, maxLines - 1), "[…]"] : all;
  return kept.map((line, n) => {
    const lead = n === 0 ? bullet : " ".repeat(bullet.length);
    const text = lead + escapeForTerminal(line, style);
    return (
      " ".repeat(indent) + paint(bar, ["dim"], style) + paint(text, [paragraph.format ?? []].flat(), style)
    );
  });
}

function paint(text: string, format: readonly string[], { colours }: TerminalStyle): string {
  if (!colours || format.length === 0 || text === "") return text;
  return styleText([...format] as Format, text, { validateStream: false });
}
