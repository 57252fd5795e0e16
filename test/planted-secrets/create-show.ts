import { renderCard as renderDiscordCard } from "../../src/chat/discord/render-card.ts";
import { renderNote as renderDiscordNote } from "../../src/chat/discord/render-note.ts";
import { renderCard as renderSlackCard } from "../../src/chat/slack/render-card.ts";
import { renderNote as renderSlackNote } from "../../src/chat/slack/render-note.ts";
import type { Diagnosis } from "../../src/classify/diagnosis.ts";
import { cleanText } from "../../src/collect/clean-text.ts";
import { redact } from "../../src/collect/redact.ts";
import type { Incident } from "../../src/incident/incident.ts";
import { makePrompt } from "../../src/llm/make-prompt.ts";
import { NO_LABELS } from "../../src/llm/name-labels.ts";
import { createLog } from "../../src/log/create-log.ts";
import { makeReport } from "../../src/report/make-report.ts";
import { renderText } from "../../src/report/render-text.ts";
import { makeCard } from "../../src/workflow/make-card.ts";
import { jsonOf, quoting } from "./collected.ts";

/** So many quotations fit into one card. */
export const A_CARD = 3;

const MAX_LINE = 4096;

/** What people, models and the log's readers are given of texts: by sink, `outputs` being what was collected of them. */
export function createShow({ incident }: { readonly incident: Incident }) {
  const logged: string[] = [];
  const log = createLog({ level: "info", redact, write: (line) => void logged.push(line) });

  return (texts: readonly Buffer[], outputs: readonly string[]): Readonly<Record<string, string>> => {
    const diagnosis = quoting(outputs);
    // what came by no look: the message of an error, a quotation of an old record
    logged.length = 0;
    for (const text of texts) log.warn({ reason: text.toString("utf8") }, text.toString("utf8"));
    const unredacted = quoting(texts.map((text) => cleanText(text, { maxLineLength: MAX_LINE })));
    return {
      ...chatOf(incident, diagnosis, outputs),
      terminal: terminalOf(diagnosis),
      prompt: promptOf(diagnosis),
      "prompt of what was never redacted": promptOf(unredacted),
      log: logged.join(""),
    };
  };
}

function chatOf(incident: Incident, diagnosis: Diagnosis, quotes: readonly string[]) {
  const state = {
    incident,
    diagnosis,
    explanation: undefined,
    intents: [],
    inTheWay: undefined,
    site: undefined,
  };
  const card = makeCard({ ...state, progress: undefined }, "slack");
  const note = { key: "1-1", text: "Diagnosed.", quotes, loud: false };
  return {
    Slack: jsonOf([renderSlackCard(card), renderSlackNote(note)]),
    Discord: jsonOf([renderDiscordCard(card), renderDiscordNote(note)]),
    console: jsonOf([card, note]),
  };
}

function promptOf(diagnosis: Diagnosis): string {
  return makePrompt(diagnosis, { labels: NO_LABELS, mark: "mark", maxBytes: 16_384 }).user;
}

/** Its lines are broken anew there; here they are one. */
function terminalOf(diagnosis: Diagnosis): string {
  const text = renderText(makeReport(diagnosis), { width: 120, unicode: true, colours: false });
  return text.replaceAll(/\n */g, "");
}
