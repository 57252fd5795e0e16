import { setTimeout as sleep } from "node:timers/promises";
import type { ChatTrial } from "./chat-trial.ts";
import { openChatWorld } from "./chat-world.ts";
import { holdsWithin } from "./holds-within.ts";
import { judgeChat } from "./judge-chat.ts";

/** Why Discord closes a gateway connection. Source: Discord, "Gateway Close Event Codes". */
const RESUMABLE = [4000, 4001, 4002, 4005, 4008] as const;
const NOT_RESUMABLE = [1000, 1001, 4003, 4007, 4009] as const;
/** After these the client library tries no more. */
const FINAL = [4004, 4010, 4011, 4012, 4013, 4014] as const;
const CODES = {
  full: [...RESUMABLE, ...NOT_RESUMABLE, ...FINAL],
  short: [4000, 4009, 4004],
} as const;
/** A connection that stood so long makes the next attempt a quick one. */
const LASTING_MS = 61_000;
const SLACK_ENDS = ["warning", "refresh_requested", "link_disabled"] as const;
const BACK_WITHIN_MS = { full: 120_000, short: 60_000 } as const;
const EVIDENCE = "Raw evidence";

/** While all calls work, the standing lines end in every way; after each one a click must reach the bot, and do its work once. */
export async function breakLines({ short }: { readonly short: boolean }): Promise<ChatTrial> {
  const size = short ? "short" : "full";
  const world = await openChatWorld({ sites: ["slack", "discord"], beatEveryMs: 41_250 });
  const { platforms, records } = world;
  const { slack, discord } = platforms;
  const findings: string[] = [];
  const backMs: number[] = [];

  /** Each click puts one note into the thread. */
  async function notesOf(site: string): Promise<number> {
    const incident = await records.incidents.findOpen(site);
    if (incident === undefined) return 0;
    return (await records.incidents.notes(incident.number)).filter(({ text }) => text.startsWith(EVIDENCE))
      .length;
  }

  async function breakOne(
    what: string,
    site: string,
    how: { end(): void; press(): Promise<boolean | undefined> },
  ): Promise<void> {
    const before = await notesOf(site);
    const beganAt = performance.now();
    let presses = 0;
    how.end();
    const isBack = await holdsWithin(BACK_WITHIN_MS[size], async () => {
      const isTaken = await how.press();
      if (isTaken !== undefined) presses++;
      return isTaken === true;
    });
    backMs.push(performance.now() - beganAt);
    const isDone = await holdsWithin(30_000, async () => (await notesOf(site)) > before);
    const done = (await notesOf(site)) - before;
    if (!isBack || !isDone) findings.push(`${what}: no click reached the bot after it`);
    if (done > presses) findings.push(`${what}: ${presses} clicks did ${done} things`);
  }

  async function breakSlack(): Promise<void> {
    const press = async () => {
      const card = slack.messages().find(({ text }) => text.includes("slack.example.com"));
      return card === undefined ? undefined : (await slack.press(card, EVIDENCE)).acked;
    };
    for (const reason of SLACK_ENDS) {
      await breakOne(`Slack ends a connection (${reason})`, "slack", {
        end: () => slack.sockets.disconnect(reason),
        press,
      });
    }
    await breakOne("Slack's line is cut", "slack", { end: () => slack.sockets.cut(), press });
  }

  async function breakDiscord(): Promise<void> {
    const { gateway } = discord;
    const card = () => discord.messages().find(({ text }) => text.includes("discord.example.com"))?.id ?? "";
    const press = async () => {
      const pressed = discord.press(card(), EVIDENCE);
      return await holdsWithin(3000, () => pressed.ack !== undefined);
    };
    const ends: readonly (readonly [what: string, end: () => void, isFinal?: boolean])[] = [
      ["Discord asks to come again", gateway.askToReconnect],
      ["Discord gives the session up", gateway.invalidateSessions],
      ["Discord's line is cut", gateway.cut],
      ...CODES[size].map(
        (code) =>
          [
            `Discord closes with ${code}`,
            () => gateway.closeWith(code),
            FINAL.some((final) => final === code),
          ] as const,
      ),
    ];
    for (const [what, end, isFinal] of ends) {
      if (isFinal && !short) await sleep(LASTING_MS);
      const before = gateway.counts.identified + gateway.counts.resumed;
      await breakOne(what, "discord", {
        end,
        press: async () =>
          gateway.connected() > 0 && gateway.counts.identified + gateway.counts.resumed > before
            ? await press()
            : undefined,
      });
    }
  }

  try {
    for (const site of ["slack", "discord"]) await world.alert(site);
    await holdsWithin(60_000, () =>
      [slack.messages(), discord.messages()].every(
        (shown) =>
          shown.filter(({ buttons }) => buttons.some(({ label }) => label === EVIDENCE)).length === 2,
      ),
    );
    await Promise.all([breakSlack(), breakDiscord()]);
    await holdsWithin(30_000, async () => judgeChat(await world.truth(), platforms).lost.length === 0);
    const verdict = judgeChat(await world.truth(), platforms);
    return { name: "lines", verdict, findings, caughtUpMs: backMs, restartMs: [], redelivered: 0 };
  } finally {
    await world.close();
  }
}
