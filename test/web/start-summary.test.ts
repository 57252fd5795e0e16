import assert from "node:assert/strict";
import { test } from "node:test";
import { isCommandName } from "../../src/cli/command-table.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import { makeStartSummary, type StartFacts } from "../../src/web/start-summary.ts";

const NOTHING: StartFacts = {
  version: "0.1.0",
  sites: [],
  consoleUrl: "http://127.0.0.1:8502/?key=k",
  userName: "ana",
  slack: { kind: "off" },
  discord: { kind: "off" },
  alerts: [],
  ownOrigin: "http://127.0.0.1:8502",
  isLoopback: true,
  store: { kind: "sqlite", file: "/home/ana/.local/state/diagnose502/incidents.db" },
  hasMetricsToken: false,
};

const ALL: StartFacts = {
  ...NOTHING,
  configFile: "/etc/diagnose502/diagnose502.yaml",
  sites: [
    { name: "shop", hasApprovers: true },
    { name: "blog", hasApprovers: true },
  ],
  slack: { kind: "on", how: "workspace Example, Socket Mode, channel C0123" },
  discord: { kind: "on", how: "guild 123456789012345678" },
  alerts: [
    { name: "grafana", mapping: "grafana" },
    { name: "prom", mapping: "alertmanager" },
  ],
  publicConsoleUrl: "https://bot.example.com/?key=k",
  publicOrigin: "https://bot.example.com",
  isLoopback: false,
  store: { kind: "server", where: "db.example.com/diagnose502" },
  model: { name: "small-model", origin: "https://models.example.com" },
  hasMetricsToken: true,
};

const text = (facts: StartFacts) => makeStartSummary(facts, { unicode: true }).join("\n");

test("with nothing configured it says where the console is, and how to add each part", () => {
  assert.equal(
    text(NOTHING),
    `diagnose502 0.1.0

  ✓ Console   http://127.0.0.1:8502/?key=k
              Open it in a browser; whoever has this address is you.
  ! Sites     none: there is no config yet
              Add: a file diagnose502.yaml with a URL and the host of its proxy (docs/config.md):
              sites: { shop: { url: https://shop.example.com/, proxy: user@host } }
  – Slack     not configured
              Add: an app, as diagnose502 manifest prints it; its tokens SLACK_BOT_TOKEN (xoxb-…) and
              SLACK_APP_TOKEN (xapp-…) in the environment,
              and chat: { slack: { channel: C… } } in the config.
  – Discord   not configured
              Add: DISCORD_TOKEN in the environment,
              and chat: { discord: { guild: "…", channel: "…" } } in the config.
  – Alerts    no sender is configured
              Add: alerts: { prometheus: { mapping: alertmanager, token: { env: NAME } } } in the config.
  – Model     none; nothing but prose is missing without one
              Add: model: { name: …, key: { env: NAME } } in the config.
  ✓ Store     /home/ana/.local/state/diagnose502/incidents.db
              For several replicas: the address of a database server in DATABASE_URL.
  ✓ Metrics   http://127.0.0.1:8502/metrics (this machine only)
              For other machines: DIAGNOSE502_METRICS_TOKEN`,
  );
});

test("every command it names exists, and the line of config it offers is one", () => {
  const said = text(NOTHING);
  const named = [...said.matchAll(/\bdiagnose502 ([a-z]+)/g)].map(([, name = ""]) => name);
  assert.ok(named.length > 0);
  assert.deepEqual(
    named.filter((name) => !isCommandName(name)),
    [],
  );
  const [, site = ""] = /^ +(sites: .*)$/m.exec(said) ?? [];
  assert.equal(parseConfig(site, { file: "/diagnose502.yaml", home: "/" }).sites[0]?.name, "shop");
});

test("with everything configured there is nothing left to add", () => {
  assert.equal(
    text(ALL),
    `diagnose502 0.1.0

  ✓ Console   http://127.0.0.1:8502/?key=k
              Open it in a browser; whoever has this address is you.
              From elsewhere, if the reverse proxy passes on / (docs/bot.md):
              https://bot.example.com/?key=k
  ✓ Sites     shop, blog (/etc/diagnose502/diagnose502.yaml)
  ✓ Approval  every site names who may approve a restart
  ✓ Slack     workspace Example, Socket Mode, channel C0123
  ✓ Discord   guild 123456789012345678
  ✓ Alerts    grafana, prom (alertmanager)
              POST https://bot.example.com/alerts/grafana
              POST https://bot.example.com/alerts/prom
  ✓ Model     small-model at https://models.example.com: explains, and decides nothing
  ✓ Store     database server db.example.com/diagnose502
  ✓ Metrics   http://127.0.0.1:8502/metrics (with the token)`,
  );
});

const CHANGES: readonly (readonly [string, Partial<StartFacts>, RegExp])[] = [
  ["a config without sites", { sites: [] }, /! Sites +none in \/etc\/diagnose502/],
  [
    "a site that nobody may approve for",
    { sites: [{ name: "shop", hasApprovers: false }] },
    /! Approval +nobody may approve a restart of shop\n.*without a button.*\n.*console: \[ana\]/,
  ],
  [
    "a token without its companion",
    { slack: { kind: "incomplete", missing: ["SLACK_APP_TOKEN"] } },
    /! Slack +off, because something is missing: SLACK_APP_TOKEN/,
  ],
  [
    "senders that cannot reach us",
    { isLoopback: true },
    /! Alerts .*\n.*\n.*\n +Only programs of this machine/,
  ],
  [
    "metrics that nobody can read behind a reverse proxy",
    { hasMetricsToken: false },
    /– Metrics +off: behind a reverse proxy .*\n +Add: DIAGNOSE502_METRICS_TOKEN/,
  ],
  [
    "many sites",
    { sites: Array.from({ length: 20 }, (_, n) => ({ name: `s${n}`, hasApprovers: true })) },
    /s7 and 12 more/,
  ],
];
for (const [what, change, expected] of CHANGES) {
  test(`${what}: said, with what to do`, () => {
    assert.match(text({ ...ALL, ...change }), expected);
  });
}

test("a console that is switched off has no address", () => {
  const { consoleUrl: _, ...facts } = ALL;
  assert.match(text(facts), /– Console {3}off\n/);
});

test("a terminal that knows only ASCII gets the marks it can show", () => {
  const lines = makeStartSummary(ALL, { unicode: false });
  assert.ok(lines.every((line) => /^[\x20-\x7e]*$/.test(line)));
});

test("no line is wider than a terminal, long paths apart", () => {
  for (const facts of [NOTHING, ALL]) {
    assert.ok(makeStartSummary(facts, { unicode: true }).every((line) => line.length <= 105));
  }
});
