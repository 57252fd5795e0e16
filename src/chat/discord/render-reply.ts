import { ButtonStyle, ComponentType } from "discord.js";
import type { Button } from "../../report/card.ts";
import type { Reply } from "../../workflow/surface.ts";
import { DISCORD, shorten } from "../limits.ts";
import { visibleLine } from "../visible-text.ts";
import { NO, SITE, yesIdOf } from "./custom-id.ts";
import { escapeMarkdown } from "./escape-markdown.ts";
import { type MessageBody, messageBody, textDisplay } from "./message-body.ts";

/** What one person is told; sites to choose from become a menu. */
export function renderReply({ text, sites = [] }: Reply): MessageBody {
  const lines = text.split("\n").map((line) => escapeMarkdown(line, 500));
  const said = shorten(lines.join("\n").trim(), DISCORD.text) || "Done.";
  const options = [...new Set(sites)]
    .map((site) => ({ label: visibleLine(site, DISCORD.choice), value: site }))
    .filter(({ label, value }) => label !== "" && value.length <= DISCORD.choice)
    .slice(0, DISCORD.choices);
  if (options.length === 0) return messageBody([textDisplay(said)]);
  const menu = {
    type: ComponentType.StringSelect as const,
    custom_id: SITE,
    placeholder: "Which site?",
    options,
  };
  return messageBody([textDisplay(said), { type: ComponentType.ActionRow, components: [menu] }]);
}

/** The second question. Its "yes" carries the message that asked, so that the answer counts after a restart of the bot as well. */
export function renderQuestion(
  button: Pick<Button, "action" | "value">,
  confirm: NonNullable<Button["confirm"]>,
  messageId: string,
): MessageBody {
  const yes = visibleLine(confirm.yes, DISCORD.buttonLabel) || "Yes";
  const no = visibleLine(confirm.no, DISCORD.buttonLabel) || "No";
  return messageBody([
    textDisplay(`**${escapeMarkdown(confirm.title, 200)}**\n${escapeMarkdown(confirm.text, 1000)}`),
    {
      type: ComponentType.ActionRow,
      components: [
        {
          type: ComponentType.Button,
          style: ButtonStyle.Danger,
          label: yes,
          custom_id: yesIdOf(button, messageId),
        },
        { type: ComponentType.Button, style: ButtonStyle.Secondary, label: no, custom_id: NO },
      ],
    },
  ]);
}
