import { webApi } from "@slack/bolt";
import { OperatorError } from "../../operator-error.ts";
import { SurfaceError } from "../../workflow/surface.ts";

/** What a person must do before we may write there again, or that nobody can. */
const GONE: Readonly<Record<string, string>> = {
  channel_not_found:
    "there is no such channel, or it is private and the app is not in it: type /invite @diagnose502 there",
  not_in_channel: "the app is not in that channel: type /invite @diagnose502 there",
  is_archived: "the channel is archived: name another one in the config",
  message_not_found: "the message was deleted",
  thread_not_found: "the message was deleted",
  cant_update_message: "the message is not the app's own",
  edit_window_closed: "the workspace does not let messages be edited any more",
  restricted_action: "the workspace does not let the app post there",
  restricted_action_read_only_channel: "only some may post in that channel",
};
const REFUSED_TOKEN = [
  "invalid_auth",
  "not_authed",
  "token_revoked",
  "token_expired",
  "account_inactive",
  "not_allowed_token_type",
];
/** The call was never sent. */
const UNSENT = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"];
const REFUSED_BLOCKS = ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"];

/** A token does not come back by itself; asking often helps nobody. */
const TOKEN_RETRY_MS = 10 * 60_000;
const REFUSED_RETRY_MS = 5 * 60_000;

/** The bot cannot be in Slack with what it was given. */
export class SlackTokenError extends OperatorError {
  readonly code = "SLACK_TOKEN_REFUSED";
  constructor(variable: string, reason: string, cause?: unknown) {
    super(`Slack refused ${variable}: ${reason}.`, {
      hint: `Copy the token again from the app's page at api.slack.com/apps, and set ${variable}.`,
      cause,
    });
  }
}

/** Slack's word for what was wrong: `channel_not_found`. */
export function errorCodeOf(error: unknown): string | undefined {
  return error instanceof webApi.WebAPIPlatformError ? error.data.error : undefined;
}

/** `missing_scope` says of which one. */
function lackedScopeOf(error: unknown): string | undefined {
  if (!(error instanceof webApi.WebAPIPlatformError) || error.data.error !== "missing_scope")
    return undefined;
  const { data } = error;
  return "needed" in data ? String(data.needed) : "a scope";
}

export function isTokenRefused(error: unknown): boolean {
  return REFUSED_TOKEN.includes(errorCodeOf(error) ?? "");
}

export function areBlocksRefused(error: unknown): boolean {
  return REFUSED_BLOCKS.includes(errorCodeOf(error) ?? "");
}

/** How long Slack tells to wait after too many calls. */
export function retryAfterMsOf(error: unknown): number | undefined {
  return error instanceof webApi.WebAPIRateLimitedError ? error.retryAfter * 1000 : undefined;
}

/** It was asked, and no answer came: Slack may have done it. */
export function isUnanswered(error: unknown): boolean {
  if (!(error instanceof webApi.WebAPIRequestError)) return false;
  for (let cause: unknown = error.original; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && UNSENT.includes(String(cause.code))) return false;
  }
  return true;
}

/** What the publisher is told of a failed call. */
export function toSurfaceError(error: unknown): SurfaceError {
  if (error instanceof SurfaceError) return error;
  const retryAfterMs = retryAfterMsOf(error);
  if (retryAfterMs !== undefined) {
    return new SurfaceError("later", "Slack: too many calls.", { retryAfterMs, cause: error });
  }
  const code = errorCodeOf(error);
  if (code === undefined) {
    const message = `Slack: ${error instanceof Error ? error.message : String(error)}`;
    return new SurfaceError("later", message, { cause: error });
  }
  if (code === "ratelimited") return new SurfaceError("later", "Slack: too many calls.", { cause: error });
  const lacked = lackedScopeOf(error);
  if (lacked !== undefined) {
    const message = `Slack: ${code}, the app lacks ${lacked}: see “diagnose502 manifest”, and install it again.`;
    return new SurfaceError("later", message, { retryAfterMs: REFUSED_RETRY_MS, cause: error });
  }
  const advice = GONE[code];
  if (advice !== undefined) return new SurfaceError("gone", `Slack: ${code}, ${advice}.`, { cause: error });
  return new SurfaceError("later", `Slack: ${code}.`, {
    retryAfterMs: isTokenRefused(error) ? TOKEN_RETRY_MS : REFUSED_RETRY_MS,
    cause: error,
  });
}
