import {
  ALPHANUMERIC,
  charsOf,
  DOTTED_TOKEN,
  endOfRun,
  positionsOf,
  type Searched,
  type Secret,
  startOfRun,
  TOKEN,
  WORD,
} from "./secret.ts";

/** A token that says what it is: its prefix, and how long a run of which characters must follow. */
interface Prefixed {
  readonly prefix: string;
  readonly kind: string;
  readonly chars: Uint8Array;
  readonly atLeast: number;
}

const URL_PATH = charsOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/");
const UPPER = charsOf("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
const CRYPT = charsOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./$=,");

const of = (kind: string, chars: Uint8Array, atLeast: number, ...prefixes: string[]): Prefixed[] =>
  prefixes.map((prefix) => ({ prefix, kind, chars, atLeast }));

/** Source: the token formats the issuers publish for secret scanning. */
const PREFIXED: readonly Prefixed[] = [
  ...of("aws-key", UPPER, 16, "AKIA", "ASIA"),
  ...of("google-key", TOKEN, 30, "AIza"),
  ...of("google-token", DOTTED_TOKEN, 20, "ya29."),
  ...of(
    "slack-token",
    TOKEN,
    10,
    "xoxa-",
    "xoxb-",
    "xoxc-",
    "xoxd-",
    "xoxe-",
    "xoxe.",
    "xoxo-",
    "xoxp-",
    "xoxr-",
    "xoxs-",
    "xapp-",
  ),
  ...of("slack-webhook", URL_PATH, 10, "hooks.slack.com/services/", "hooks.slack.com/workflows/"),
  ...of("discord-webhook", URL_PATH, 20, "discord.com/api/webhooks/", "discordapp.com/api/webhooks/"),
  ...of("github-token", ALPHANUMERIC, 20, "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
  ...of("github-token", WORD, 20, "github_pat_"),
  ...of("gitlab-token", TOKEN, 16, "glpat-"),
  ...of("gitlab-token", TOKEN, 16, "glrt-", "gldt-", "glptt-"),
  ...of("npm-token", ALPHANUMERIC, 30, "npm_"),
  ...of("pypi-token", TOKEN, 40, "pypi-"),
  ...of("api-key", TOKEN, 20, "sk-"),
  ...of("stripe-key", ALPHANUMERIC, 16, "sk_live_", "rk_live_", "sk_test_", "rk_test_", "whsec_"),
  ...of("sendgrid-key", DOTTED_TOKEN, 30, "SG."),
  ...of("shopify-token", ALPHANUMERIC, 32, "shpat_", "shpss_", "shpca_", "shppa_"),
  ...of("grafana-token", WORD, 30, "glsa_", "glc_"),
  ...of("vault-token", TOKEN, 24, "hvs.", "hvb."),
  ...of("hugging-face-token", ALPHANUMERIC, 30, "hf_"),
  ...of("private-key", UPPER, 50, "AGE-SECRET-KEY-1"),
  ...of("digitalocean-token", ALPHANUMERIC, 40, "dop_v1_", "doo_v1_", "dor_v1_"),
  ...of(
    "password-hash",
    CRYPT,
    20,
    "$1$",
    "$2a$",
    "$2b$",
    "$2y$",
    "$5$",
    "$6$",
    "$y$",
    "$argon2id$",
    "$apr1$",
  ),
];

/** All prefixes at once: a pass over the text for each of them would take longer than all other finders together. */
const ANY_PREFIX = new RegExp(PREFIXED.map(({ prefix }) => prefix.replace(/[.$]/g, "\\$&")).join("|"), "g");
const BY_PREFIX = new Map(PREFIXED.map((token) => [token.prefix, token]));

function prefixedTokens({ text }: Searched): Secret[] {
  const secrets: Secret[] = [];
  for (let match = ANY_PREFIX.exec(text); match !== null; match = ANY_PREFIX.exec(text)) {
    const { index: start } = match;
    const token = BY_PREFIX.get(match[0]);
    if (token === undefined || WORD[text.charCodeAt(start - 1)] === 1) continue;
    const from = start + token.prefix.length;
    const end = endOfRun(text, from, token.chars);
    if (end - from < token.atLeast) continue;
    secrets.push({ start, end, kind: token.kind });
    ANY_PREFIX.lastIndex = end;
  }
  return secrets;
}

/** Where the four parts end that follow the header of an encrypted token, if there are four. */
function endOfEncrypted(text: string, headerEnd: number): number | undefined {
  let end = headerEnd;
  for (let part = 2; part <= 5; part++) {
    if (text[end] !== ".") return undefined;
    end = endOfRun(text, end + 1, TOKEN);
  }
  return text[end] === "." && TOKEN[text.charCodeAt(end + 1)] === 1 ? undefined : end;
}

/** `eyJ….eyJ….…`; the third part may be missing where a line was cut. Encrypted ones have five, of which the second may be empty. */
function jsonWebTokens({ text }: Searched): Secret[] {
  const secrets: Secret[] = [];
  let after = 0;
  for (const start of positionsOf(text, "eyJ")) {
    if (start < after) continue;
    after = endOfRun(text, start, TOKEN);
    if (text.startsWith(".eyJ", after)) after = endOfRun(text, after, DOTTED_TOKEN);
    else {
      const end = endOfEncrypted(text, after);
      if (end === undefined) continue;
      after = end;
    }
    secrets.push({ start, end: after, kind: "jwt" });
  }
  return secrets;
}

/** `digits:AA…`, the bot token of Telegram. */
function telegramTokens({ text }: Searched): Secret[] {
  return [...positionsOf(text, ":AA")].flatMap((colon): Secret[] => {
    const start = startOfRun(text, colon, charsOf("0123456789"));
    const end = endOfRun(text, colon + 1, TOKEN);
    return colon - start >= 8 && end - colon > 33 ? [{ start, end, kind: "telegram-token" }] : [];
  });
}

/** Tokens without a prefix of their own; every repetition is bounded, so each start costs a constant at most. */
const SHAPED: readonly { readonly kind: string; readonly shape: RegExp }[] = [
  { kind: "discord-token", shape: /\b[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,45}/g },
  { kind: "twilio-key", shape: /\b(?:AC|SK)[0-9a-f]{32}\b/g },
];

function shapedTokens({ text }: Searched): Secret[] {
  return SHAPED.flatMap(({ kind, shape }) =>
    [...text.matchAll(shape)].map((match) => ({
      start: match.index,
      end: match.index + match[0].length,
      kind,
    })),
  );
}

/** Secrets that can be told by their own shape, whatever stands around them. */
export function findTokens(searched: Searched): Secret[] {
  return [
    ...prefixedTokens(searched),
    ...jsonWebTokens(searched),
    ...telegramTokens(searched),
    ...shapedTokens(searched),
  ];
}
