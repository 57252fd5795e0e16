import { setTimeout as sleep } from "node:timers/promises";
import type { ModelBehaviour } from "../fakes/openai.ts";
import type { OutageManner } from "../fakes/outage.ts";
import { approveOnDiscord, approveOnSlack, recordDeliveries } from "./chat-people.ts";
import { type ChatWorld, openChatWorld } from "./chat-world.ts";
import { holdsWithin } from "./holds-within.ts";
import { type ChatVerdict, judgeChat } from "./judge-chat.ts";

/** What one world went through, and what was found. */
export interface ChatTrial {
  readonly name: string;
  readonly verdict: ChatVerdict;
  readonly findings: readonly string[];
  /** From the end of each outage until everything was shown. */
  readonly caughtUpMs: readonly number[];
  /** From each approval to its restart, during an outage. */
  readonly restartMs: readonly number[];
  /** Events that the platforms brought again. */
  readonly redelivered: number;
}

/** One platform alone is away for `oneMs`; then both and the model are for `allMs`. */
export interface OutageSize {
  readonly oneMs: number;
  readonly allMs: number;
  readonly retryAfterS: number;
  readonly beatEveryMs: number;
}

/** From an approval to its restart, and from an alert to its offer, whatever is away. */
const UNAFFECTED_MS = 30_000;
const CAUGHT_UP_MS = 90_000;
const SITES = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"] as const;
const EXPLAINED: ModelBehaviour = {
  kind: "says",
  content: JSON.stringify({
    explanation: "The application is stopped.",
    nextLook: null,
    findings: ["f1"],
  }),
};

/**
 * Slack is away, then Discord, then both and the model, in one manner; in the last the bot is killed and started again. Alerts come, and
 * restarts are approved wherever people still can.
 */
export async function loseInManner(manner: OutageManner, size: OutageSize): Promise<ChatTrial> {
  const world = await openChatWorld({ sites: SITES, beatEveryMs: size.beatEveryMs });
  const { platforms, model, records } = world;
  const { slack, discord } = platforms;
  const findings: string[] = [];
  const restartMs: number[] = [];
  const caughtUpMs: number[] = [];
  const deliveries = recordDeliveries(world);
  slack.limits.outageS = size.retryAfterS;
  discord.limits.outageS = size.retryAfterS;
  model.behave(EXPLAINED);

  async function soon(what: string, holds: () => Promise<boolean>): Promise<void> {
    if (!(await holdsWithin(UNAFFECTED_MS, holds))) findings.push(`${manner}: ${what} came late or never`);
  }
  const offered = (site: string) =>
    soon(`an offer for ${site}`, async () =>
      (await records.intents.open()).some((one) => one.site === site && one.state === "awaiting"),
    );
  async function alert(site: string): Promise<void> {
    await world.alert(site);
    await offered(site);
  }
  async function approve(site: string, how: (world: ChatWorld, site: string) => Promise<unknown>) {
    const beganAt = performance.now();
    await how(world, site);
    await soon(`the restart of ${site}`, async () => restartsOf(world, site) === 1);
    restartMs.push(performance.now() - beganAt);
    await soon(`the end of ${site}`, async () => (await records.incidents.findOpen(site)) === undefined);
  }
  async function catchUp(): Promise<ChatVerdict> {
    const beganAt = performance.now();
    let verdict: ChatVerdict | undefined;
    await holdsWithin(CAUGHT_UP_MS, async () => {
      verdict = judgeChat(await world.truth(), platforms);
      return verdict.lost.length === 0;
    });
    caughtUpMs.push(performance.now() - beganAt);
    return verdict ?? judgeChat(await world.truth(), platforms);
  }

  try {
    for (const site of ["s0", "s1", "s2"]) await alert(site);
    await catchUp();
    caughtUpMs.pop();

    slack.outage.begin(manner);
    await alert("s3");
    await approve("s0", approveOnDiscord);
    await sleep(size.oneMs);
    await slack.outage.end();
    await catchUp();

    discord.outage.begin(manner);
    await alert("s4");
    await approve("s1", approveOnSlack);
    await sleep(size.oneMs);
    await discord.outage.end();
    await catchUp();

    slack.outage.begin(manner);
    discord.outage.begin(manner);
    model.behave(modelAway(manner));
    await approve("s2", () => world.approveOnConsole("s2"));
    await world.startAnew();
    await alert("s5");
    await approve("s5", () => world.approveOnConsole("s5"));
    await world.command("s6");
    await offered("s6");
    await sleep(size.allMs);
    model.behave(EXPLAINED);
    await Promise.all([slack.outage.end(), discord.outage.end()]);
    await catchUp();
    await holdsWithin(CAUGHT_UP_MS, () => slack.sockets.count() > 0 && discord.gateway.connected() > 0);
    await alert("s7");
    await catchUp();
    const before = await countRows(world);
    const redelivered = await deliveries.again();
    await sleep(1000);
    const after = await countRows(world);
    if (before !== after) findings.push(`${manner}: what came again did something: ${before} → ${after}`);
    return { name: manner, verdict: await catchUp(), findings, caughtUpMs, restartMs, redelivered };
  } finally {
    await world.close();
  }
}

function modelAway(manner: OutageManner): ModelBehaviour {
  switch (manner) {
    case "refused":
    case "cut":
    case "unanswered":
      return { kind: "hangs-up" };
    case "error":
      return { kind: "answers", status: 500, body: "<h1>500</h1>", type: "text/html" };
    case "limited":
      return { kind: "answers", status: 429, headers: { "retry-after": "30" } };
    case "hanging":
      return { kind: "hangs" };
  }
}

/** Incidents, looks, decisions and restarts: whatever an event can make. */
async function countRows({ records, hostEvents }: ChatWorld): Promise<string> {
  const incidents = await records.incidents.list({ limit: 1000 });
  const looks = incidents.reduce((sum, { looksWanted }) => sum + looksWanted, 0);
  const intents = await records.intents.createdSince("");
  const decisions = intents.reduce((sum, one) => sum + one.decisions.length, 0);
  const restarts = hostEvents().filter(({ kind }) => kind === "restart").length;
  return `${incidents.length} incidents, ${looks} looks, ${decisions} decisions, ${restarts} restarts`;
}

function restartsOf({ hostEvents }: ChatWorld, site: string): number {
  return hostEvents().filter((event) => event.kind === "restart" && event.site === site).length;
}
