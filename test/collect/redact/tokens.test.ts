import { findTokens } from "../../../src/collect/redact/tokens.ts";
import { testFinder } from "./marked.ts";

/** Each kind, its prefixes, the characters it may have, and how many of them at least. */
const PREFIXED: readonly (readonly [kind: string, prefixes: string, chars: string, atLeast: number])[] = [
  ["aws-key", "AKIA ASIA", "AZ09", 16],
  ["google-key", "AIza", "aZ0_-", 30],
  ["google-token", "ya29.", "aZ0_-.", 20],
  ["slack-token", "xoxa- xoxb- xoxc- xoxd- xoxe- xoxe. xoxo- xoxp- xoxr- xoxs- xapp-", "aZ0_-", 10],
  ["slack-webhook", "hooks.slack.com/services/ hooks.slack.com/workflows/", "aZ0_-/", 10],
  ["discord-webhook", "discord.com/api/webhooks/ discordapp.com/api/webhooks/", "aZ0_-/", 20],
  ["github-token", "ghp_ gho_ ghu_ ghs_ ghr_", "aZ0", 20],
  ["github-token", "github_pat_", "aZ0_", 20],
  ["gitlab-token", "glpat- glrt- gldt- glptt-", "aZ0_-", 16],
  ["shopify-token", "shpat_ shpss_ shpca_ shppa_", "aZ0", 32],
  ["grafana-token", "glsa_ glc_", "aZ0_", 30],
  ["vault-token", "hvs. hvb.", "aZ0_-", 24],
  ["hugging-face-token", "hf_", "aZ0", 30],
  ["private-key", "AGE-SECRET-KEY-1", "AZ09", 50],
  ["npm-token", "npm_", "aZ0", 30],
  ["pypi-token", "pypi-", "aZ0_-", 40],
  ["api-key", "sk-", "aZ0_-", 20],
  ["stripe-key", "sk_live_ rk_live_ sk_test_ rk_test_ whsec_", "aZ0", 16],
  ["sendgrid-key", "SG.", "aZ0_-.", 30],
  ["digitalocean-token", "dop_v1_ doo_v1_ dor_v1_", "aZ0", 40],
  ["password-hash", "$1$ $2a$ $2b$ $2y$ $5$ $6$ $y$ $argon2id$ $apr1$", "aZ0./$=,", 20],
];

const prefixed = PREFIXED.flatMap(([kind, prefixes, chars, atLeast]) =>
  prefixes.split(" ").flatMap((prefix) => {
    const least = `${prefix}${chars.repeat(atLeast).slice(0, atLeast)}`;
    return [`a «${kind}:${least}»é «${kind}:${least}»`, `a ${least.slice(0, -1)} b`, `a_${least}`];
  }),
);
const header = btoa('{"alg":"HS256"}').replace(/=+$/, "");

testFinder(findTokens, [
  ...prefixed.filter((text) => !text.startsWith("a_$")),
  "root:«password-hash:$6$saltsalt$abcdefghijklmnop»:19000:0",
  "hooksXslack.com/services/T000/B000/XXXXYYYY",
  `«jwt:${header}.eyJzdWIi.c2ln» x «jwt:${header}.eyJzdWIi»`,
  `${header}.c2ln.c2ln`,
  `«jwt:${header}..aXY.dGV4dA.dGFn» x`,
  `${header}.a.b.c`,
  `${header}.a.b.c.d.e`,
  `${header}.`,
  header,
  `«jwt:eyJeyJ.eyJ.eyJ»`,
  "eyJ eyJ",
  `bot«telegram-token:12345678:AA${"x".repeat(31)}»/getMe`,
  `bot«telegram-token:12345678:AA${"x-_Z9".repeat(10)}».`,
  `bot12345678:AA${"x".repeat(30)}`,
  `bot1234567:AA${"x".repeat(31)}`,
  `12345678:AB${"x".repeat(31)}`,
  ...["M", "N", "O"].map(
    (first) => `x «discord-token:${first}${"a".repeat(23)}.GabcDe.${"-_a".repeat(9)}» y`,
  ),
  `«discord-token:M${"a".repeat(27)}.GabcDe.${"b".repeat(45)}»b`,
  `M${"a".repeat(22)}.GabcDe.${"b".repeat(30)}`,
  `M${"a".repeat(28)}.GabcDe.${"b".repeat(30)}`,
  `M${"a".repeat(23)}.GabcD.${"b".repeat(30)}`,
  `M${"a".repeat(23)}.GabcDeF.${"b".repeat(30)}`,
  `M${"a".repeat(23)}.GabcDe.${"b".repeat(26)}`,
  `P${"a".repeat(23)}.GabcDe.${"b".repeat(30)}`,
  `aM${"a".repeat(22)}.GabcDe.${"b".repeat(30)}`,
  ...["AC", "SK"].map((first) => `x «twilio-key:${first}${"0a9f".repeat(8)}»`),
  `SK${"0a9f".repeat(8)}0`,
  `SK${"0a9f".repeat(8).slice(1)}`,
  `xSK${"0a9f".repeat(8)}`,
  `SX${"0a9f".repeat(8)}`,
]);
