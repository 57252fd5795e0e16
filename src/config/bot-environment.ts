import { ConfigError } from "./config-error.ts";

/** What chat, database and model are reached with. Every variable is explained in `.env.example`. */
export interface BotEnvironment {
  readonly slack: {
    readonly botToken?: string;
    readonly appToken?: string;
    readonly signingSecret?: string;
    readonly apiUrl?: string;
  };
  readonly discord: { readonly token?: string; readonly publicKey?: string; readonly apiUrl?: string };
  /** Where metrics may be read from another machine with: `Authorization: Bearer …`. */
  readonly metricsToken?: string;
  /** The key of the console's address; made at each start when not given. */
  readonly consoleKey?: string;
  readonly logLevel?: LogLevelName;
}

/** What `DIAGNOSE502_LOG_LEVEL` may be. */
const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
type LogLevelName = (typeof LOG_LEVELS)[number];

/**
 * Reads the tokens once and takes them out of the environment, so that no process started later inherits them. Values that only
 * look set (`""`) count as unset. @throws {ConfigError} for a level of the log or an address that is none, and for tokens of Slack that
 * stand in each other's place.
 */
export function takeBotEnvironment(): BotEnvironment {
  const slack = {
    ...take("botToken", "SLACK_BOT_TOKEN"),
    ...take("appToken", "SLACK_APP_TOKEN"),
    ...take("signingSecret", "SLACK_SIGNING_SECRET"),
    ...take("apiUrl", "SLACK_API_URL"),
  };
  const discord = {
    ...take("token", "DISCORD_TOKEN"),
    ...take("publicKey", "DISCORD_PUBLIC_KEY"),
    ...take("apiUrl", "DISCORD_API_URL"),
  };
  checkSlackToken("SLACK_BOT_TOKEN", slack.botToken, "xoxb-");
  checkSlackToken("SLACK_APP_TOKEN", slack.appToken, "xapp-");
  checkAddress("SLACK_API_URL", slack.apiUrl);
  checkAddress("DISCORD_API_URL", discord.apiUrl);
  const logLevel = readLogLevel(process.env.DIAGNOSE502_LOG_LEVEL || undefined);
  return {
    slack,
    discord,
    ...take("metricsToken", "DIAGNOSE502_METRICS_TOKEN"),
    ...take("consoleKey", "DIAGNOSE502_CONSOLE_KEY"),
    ...(logLevel === undefined ? {} : { logLevel }),
  };
}

function readLogLevel(asked: string | undefined): LogLevelName | undefined {
  const level = LOG_LEVELS.find((name) => name === asked);
  if (asked === undefined || level !== undefined) return level;
  throw new ConfigError(`DIAGNOSE502_LOG_LEVEL is ${JSON.stringify(asked.slice(0, 40))}.`, {
    hint: `It may be: ${LOG_LEVELS.join(", ")}.`,
  });
}

/** What begins as no token of Slack does may be right for another server of its API. Source: docs.slack.dev, "Tokens". */
function checkSlackToken(variable: string, token = "", prefix: "xoxb-" | "xapp-"): void {
  const [begins] = /^(?:xapp|xox[a-z])-/.exec(token) ?? [];
  if (begins === undefined || begins === prefix) return;
  throw new ConfigError(`${variable} begins with ${begins}, and that token begins with ${prefix}.`, {
    hint: "The bot token (xoxb-) is under OAuth & Permissions, the app-level token (xapp-) under Basic Information.",
  });
}

function checkAddress(variable: string, address: string | undefined): void {
  if (address === undefined || /^https?:$/.test(URL.parse(address)?.protocol ?? "")) return;
  throw new ConfigError(`${variable} is not an address: ${JSON.stringify(address.slice(0, 80))}.`, {
    hint: "It begins with https:// or http://. Unset it for the platform's own.",
  });
}

function take<Key extends string>(key: Key, variable: string): { readonly [name in Key]?: string } {
  const value = process.env[variable];
  delete process.env[variable];
  const taken: { [name in Key]?: string } = {};
  if (value !== undefined && value !== "") taken[key] = value;
  return taken;
}
