import assert from "node:assert/strict";
import { test } from "node:test";
import { makeSlackManifest } from "../../../src/chat/slack/manifest.ts";

test("with every feature off the app asks for two scopes", () => {
  const features = { files: false, userGroups: false, channels: false };
  const { oauth_config, settings, features: has } = makeSlackManifest({ mode: "socket", features });
  assert.deepEqual(oauth_config.scopes.bot, ["commands", "chat:write"]);
  assert.equal(settings.socket_mode_enabled, true);
  assert.equal(settings.token_rotation_enabled, false);
  assert.doesNotMatch(JSON.stringify({ settings, has }), /url/);
});

test("each feature costs its scopes and nothing else", () => {
  const { oauth_config } = makeSlackManifest({ mode: "socket" });
  const optional = ["files:write", "usergroups:read", "channels:read", "groups:read"];
  assert.deepEqual(oauth_config.scopes.bot, ["commands", "chat:write", ...optional]);
});

test("over HTTP everything arrives at one address", () => {
  const { settings, features } = makeSlackManifest({
    mode: "http",
    publicUrl: "https://bot.example.com",
  });
  const url = "https://bot.example.com/slack/events";
  assert.equal(features.slash_commands[0]?.url, url);
  assert.deepEqual(settings.interactivity, {
    is_enabled: true,
    request_url: url,
    message_menu_options_url: url,
  });
  assert.equal(settings.event_subscriptions.request_url, url);
  assert.equal(settings.socket_mode_enabled, false);
});

test("nothing is longer than Slack takes", () => {
  const { display_information: about, features } = makeSlackManifest({ mode: "socket" });
  const [command] = features.slash_commands;
  assert.ok(about.name.length <= 35 && about.description.length <= 140);
  assert.ok(command !== undefined && command.command.length <= 32 && command.usage_hint.length <= 1000);
});
