import type { BaseLayer } from "../base-layer.ts";
import type { LabNetwork } from "../network.ts";
import { askSite, findStack, hasTaken } from "../run-case.ts";
import { type RunningStack, startStack, waitUntilHealthy } from "../stack.ts";
import type { BotCase } from "./bot-cases.ts";
import type { Seen } from "./channel.ts";
import { hardenHosts } from "./harden-hosts.ts";
import { countRestarts } from "./host-record.ts";
import { type CommandTimes, measureCommand, measuredSites } from "./measure-command.ts";
import { type LabBot, openBot } from "./open-bot.ts";
import { whereServicesDie } from "./where-services-die.ts";

/** What people saw, and what the hosts say. */
export interface BotResult {
  readonly name: string;
  readonly stack: string;
  readonly surface: BotCase["surface"];
  readonly openedBy: BotCase["openedBy"];
  /** Id of the cause, or the outcome where none was named. */
  readonly verdict: string;
  readonly button: boolean;
  /** By the hosts' own record. */
  readonly restarts: number;
  readonly proven: boolean;
  /** From the command, or the alert. */
  readonly toVerdictMs: number;
  /** From the press; undefined where there was nothing to press. */
  readonly toProvenMs: number | undefined;
  readonly times: CommandTimes | undefined;
  /** Everything that is not as it must be. */
  readonly wrong: readonly string[];
}

const APPROVE = "Restart upstream only";
const SITE = "shop";
/** A button that comes, comes within this after the verdict. */
const OFFER_MS = 4000;

const isVerdict = ({ text }: Seen) => !/: looking …|Looking again …/.test(text);
const asks = ({ buttons }: Seen) => buttons.includes(APPROVE);
const isRefused = ({ text }: Seen) => text.includes("No restart is offered");
const isProven = ({ text }: Seen) => text.includes("and the site is proven to work again");
const hasEnded = (seen: Seen) =>
  isProven(seen) || /NOT PROVEN|cancelled: |refused by the last check|not done: |UNKNOWN/.test(seen.text);

/** Breaks the stack and lives through it as people in the channel do. Never throws: what goes wrong is the result. */
export async function runBotCase(
  { name, labCase, surface, openedBy, by, expected }: BotCase,
  lab: {
    readonly base: BaseLayer;
    readonly network: LabNetwork;
    readonly program: string;
    /** Compares with the command line too, so many times. */
    readonly rounds: number;
  },
): Promise<BotResult> {
  const wrong: string[] = [];
  let seen: Partial<BotResult> = {};
  let running: RunningStack | undefined;
  let bot: LabBot | undefined;
  try {
    running = await startStack(findStack(labCase.stack), lab);
    const { path = "/", withoutSudo = false } = labCase;
    const opening = openBot(running, {
      ...lab,
      surface,
      path,
      withAlerts: openedBy === "alert",
      sites: [SITE, ...measuredSites(lab.rounds)],
    });
    opening.catch(() => undefined);
    await waitUntilHealthy(running);
    if (withoutSudo) await Promise.all(running.hosts.map((host) => host.sh("rm /etc/sudoers.d/diagnose502")));
    else await hardenHosts(running, lab.base);
    bot = await opening;

    await labCase.fault(by === "death" ? whereServicesDie(running) : running);
    const answers = await askSite(running, labCase);
    if (!hasTaken(labCase, answers)) {
      wrong.push(`the fault did not take: ${JSON.stringify(answers)}`);
    }
    const before = await countRestarts(running);

    const typedAt = performance.now();
    await bot.order(openedBy === "alert" ? { do: "fire" } : { do: "command", site: SITE });
    await bot.until("a verdict", isVerdict);
    const toVerdictMs = performance.now() - typedAt;
    const told = await bot.until("what was seen", (one) => causeIn(one) !== undefined);
    const verdict = causeIn(told) ?? "";
    const offered = await offerOf(bot);
    seen = { verdict, toVerdictMs, button: asks(offered) };
    wrong.push(...judgeVerdict(verdict, labCase), ...judgeOffer(offered, expected));

    if (lab.rounds > 0) seen = { ...seen, times: await measureCommand(bot, lab.rounds) };
    if (asks(offered)) {
      const pressedAt = performance.now();
      await bot.order({ do: "press", messageId: offered.id, label: APPROVE });
      const ended = await bot.until("the end of the restart", hasEnded);
      seen = { ...seen, toProvenMs: performance.now() - pressedAt, proven: isProven(ended) };
      if (!isProven(ended)) wrong.push(`not proven: ${ended.text}`, ...ended.thread);
      const { status } = await running.get(path);
      if (status !== 200) wrong.push(`after the restart visitors get ${status}`);
    }
    const after = await countRestarts(running);
    const restarts = after.byHelper - before.byHelper;
    seen = { ...seen, restarts };
    const mustBe = expected.button ? 1 : 0;
    if (restarts !== mustBe) wrong.push(`the helper was used ${restarts} times`);
    if (expected.button && after.starts - before.starts !== 1) {
      wrong.push(`services were started ${after.starts - before.starts} times`);
    }
    if (after.markers.length > 0) wrong.push(`markers were left: ${after.markers.join(" ")}`);
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error));
  } finally {
    await bot?.close();
    await running?.close();
  }
  return {
    name,
    stack: labCase.stack,
    surface,
    openedBy,
    verdict: "none",
    button: false,
    restarts: 0,
    proven: false,
    toVerdictMs: Number.NaN,
    toProvenMs: undefined,
    times: undefined,
    ...seen,
    wrong,
  };
}

/** The button, or why there is none, or the verdict as it still stands when nothing more can be expected. */
async function offerOf(bot: LabBot): Promise<Seen> {
  const isClear = (seen: Seen) => asks(seen) || isRefused(seen);
  return await bot
    .until("a button", isClear, OFFER_MS)
    .catch(async () => await bot.until("the verdict", isVerdict));
}

/** The cause is named in the thread, beside the evidence. */
function causeIn({ thread }: Seen): string | undefined {
  return thread.map((text) => /What was seen \(([a-z0-9-]+)\)/.exec(text)?.[1]).findLast(Boolean);
}

function judgeVerdict(verdict: string, { truth }: BotCase["labCase"]): readonly string[] {
  const { causes, outcomes = ["fault"] } = truth;
  const named: readonly string[] = [...causes, ...outcomes.filter((outcome) => outcome !== "fault")];
  return named.includes(verdict) ? [] : [`the verdict is ${verdict}, and the truth ${named.join(" or ")}`];
}

function judgeOffer(offered: Seen, expected: BotCase["expected"]): readonly string[] {
  if (asks(offered) !== expected.button) {
    const shown = [offered.text, ...offered.thread].join("\n");
    return [`${expected.button ? "there is no button" : "there is a button"}: ${shown}`];
  }
  const { because } = expected.button ? {} : expected;
  return because === undefined || because.test(offered.text) ? [] : [`it is not said that ${because}`];
}
