import assert from "node:assert/strict";
import { test } from "node:test";
import { takeBotEnvironment } from "../../src/config/bot-environment.ts";
import { loadBotSecrets } from "../../src/config/load-bot-secrets.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import { makeEnvironment } from "./make-environment.ts";

const TOKENS = {
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_APP_TOKEN: "xapp-1",
  SLACK_SIGNING_SECRET: "signing-1",
  DISCORD_TOKEN: "discord-1",
  DIAGNOSE502_METRICS_TOKEN: "metrics-1",
  DIAGNOSE502_CONSOLE_KEY: "console-1",
};

test("tokens are taken out of the environment, so that no process started later has them", (t) => {
  const before = { ...process.env };
  t.after(() => {
    for (const name of Object.keys(TOKENS)) delete process.env[name];
    Object.assign(process.env, before);
  });
  Object.assign(process.env, TOKENS);
  const { slack, discord, metricsToken, consoleKey } = takeBotEnvironment();
  assert.deepEqual(slack, { botToken: "xoxb-1", appToken: "xapp-1", signingSecret: "signing-1" });
  assert.deepEqual([discord.token, metricsToken, consoleKey], ["discord-1", "metrics-1", "console-1"]);
  assert.deepEqual(
    Object.keys(TOKENS).filter((name) => name in process.env),
    [],
  );
  assert.deepEqual(takeBotEnvironment().slack, {});
});

test("a level of the log that is none is refused, with those there are", (t) => {
  const before = process.env.DIAGNOSE502_LOG_LEVEL ?? "";
  t.after(() => {
    process.env.DIAGNOSE502_LOG_LEVEL = before;
  });
  for (const [asked, level] of [
    ["warn", "warn"],
    ["", undefined],
  ] as const) {
    process.env.DIAGNOSE502_LOG_LEVEL = asked;
    assert.equal(takeBotEnvironment().logLevel, level);
  }
  process.env.DIAGNOSE502_LOG_LEVEL = "verbose";
  assert.throws(takeBotEnvironment, {
    code: "CONFIG_INVALID",
    message: 'DIAGNOSE502_LOG_LEVEL is "verbose".',
    hint: "It may be: debug, info, warn, error, silent.",
  });
});

const MISTAKES: readonly (readonly [string, string, RegExp])[] = [
  ["SLACK_BOT_TOKEN", "xapp-1-A1", /^SLACK_BOT_TOKEN begins with xapp-, and that token begins with xoxb-/],
  ["SLACK_BOT_TOKEN", "xoxp-1", /^SLACK_BOT_TOKEN begins with xoxp-/],
  ["SLACK_APP_TOKEN", "xoxb-1", /^SLACK_APP_TOKEN begins with xoxb-, and that token begins with xapp-/],
  ["SLACK_API_URL", "slack.com/api/", /^SLACK_API_URL is not an address: "slack.com\/api\/"/],
  ["DISCORD_API_URL", "ftp://discord.com/api", /^DISCORD_API_URL is not an address/],
];

for (const [variable, value, message] of MISTAKES) {
  test(`${variable}=${value} is refused at the start, and not tried for ever`, (t) => {
    const before = process.env[variable];
    t.after(() => {
      if (before !== undefined) process.env[variable] = before;
    });
    process.env[variable] = value;
    assert.throws(takeBotEnvironment, { code: "CONFIG_INVALID", message });
    assert.equal(process.env[variable], undefined);
  });
}

test("a token that another server of Slack's API makes is taken as it is", (t) => {
  t.after(() => {
    delete process.env.SLACK_BOT_TOKEN;
    delete process.env.SLACK_API_URL;
  });
  Object.assign(process.env, { SLACK_BOT_TOKEN: "made-here", SLACK_API_URL: "http://127.0.0.1:1/api/" });
  assert.deepEqual(takeBotEnvironment().slack, { botToken: "made-here", apiUrl: "http://127.0.0.1:1/api/" });
});

test("every secret that the bot is given is among those that are never shown", async () => {
  const config = parseConfig(
    `model: { name: small, key: { env: MODEL } }
alerts:
  a: { mapping: generic, token: { env: A } }
  b: { mapping: generic, basic: { user: ana, password: { env: B } } }
  c: { mapping: generic, header: { name: X-Key, value: { env: C } } }
  d: { mapping: generic, hmac: { env: D } }
`,
    { file: "/diagnose502.yaml", home: "/" },
  );
  const variables = { MODEL: "model-1", A: "a-1", B: "b-1", C: "c-1", D: "d-1" };
  const { all, modelKey } = await loadBotSecrets(
    config,
    {
      slack: { botToken: "xoxb-1", appToken: "xapp-1", signingSecret: "signing-1" },
      discord: { token: "discord-1" },
      metricsToken: "metrics-1",
      consoleKey: "console-1",
    },
    makeEnvironment({ variables: { ...variables, DATABASE_URL: "postgres://bot:p%40ss-1@db/bot" } }),
  );
  assert.equal(modelKey, "model-1");
  const given = [...Object.values(TOKENS), ...Object.values(variables), "p@ss-1"];
  assert.deepEqual(all.toSorted(), given.toSorted());
});
