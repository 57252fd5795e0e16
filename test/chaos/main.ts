import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { renderTable } from "../../bench/render-table.ts";
import { withoutPostgres } from "../fakes/postgres.ts";
import { installPackages, labUnavailableBecause, missingPackages } from "../lab/packages.ts";
import { cutPower } from "./cut-power.ts";
import { hostileHost } from "./hostile-host.ts";
import { killBot } from "./kill-bot.ts";
import { killReplicas } from "./kill-replicas.ts";
import { lockFile } from "./lock-file.ts";
import { loseChat } from "./lose-chat.ts";
import { loseDatabase } from "./lose-database.ts";
import { loseDisk } from "./lose-disk.ts";
import { loseTime } from "./lose-time.ts";
import { poisonStep } from "./poison-step.ts";
import { recover } from "./recover.ts";
import type { ChaosRow, Experiment } from "./row.ts";

const EXPERIMENTS: Readonly<Record<string, Experiment>> = {
  kill: killBot,
  recover,
  replicas: killReplicas,
  lock: lockFile,
  database: loseDatabase,
  clock: loseTime,
  power: cutPower,
  poison: poisonStep,
  hostile: hostileHost,
  chat: loseChat,
  disk: loseDisk,
};

const USAGE = `npm run chaos -- [names…] [options]     the bot is killed, cut off and locked out; the host it restarts services on is the judge

  names         ${Object.keys(EXPERIMENTS).join(", ")} (default: all)
  --short       as much as a gate has time for
  --minutes N   nothing new is begun after so long (default 120)
  --json FILE   everything that was counted
`;

const DEFAULT_MINUTES = 120;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      short: { type: "boolean", default: false },
      minutes: { type: "string", default: String(DEFAULT_MINUTES) },
      json: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const names = positionals.length === 0 ? Object.keys(EXPERIMENTS) : positionals;
  const unknown = names.filter((name) => !Object.hasOwn(EXPERIMENTS, name));
  if (values.help || unknown.length > 0) {
    process.stdout.write(USAGE);
    return unknown.length > 0 ? 64 : 0;
  }
  const obstacle = await labUnavailableBecause();
  if (obstacle !== undefined) {
    process.stderr.write(`\n*** SKIPPED: no bot was killed: ${obstacle} ***\n\n`);
    return 0;
  }
  await installPackages(await missingPackages());
  if (withoutPostgres !== undefined) throw new Error(withoutPostgres);

  const deadline = Date.now() + Number(values.minutes) * 60_000;
  const say = (text: string) => void process.stdout.write(text);
  const rows: ChaosRow[] = [];
  for (const name of names) {
    rows.push(...((await EXPERIMENTS[name]?.({ short: values.short, deadline, say })) ?? []));
  }
  say(renderTable([["", "done", "result", "target", ""], ...rows.map(cellsOf)]));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  return rows.every(({ met }) => met) ? 0 : 1;
}

function cellsOf({ name, did, result, target, met }: ChaosRow): readonly string[] {
  return [name, did, result, target, met ? "met" : "MISSED"];
}

process.exitCode = await main();
