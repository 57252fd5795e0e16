import { parseArgs } from "node:util";
import fc from "fast-check";
import { DISCORD_KINDS } from "../../test/chat/discord/message-kinds.ts";
import { leadAstray } from "../../test/chat/lead-astray.ts";
import { SLACK_KINDS } from "../../test/chat/slack/message-kinds.ts";
import { attackHelper } from "../../test/remediate/attack-helper.ts";
import { attackWrapper } from "../../test/remediate/attack-wrapper.ts";
import { SHELLS, sendWords, withHostOf } from "../../test/remediate/send-words.ts";
import { withoutSshd } from "../../test/ssh/real-sshd.ts";
import { typeNames } from "../../test/workflow/type-names.ts";
import { renderTable } from "../render-table.ts";

const USAGE = `node bench/attempts/main.ts [names] [options]     what the tests try a few thousand times, as often as is worth waiting for

  names        quoting: words through a real sshd, to each shell
               bypass: words and scripts to the restart helper and the wrapper of a locked host
               chat-text: hostile text in every kind of message, as Slack and Discord would read it
               typed-text: names typed in chat, one of which is a site, with hosts that listen
               injections: recorded incidents whose logs tell a model what to say, and models that obey
               (default: all)
  --words N    to each shell (default 1000000)
  --attempts N of bypass, in all (default 100000)
  --messages N of each kind and platform (default 10000)
  --names N    typed (default 100000)
  --seed N     the same seed tries the same (default 1)

Ends with 1 when anything came back changed, or got through; it is printed then.
`;
const NAMES = ["quoting", "bypass", "chat-text", "typed-text", "injections"];
/** All there are, into each recorded incident. */
const INJECTIONS_EACH = 10;
/** The helper is the smaller door, and the cheaper one to knock at. */
const HELPER_SHARE = 0.7;

interface Row {
  readonly what: string;
  readonly tried: number;
  readonly wrong: readonly string[];
  readonly seconds: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    words: { type: "string", default: "1000000" },
    attempts: { type: "string", default: "100000" },
    names: { type: "string", default: "100000" },
    messages: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const seed = Number(values.seed);
const names = positionals.length === 0 ? NAMES : positionals;
if (values.help || names.some((name) => !NAMES.includes(name))) {
  process.stdout.write(USAGE);
  process.exitCode = values.help ? 0 : 64;
} else {
  const rows = [
    ...(names.includes("quoting") ? await sendEverywhere(Number(values.words)) : []),
    ...(names.includes("bypass") ? await attackEverywhere(Number(values.attempts)) : []),
    ...(names.includes("chat-text") ? await drawEverywhere(Number(values.messages)) : []),
    ...(names.includes("typed-text") ? [await typeEverything(Number(values.names))] : []),
    ...(names.includes("injections") ? [await injectEverywhere()] : []),
  ];
  process.stdout.write(
    renderTable([
      ["", "tried", "wrong", "seconds"],
      ...rows.map(({ what, tried, wrong, seconds }) => [
        what,
        tried.toLocaleString("en"),
        `${wrong.length}`,
        seconds.toFixed(0),
      ]),
    ]),
  );
  for (const wrong of rows.flatMap((row) => row.wrong)) process.stdout.write(`${wrong}\n`);
  process.exitCode = rows.some(({ wrong }) => wrong.length > 0) ? 1 : 0;
}

async function sendEverywhere(count: number): Promise<readonly Row[]> {
  if (withoutSshd) throw new Error(withoutSshd);
  const rows: Row[] = [];
  for (const { name, path } of SHELLS.filter(({ skip }) => skip === false)) {
    await withHostOf(path, async (connection) => {
      rows.push(
        await timed(`words through sshd and ${name}`, async () => {
          const { sent, wrong } = await sendWords(connection, { count, seed });
          return { tried: sent, through: wrong.map((words) => JSON.stringify(words)) };
        }),
      );
    });
  }
  return rows;
}

async function attackEverywhere(count: number): Promise<readonly Row[]> {
  const shells = SHELLS.filter(({ skip }) => skip === false);
  const ofHelper = Math.ceil((count * HELPER_SHARE) / shells.length);
  const ofWrapper = Math.ceil(count / shells.length) - ofHelper;
  const rows: Row[] = [];
  for (const { name, script } of shells) {
    rows.push(
      await timed(`calls of the helper, ${name}`, () => attackHelper(script, { count: ofHelper, seed })),
      await timed(`scripts to the wrapper, ${name}`, () => attackWrapper(script, { count: ofWrapper, seed })),
    );
  }
  return rows;
}

async function drawEverywhere(count: number): Promise<readonly Row[]> {
  const kinds = [
    ...SLACK_KINDS.map((kind) => ({ ...kind, platform: "Slack" })),
    ...DISCORD_KINDS.map((kind) => ({ ...kind, platform: "Discord" })),
  ];
  const rows: Row[] = [];
  for (const { name, platform, property } of kinds) {
    const what = `${name}, as ${platform} reads it`;
    rows.push(await timed(what, async () => tryProperty(property, count)));
  }
  return rows;
}

function typeEverything(count: number): Promise<Row> {
  return timed("names typed in chat", async () => {
    const { tried, wrong } = await typeNames({ count, seed });
    return { tried, through: wrong };
  });
}

function injectEverywhere(): Promise<Row> {
  return timed("answers to logs with injections", async () => {
    const { tried, wrong } = await leadAstray({ each: INJECTIONS_EACH });
    return { tried, through: wrong };
  });
}

/** It ends at the first that is wrong, made as short as it goes. */
function tryProperty(property: fc.IProperty<unknown>, count: number) {
  const details = fc.check(property, { numRuns: count, seed });
  const report = fc.defaultReportMessage(details);
  return { tried: details.numRuns, through: report === undefined ? [] : [report] };
}

async function timed(
  what: string,
  run: () => Promise<{ readonly tried: number; readonly through: readonly string[] }>,
): Promise<Row> {
  const start = performance.now();
  const { tried, through } = await run();
  return { what, tried, wrong: through, seconds: (performance.now() - start) / 1000 };
}
