import type { ExternalSelect, KnownBlock, ModalView, PlainTextOption } from "@slack/types";
import type { Reply } from "../../workflow/surface.ts";
import { SLACK } from "../limits.ts";
import { visibleLine, visibleLines } from "../visible-text.ts";
import { SITE_ACTION, SITE_VIEW } from "./action-id.ts";
import { fallbackText, paragraph, richText, type SlackMessage, words } from "./slack-message.ts";

/** What one person is told; with sites to choose from, a menu of them. */
export function renderReply({ text, sites = [] }: Reply): SlackMessage {
  const said = visibleLines(text, { max: SLACK.section, lines: 100 }) || "Done.";
  const menu: KnownBlock[] = sites.length === 0 ? [] : [{ type: "actions", elements: [siteSelect()] }];
  return { text: fallbackText([said]), blocks: [...richText(paragraph(words(said))), ...menu] };
}

/** Asks which site. `metadata` comes back with the answer, signed by Slack like the rest of it. */
export function renderSiteModal(metadata: string): ModalView {
  return {
    type: "modal",
    callback_id: SITE_VIEW,
    private_metadata: metadata,
    title: plain("Diagnose a 502"),
    submit: plain("Look"),
    close: plain("Cancel"),
    blocks: [
      {
        type: "input",
        block_id: SITE_ACTION,
        label: plain("Which site? Nothing is changed by looking."),
        element: { ...siteSelect(), focus_on_load: true },
      },
    ],
  };
}

/** What is offered while somebody types. */
export function renderOptions(sites: readonly string[]): PlainTextOption[] {
  return sites
    .map((site) => ({ text: plain(visibleLine(site, SLACK.option)), value: site }))
    .filter(({ text: { text }, value }) => text !== "" && value.length <= SLACK.option)
    .slice(0, SLACK.options);
}

function siteSelect(): ExternalSelect {
  return { type: "external_select", action_id: SITE_ACTION, placeholder: plain("Site"), min_query_length: 0 };
}

function plain(text: string) {
  return { type: "plain_text" as const, text, emoji: false };
}
