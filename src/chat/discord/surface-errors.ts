import { DiscordAPIError, RateLimitError, RESTJSONErrorCodes } from "discord.js";
import { SurfaceError } from "../../workflow/surface.ts";

/** The message, channel or guild is gone, or we may not write there. */
const GONE: readonly unknown[] = [
  RESTJSONErrorCodes.UnknownChannel,
  RESTJSONErrorCodes.UnknownGuild,
  RESTJSONErrorCodes.UnknownMessage,
  RESTJSONErrorCodes.MissingAccess,
  RESTJSONErrorCodes.MissingPermissions,
  RESTJSONErrorCodes.CannotSendMessagesInNonTextChannel,
  RESTJSONErrorCodes.InvalidActionOnArchivedThread,
  RESTJSONErrorCodes.ThreadLocked,
];

/** A token that was revoked does not come back by itself; asking often gets the address banned. */
const TOKEN_RETRY_MS = 10 * 60_000;
const REFUSED_RETRY_MS = 5 * 60_000;

export function hasCode(error: unknown, code: RESTJSONErrorCodes): boolean {
  return error instanceof DiscordAPIError && error.code === code;
}

/** Discord understood the call and will not do it, whenever it is asked. */
export function isRefused(error: unknown): boolean {
  if (!(error instanceof DiscordAPIError)) return false;
  const { status } = error;
  return status >= 400 && status < 500 && status !== 401 && status !== 429;
}

/** Discord no longer knows our token: every further call is refused, the library stops asking. */
export function isTokenRefused(error: unknown): boolean {
  if (error instanceof DiscordAPIError) {
    return error.status === 401 && error.code !== RESTJSONErrorCodes.InvalidWebhookToken;
  }
  return error instanceof Error && error.message.startsWith("Expected token to be set");
}

/** What the publisher is told of a failed call. */
export function toSurfaceError(error: unknown): SurfaceError {
  if (error instanceof SurfaceError) return error;
  const message = `Discord: ${error instanceof Error ? error.message : String(error)}`;
  if (error instanceof RateLimitError) {
    return new SurfaceError("later", message, { retryAfterMs: error.retryAfter, cause: error });
  }
  if (isTokenRefused(error)) {
    return new SurfaceError("later", message, { retryAfterMs: TOKEN_RETRY_MS, cause: error });
  }
  if (error instanceof DiscordAPIError) {
    if (GONE.includes(error.code)) return new SurfaceError("gone", message, { cause: error });
    return new SurfaceError("later", message, { retryAfterMs: REFUSED_RETRY_MS, cause: error });
  }
  return new SurfaceError("later", message, { cause: error });
}
