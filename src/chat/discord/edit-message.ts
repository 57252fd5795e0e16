import { RESTJSONErrorCodes } from "discord.js";
import type { DiscordApi } from "./discord-api.ts";
import type { MessageBody } from "./message-body.ts";
import { hasCode } from "./surface-errors.ts";

/**
 * Shows something else on a message. Threads archive themselves, and then nothing in them can be changed: such a thread is opened again first,
 * as a message posted there would do. @throws what Discord says, also to that.
 */
export async function editMessage(
  api: Pick<DiscordApi, "editMessage" | "reopenThread">,
  { channel, message }: { readonly channel: string; readonly message: string },
  body: MessageBody,
): Promise<void> {
  try {
    await api.editMessage(channel, message, body);
  } catch (error) {
    if (!hasCode(error, RESTJSONErrorCodes.InvalidActionOnArchivedThread)) throw error;
    await api.reopenThread(channel);
    await api.editMessage(channel, message, body);
  }
}
