import { RESTJSONErrorCodes } from "discord.js";
import type { ThreadNote } from "../../report/card.ts";
import type { Log } from "../../workflow/log.ts";
import type { DiscordApi } from "./discord-api.ts";
import { renderNote } from "./render-note.ts";
import { hasCode, isRefused, toSurfaceError } from "./surface-errors.ts";

/** Sends a note; without its file where that is refused, which is then said. @throws what Discord says to the note itself. */
export async function sendNote(
  note: ThreadNote,
  to: { readonly channel: string; readonly nonce: string },
  { api, log }: { readonly api: DiscordApi; readonly log: Log },
): Promise<void> {
  const { channel, nonce } = to;
  const { body, file } = renderNote(note);
  try {
    await api.createMessage(channel, body, { nonce, ...(file === undefined ? {} : { file }) });
  } catch (error) {
    if (file === undefined || !isRefused(error)) throw error;
    const alone = renderNote(note, { noFileBecause: reasonOf(error) });
    await api.createMessage(channel, alone.body, { nonce });
    log.warn({ surface: "discord", channel, reason: String(error) }, "evidence could not be attached");
  }
}

/** The note alone was taken: what was missing is what a file needs. */
function reasonOf(error: unknown): string {
  const why = `${toSurfaceError(error).message}.`;
  if (hasCode(error, RESTJSONErrorCodes.MissingPermissions)) {
    return `${why} Give me the permission “Attach Files” in this channel, then press “Raw evidence”.`;
  }
  return hasCode(error, RESTJSONErrorCodes.RequestEntityTooLarge)
    ? `${why} It is larger than this server takes.`
    : why;
}
