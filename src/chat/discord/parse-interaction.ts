import { ComponentType, InteractionType } from "discord.js";
import { z } from "zod";
import type { Person, Place } from "../../incident/person.ts";
import { SITE } from "./custom-id.ts";
import type { Whereabouts } from "./obstacle-in.ts";

/** Who uses the bot, and where: from the payload that Discord sent or signed. */
interface Source {
  readonly person: Person;
  readonly place: Place;
  /** Ids of the person's roles at this moment. */
  readonly roles: readonly string[];
  readonly whereabouts: Whereabouts;
}

/** An interaction of somebody who may talk to us, or why it is none. */
export type Interaction =
  | {
      readonly kind: "stranger";
      readonly why: string;
      readonly token: InteractionToken;
      readonly isTyping: boolean;
    }
  | {
      readonly kind: "command";
      readonly token: InteractionToken;
      readonly from: Source;
      readonly text: string;
    }
  | { readonly kind: "autocomplete"; readonly token: InteractionToken; readonly typed: string }
  | {
      readonly kind: "component";
      readonly token: InteractionToken;
      readonly from: Source;
      readonly customId: string;
      /** The message the component is on. */
      readonly messageId: string;
    };

/** What an answer is addressed with. */
export interface InteractionToken {
  readonly applicationId: string;
  readonly id: string;
  readonly token: string;
}

const Snowflake = z.string().regex(/^\d{1,21}$/);

const User = z.object({
  id: Snowflake,
  username: z.string(),
  global_name: z.string().nullish(),
  bot: z.boolean().nullish(),
});

const Payload = z.object({
  id: Snowflake,
  application_id: Snowflake,
  type: z.number(),
  token: z.string().min(1),
  guild_id: Snowflake.nullish(),
  channel_id: Snowflake.nullish(),
  channel: z
    .object({ type: z.number().nullish(), thread_metadata: z.object({ locked: z.boolean() }).nullish() })
    .nullish()
    .catch(undefined),
  /** What we may do in that channel. */
  app_permissions: z.string().regex(/^\d+$/).nullish().catch(undefined),
  /** 0: in a guild. */
  context: z.number().nullish(),
  authorizing_integration_owners: z.record(z.string(), z.string()).nullish(),
  member: z.object({ user: User, roles: z.array(Snowflake), nick: z.string().nullish() }).nullish(),
  message: z.object({ id: Snowflake }).nullish(),
  data: z
    .object({
      name: z.string().nullish(),
      options: z
        .array(z.object({ name: z.string(), value: z.unknown(), focused: z.boolean().nullish() }))
        .nullish(),
      custom_id: z.string().nullish(),
      component_type: z.number().nullish(),
      values: z.array(z.string()).nullish(),
    })
    .nullish(),
});

type Payload = z.infer<typeof Payload>;

/** Undefined for what we do not answer. Only the operators' own guild may talk to us: no direct messages, no bots, no installs of users. */
export function parseInteraction(
  value: unknown,
  { guild, commandName }: { readonly guild: string; readonly commandName: string },
): Interaction | undefined {
  const parsed = Payload.safeParse(value);
  if (!parsed.success) return undefined;
  const payload = parsed.data;
  const token = { applicationId: payload.application_id, id: payload.id, token: payload.token };
  const isTyping = payload.type === InteractionType.ApplicationCommandAutocomplete;
  const from = readSource(payload, guild);
  if (typeof from === "string") return { kind: "stranger", why: from, token, isTyping };
  const { data, message } = payload;
  switch (payload.type) {
    case InteractionType.ApplicationCommand:
      if (data?.name !== commandName) return undefined;
      return { kind: "command", token, from, text: siteOption(payload) };
    case InteractionType.ApplicationCommandAutocomplete:
      return { kind: "autocomplete", token, typed: siteOption(payload) };
    case InteractionType.MessageComponent: {
      const customId = data?.custom_id;
      if (typeof customId !== "string" || !message) return undefined;
      const [chosen] = data?.values ?? [];
      if (data?.component_type === ComponentType.StringSelect) {
        return customId === SITE && chosen !== undefined
          ? { kind: "command", token, from, text: chosen }
          : undefined;
      }
      return { kind: "component", token, from, customId, messageId: message.id };
    }
    default:
      return undefined;
  }
}

/** The person and the place, or why they are refused. */
function readSource(payload: Payload, guild: string): Source | string {
  const { guild_id, channel_id, context, authorizing_integration_owners: owners, member } = payload;
  if (!guild_id || !channel_id || !member || (context ?? 0) !== 0) return "I do not answer direct messages.";
  if (guild_id !== guild) return "I only answer in the server of my operators.";
  // "0" is the guild that installed us; an install of a user brings us along to where nobody invited us
  if (owners && owners["0"] !== guild) return "I only answer where this server has installed me.";
  const { user, nick, roles } = member;
  if (user.bot === true) return "I do not answer other bots.";
  const name = nick ?? user.global_name ?? user.username;
  return {
    person: { surface: "discord", workspace: guild, id: user.id, name },
    place: { surface: "discord", workspace: guild, channel: channel_id },
    roles,
    whereabouts: whereaboutsOf(payload),
  };
}

function whereaboutsOf({ app_permissions: permissions, channel }: Payload): Whereabouts {
  return {
    permissions: typeof permissions === "string" ? BigInt(permissions) : undefined,
    type: channel?.type ?? undefined,
    isLocked: channel?.thread_metadata?.locked === true,
  };
}

function siteOption({ data }: Payload): string {
  const value = data?.options?.find(({ name }) => name === "site")?.value;
  return typeof value === "string" ? value.trim() : "";
}
