import type { Seen } from "./channel.ts";
import type { LabBot } from "./open-bot.ts";

/** How long the same broken site takes, ms, in turns. */
export interface CommandTimes {
  /** From typing the command to the verdict in the channel. */
  readonly bot: readonly number[];
  /** `diagnose502 diagnose`, from the start of its process to its end. */
  readonly cli: readonly number[];
}

/** One name of the site a round: each command then opens an incident of its own, with a message of its own. The first does not count. */
export function measuredSites(rounds: number): readonly string[] {
  return rounds === 0 ? [] : Array.from({ length: rounds + 1 }, (_, round) => `shop-${round}`);
}

export async function measureCommand(bot: LabBot, rounds: number): Promise<CommandTimes> {
  const times = { bot: [] as number[], cli: [] as number[] };
  for (const [round, site] of measuredSites(rounds).entries()) {
    const botMs = await timeBot(bot, site);
    const startedAt = performance.now();
    const { stdout, stderr } = await bot.run(["diagnose", site, "--json"]);
    const cliMs = performance.now() - startedAt;
    if (!stdout.startsWith("{")) throw new Error(`the command line gave no diagnosis: ${stderr}`);
    if (round === 0) continue;
    times.bot.push(botMs);
    times.cli.push(cliMs);
  }
  return times;
}

async function timeBot(bot: LabBot, site: string): Promise<number> {
  const isOfSite = ({ text }: Seen) => text.includes(`${site}`);
  const startedAt = performance.now();
  await bot.order({ do: "command", site });
  await bot.until(
    `a verdict about ${site}`,
    (seen) => isOfSite(seen) && !seen.text.includes(`${site}: looking …`),
  );
  const ms = performance.now() - startedAt;
  // the rest of its turn is not the command line's to compete with
  await bot.until("why no restart is offered", (seen) => {
    return isOfSite(seen) && seen.text.includes("No restart is offered");
  });
  return ms;
}
