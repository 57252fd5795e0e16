import {
  type APIAllowedMentions,
  type APIMessageTopLevelComponent,
  type APITextDisplayComponent,
  ComponentType,
  MessageFlags,
} from "discord.js";

/** What every message of ours is made of: components, nobody mentioned, no previews. */
export interface MessageBody {
  readonly flags: number;
  readonly components: APIMessageTopLevelComponent[];
  readonly allowed_mentions: APIAllowedMentions;
}

/** `silent`: posted without a notification. */
export function messageBody(
  components: APIMessageTopLevelComponent[],
  options: { readonly silent?: boolean } = {},
): MessageBody {
  const flags = MessageFlags.IsComponentsV2 | MessageFlags.SuppressEmbeds;
  return {
    flags: options.silent === true ? flags | MessageFlags.SuppressNotifications : flags,
    components,
    allowed_mentions: { parse: [], replied_user: false },
  };
}

export function textDisplay(content: string): APITextDisplayComponent {
  return { type: ComponentType.TextDisplay, content };
}
