import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { parseManifestOptions } from "../../src/cli/manifest-options.ts";
import { UsageError } from "../../src/intake/usage-error.ts";

const MAIN = join(import.meta.dirname, "../../src/main.ts");

async function manifest(...words: readonly string[]) {
  return await new Promise<{ status: number | string | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, [MAIN, "manifest", ...words], (_, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    );
  });
}

test("the Slack app is printed as JSON and nothing else; what its rights are for is said beside it", async () => {
  const { status, stdout, stderr } = await manifest();
  assert.equal(status, 0);
  const { oauth_config, settings } = JSON.parse(stdout);
  assert.equal(settings.socket_mode_enabled, true);
  const said = stderr.split("\n").flatMap((line) => /^ {2}(\S+) +(optional: )?\S/.exec(line) ?? []);
  assert.deepEqual(
    said.filter((part) => oauth_config.scopes.bot.includes(part)),
    oauth_config.scopes.bot,
  );
  assert.match(stderr, /^ {2}chat:write +posts/m);
  assert.match(stderr, /^ {2}files:write +optional: .*without it/m);
  assert.match(stderr, /SLACK_BOT_TOKEN .* SLACK_APP_TOKEN/s);
});

test("an address may end in a slash", () => {
  assert.equal(
    parseManifestOptions(["--http", "https://bot.example.com/"]).publicUrl,
    "https://bot.example.com/",
  );
});

test("over HTTP the app names the bot's address, and rights that are left out are not asked for", async () => {
  const { stdout, stderr } = await manifest(
    ...["--http", "https://bot.example.com", "--without", "files,channels"],
  );
  const { oauth_config, settings } = JSON.parse(stdout);
  assert.deepEqual(oauth_config.scopes.bot, ["commands", "chat:write", "usergroups:read"]);
  assert.equal(settings.interactivity.request_url, "https://bot.example.com/slack/events");
  assert.doesNotMatch(stderr, /files:write/);
  assert.match(stderr, /SLACK_SIGNING_SECRET/);
});

const WRONG: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["an address without TLS", ["--http", "http://bot.example.com"], /https URL .* "http:\/\/bot/],
  ["an address that is none", ["--http", "bot.example.com"], /is none/],
  [
    "an address with a path",
    ["--http", "https://bot.example.com/base"],
    /alone, and "https:.*\/base" goes on/,
  ],
  ["an address with a query", ["--http", "https://bot.example.com?a=b"], /alone, and .* goes on/],
  ["a right that is needed", ["--without", "chat:write"], /can do without files, user-groups, channels/],
  ["a word", ["slack"], /takes no words/],
];
for (const [what, words, message] of WRONG) {
  test(`${what} is refused, with what would be right`, () => {
    assert.throws(
      () => parseManifestOptions(words),
      (error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, message);
        assert.match(error.hint, /For example|See/);
        return true;
      },
    );
  });
}
