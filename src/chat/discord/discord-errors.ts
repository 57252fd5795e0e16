import { OperatorError } from "../../operator-error.ts";

/** Discord does not know our token. */
export class DiscordTokenError extends OperatorError {
  readonly code = "DISCORD_TOKEN_REFUSED";
  constructor(cause: unknown) {
    super("Discord refused the token of the bot (401).", {
      hint: 'Make a new one in the developer portal ("Bot", "Reset Token") and set DISCORD_TOKEN to it.',
      cause,
    });
  }
}

/** What should be the application's public key is none. */
export class DiscordKeyError extends OperatorError {
  readonly code = "DISCORD_PUBLIC_KEY_INVALID";
  constructor(seen: string) {
    super(`The public key of the Discord application has ${seen.length} characters; it is 64 hex digits.`, {
      hint: 'Copy "Public Key" from "General Information" in the developer portal to DISCORD_PUBLIC_KEY.',
    });
  }
}
