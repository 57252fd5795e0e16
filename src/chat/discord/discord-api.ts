import {
  type APIApplicationCommand,
  type APIGuildMember,
  type APIInteractionResponse,
  type APIMessage,
  REST,
  type RESTPostAPIApplicationCommandsJSONBody,
  Routes,
} from "discord.js";
import type { MessageBody } from "./message-body.ts";
import type { InteractionToken } from "./parse-interaction.ts";

/** Longer than this nobody waits inside a call: the publisher comes again. */
const PATIENCE_MS = 5000;

interface Upload {
  readonly name: string;
  readonly data: Buffer;
}

/** The calls of Discord's REST API that we make, and no other. They throw what the client library throws. */
export interface DiscordApi {
  applicationId(): Promise<string>;
  listCommands(applicationId: string, guild: string): Promise<readonly APIApplicationCommand[]>;
  writeCommand(
    applicationId: string,
    guild: string,
    command: RESTPostAPIApplicationCommandsJSONBody,
  ): Promise<void>;
  /** `nonce`: the same one within minutes is the same message, which then shows what was sent first: `isOlder`. */
  createMessage(
    channel: string,
    body: MessageBody,
    options: { readonly nonce: string; readonly file?: Upload },
  ): Promise<{ readonly id: string; readonly isOlder: boolean }>;
  editMessage(channel: string, message: string, body: MessageBody): Promise<void>;
  startThread(channel: string, message: string, name: string): Promise<string>;
  /** A thread that was archived, by its age or by somebody; refused where it is locked. */
  reopenThread(thread: string): Promise<void>;
  /** The first answer to an interaction: within three seconds, and only one. */
  acknowledge(interaction: InteractionToken, response: APIInteractionResponse): Promise<void>;
  /** Replaces the first answer; for 15 minutes. */
  editAnswer(interaction: InteractionToken, body: MessageBody): Promise<void>;
  rolesOf(guild: string, user: string): Promise<readonly string[]>;
}

export function createDiscordApi({
  token,
  apiUrl,
}: {
  readonly token: string;
  readonly apiUrl?: string;
}): DiscordApi {
  const rest = new REST({
    ...(apiUrl === undefined ? {} : { api: apiUrl }),
    rejectOnRateLimit: ({ retryAfter }) => retryAfter > PATIENCE_MS,
  }).setToken(token);

  return {
    async applicationId() {
      const { id } = (await rest.get(Routes.currentApplication())) as { readonly id: string };
      return id;
    },
    async listCommands(applicationId, guild) {
      return (await rest.get(
        Routes.applicationGuildCommands(applicationId, guild),
      )) as APIApplicationCommand[];
    },
    async writeCommand(applicationId, guild, body) {
      await rest.post(Routes.applicationGuildCommands(applicationId, guild), { body });
    },
    async createMessage(channel, body, { nonce, file }) {
      const sent = { ...body, nonce, enforce_nonce: true };
      const files = file === undefined ? {} : { files: [file] };
      const message = (await rest.post(Routes.channelMessages(channel), {
        body: sent,
        ...files,
      })) as APIMessage;
      return { id: message.id, isOlder: textsOf(message.components) !== textsOf(body.components) };
    },
    async editMessage(channel, message, body) {
      await rest.patch(Routes.channelMessage(channel, message), { body });
    },
    async startThread(channel, message, name) {
      const thread = (await rest.post(Routes.threads(channel, message), { body: { name } })) as {
        readonly id: string;
      };
      return thread.id;
    },
    async reopenThread(thread) {
      await rest.patch(Routes.channel(thread), { body: { archived: false } });
    },
    async acknowledge({ id, token: interactionToken }, body) {
      await rest.post(Routes.interactionCallback(id, interactionToken), { body, auth: false });
    },
    async editAnswer({ applicationId, token: interactionToken }, body) {
      await rest.patch(Routes.webhookMessage(applicationId, interactionToken), { body, auth: false });
    },
    async rolesOf(guild, user) {
      const { roles } = (await rest.get(Routes.guildMember(guild, user))) as APIGuildMember;
      return roles;
    },
  };
}

/** All that can be read in components, however Discord completes them. */
function textsOf(components: unknown): string {
  const texts: string[] = [];
  JSON.stringify(components ?? [], (key, value) => {
    if ((key === "content" || key === "label") && typeof value === "string") texts.push(value.trim());
    return value;
  });
  return texts.join("\n");
}
