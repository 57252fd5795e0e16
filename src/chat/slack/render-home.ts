import type { HomeView } from "@slack/types";
import type { Card } from "../../report/card.ts";
import { SHOWN, SLACK } from "../limits.ts";
import { visibleLine } from "../visible-text.ts";
import { bold, paragraph, richText, words } from "./slack-message.ts";

const TONES = { working: "🔵", fault: "🔴", warning: "🟠", ok: "🟢" } as const;
/** Enough for a phone, and far below what the tab holds. */
const SHOWN_INCIDENTS = 20;

/** The app's own tab: what is open, newest first. Without buttons: a decision is taken in its channel, before everybody's eyes. */
export function renderHome(cards: readonly Card[], command: string): HomeView {
  const shown = cards.slice(0, Math.min(SHOWN_INCIDENTS, SLACK.homeBlocks - 2));
  const title = cards.length === 0 ? "No incident is open" : `${cards.length} open`;
  return {
    type: "home",
    blocks: [
      { type: "header", text: { type: "plain_text", text: title, emoji: false } },
      ...shown.flatMap(({ tone, headline, incident, action }) =>
        richText(
          paragraph([
            ...bold(`${TONES[tone]} #${incident} ${visibleLine(headline, SHOWN.headline)}`),
            ...words(
              action === null
                ? ""
                : `\n${visibleLine(action.title, 120)}: ${visibleLine(action.status, 200)}`,
            ),
          ]),
        ),
      ),
      ...richText(paragraph(words(`Type ${command} and a site in a channel to look at one.`))),
    ],
  };
}
