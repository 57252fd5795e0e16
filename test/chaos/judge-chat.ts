import { renderCard as renderDiscordCard } from "../../src/chat/discord/render-card.ts";
import { renderNote as renderDiscordNote } from "../../src/chat/discord/render-note.ts";
import { renderCard as renderSlackCard } from "../../src/chat/slack/render-card.ts";
import { renderNote as renderSlackNote } from "../../src/chat/slack/render-note.ts";
import type { Card, ThreadNote } from "../../src/report/card.ts";
import { readMessage as readDiscord } from "../fakes/discord/read-message.ts";
import { readMessage as readSlack } from "../fakes/slack/read-message.ts";
import type { ChatPlatforms } from "./chat-world.ts";

/** What one incident is, drawn from the store by itself. */
export interface TrueIncident {
  readonly number: number;
  readonly cards: Readonly<Record<"slack" | "discord", Card>>;
  readonly notes: readonly ThreadNote[];
}

/** Each is a list of sentences; all empty when nothing was lost. */
export interface ChatVerdict {
  /** A message that is missing, shows something else than the store says, or a note or file that its thread lacks. */
  readonly lost: readonly string[];
  readonly twice: readonly string[];
  readonly outOfOrder: readonly string[];
  /** Messages and notes that were compared. */
  readonly compared: number;
}

/** One message as somebody reads it. */
interface Seen {
  readonly id: string;
  readonly text: string;
  readonly labels: readonly string[];
  readonly files: number;
}

interface Platform {
  readonly name: "slack" | "discord";
  /** In the channel, without threads. */
  readonly messages: () => readonly Seen[];
  readonly thread: (id: string) => readonly Seen[];
  readonly drawCard: (card: Card) => Pick<Seen, "text" | "labels">;
  readonly drawNote: (note: ThreadNote) => string;
}

/** Compares what the platforms' own records show with what the store would have them show. */
export function judgeChat(incidents: readonly TrueIncident[], platforms: ChatPlatforms): ChatVerdict {
  const lost: string[] = [];
  const twice: string[] = [];
  const outOfOrder: string[] = [];
  let compared = 0;
  for (const platform of [slackOf(platforms), discordOf(platforms)]) {
    const messages = platform.messages();
    for (const { number, cards, notes } of incidents) {
      const what = `#${number} in ${platform.name}`;
      const mine = messages.filter(({ text }) => text.includes(`incident #${number}, opened by`));
      // where it was posted again because nobody said that it had been, the newest is kept
      const message = mine.at(-1);
      compared += 1 + notes.length;
      if (message === undefined) {
        lost.push(`${what} is not shown`);
        continue;
      }
      if (mine.length > 1) twice.push(`${what} is shown ${mine.length} times`);
      const drawn = platform.drawCard(cards[platform.name]);
      if (message.text !== drawn.text || message.labels.join() !== drawn.labels.join())
        lost.push(`${what} shows “${firstLine(message.text)}”, not “${firstLine(drawn.text)}”`);
      const thread = platform.thread(message.id);
      const said = thread.map(({ text }) => text).filter((text) => text !== "");
      const expected = notes.map(platform.drawNote);
      for (const text of new Set(expected)) {
        const surplus = countOf(said, text) - countOf(expected, text);
        if (surplus < 0) lost.push(`${what}: its thread lacks “${firstLine(text)}”`);
        if (surplus > 0) twice.push(`${what}: its thread says ${1 + surplus} times “${firstLine(text)}”`);
      }
      const strange = said.filter((text) => !expected.includes(text));
      if (strange.length > 0) lost.push(`${what}: its thread says “${strange.map(firstLine).join("”, “")}”`);
      const firsts = [...new Set(said)].filter((text) => expected.includes(text));
      if (firsts.join("\0") !== [...new Set(expected)].filter((text) => said.includes(text)).join("\0"))
        outOfOrder.push(`${what}: ${firsts.map(firstLine).join(" | ")}`);
      const files = thread.reduce((sum, one) => sum + one.files, 0);
      const due = notes.filter(({ file }) => file !== undefined).length;
      if (files < due) lost.push(`${what}: ${due - files} files of its thread are missing`);
      if (files > due) twice.push(`${what}: ${files - due} files too many in its thread`);
    }
  }
  return { lost, twice, outOfOrder, compared };
}

function slackOf({ slack }: ChatPlatforms): Platform {
  const see = ({ ts, text, buttons, files }: ReturnType<typeof slack.messages>[number]): Seen => ({
    id: ts,
    // what goes with a file is not a note
    text: files.length > 0 ? "" : text,
    labels: buttons.map(({ label }) => label),
    files: files.length,
  });
  return {
    name: "slack",
    messages: () => slack.messages().map(see),
    thread: (id) => slack.thread(id).map(see),
    drawCard(card) {
      const { text, buttons } = readSlack(renderSlackCard(card));
      return { text, labels: buttons.map(({ label }) => label) };
    },
    drawNote: (note) => readSlack(renderSlackNote(note)).text,
  };
}

function discordOf({ discord }: ChatPlatforms): Platform {
  const see = ({ id, text, buttons, files }: ReturnType<typeof discord.messages>[number]): Seen => ({
    id,
    text,
    labels: buttons.map(({ label }) => label),
    files: files.length,
  });
  return {
    name: "discord",
    messages: () => discord.messages().map(see),
    thread: (id) => discord.messages(id).map(see),
    drawCard(card) {
      const { text, buttons } = readDiscord({ ...renderDiscordCard(card) });
      return { text, labels: buttons.map(({ label }) => label) };
    },
    drawNote: (note) => readDiscord({ ...renderDiscordNote(note).body }).text,
  };
}

function countOf(texts: readonly string[], text: string): number {
  return texts.filter((one) => one === text).length;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
