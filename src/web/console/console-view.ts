import { randomUUID } from "node:crypto";
import type { Card, ThreadNote } from "../../report/card.ts";
import type { Bot } from "../../workflow/surface.ts";

/** The oldest incidents beyond this many are no longer shown. */
const MAX_MESSAGES = 100;
const MAX_NOTES = 500;

/** A note as the page gets it: a file stays here until somebody asks for it. */
type ShownNote = Omit<ThreadNote, "file"> & { readonly file?: { readonly name: string } };

/** What a page must be told, in any order; the same change twice does no harm. */
export type ViewChange =
  | { readonly kind: "message"; readonly id: string; readonly card: Card }
  | { readonly kind: "note"; readonly id: string; readonly note: ShownNote };

interface ShownMessage {
  card: Card;
  /** The change it was last shown by. */
  seq: number;
  readonly notes: Map<string, { readonly note: ShownNote; readonly seq: number }>;
}

/** What the channel holds, as one state with a counter of changes: a reader asks for whatever is newer than what it has. */
export interface ConsoleView {
  /** Differs between runs of the bot: counters of another run mean nothing. */
  readonly epoch: string;
  /** Posts the incident's message or edits it; gives its id. */
  show(card: Card): string;
  addNote(messageId: string, note: ThreadNote): void;
  /** Messages first, then their notes. `upTo`: ask for what is newer the next time. */
  changesSince(seq: number): { readonly upTo: number; readonly changes: readonly ViewChange[] };
  /** Resolves at the next change, at the end of the view, or when nobody waits any more. */
  nextChange(signal: AbortSignal): Promise<void>;
  /** Shows what the bot knows from before: open incidents, and those that ended lately. */
  restore(bot: Bot): Promise<void>;
  isClosed(): boolean;
  close(): void;
}

export function createConsoleView(): ConsoleView {
  const messages = new Map<string, ShownMessage>();
  const waiting = new Set<() => void>();
  let seq = 0;
  let isClosed = false;

  function wakeAll(): void {
    for (const wake of [...waiting]) wake();
  }

  function show(card: Card): string {
    const id = messageIdOf(card.incident);
    const message = messages.get(id);
    seq++;
    if (message === undefined) {
      messages.set(id, { card, seq, notes: new Map() });
      forgetOldest(messages);
    } else {
      message.card = card;
      message.seq = seq;
    }
    wakeAll();
    return id;
  }

  function addNote(messageId: string, { file, ...note }: ThreadNote): void {
    const notes = messages.get(messageId)?.notes;
    if (notes === undefined || notes.has(note.key)) return;
    seq++;
    notes.set(note.key, { note: file === undefined ? note : { ...note, file: { name: file.name } }, seq });
    const [oldest] = notes.keys();
    if (notes.size > MAX_NOTES && oldest !== undefined) notes.delete(oldest);
    wakeAll();
  }

  return {
    epoch: randomUUID(),
    show,
    addNote,
    changesSince(since) {
      const all = [...messages].toSorted(([, a], [, b]) => a.card.incident - b.card.incident);
      const cards = all.filter(([, message]) => message.seq > since);
      return {
        upTo: seq,
        changes: [
          ...cards.map(([id, { card }]) => ({ kind: "message" as const, id, card })),
          ...all.flatMap(([id, { notes }]) =>
            [...notes.values()]
              .filter((added) => added.seq > since)
              .map(({ note }) => ({ kind: "note" as const, id, note })),
          ),
        ],
      };
    },
    nextChange(signal) {
      if (isClosed || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener("abort", wake);
      });
    },
    async restore(bot) {
      const before = seq;
      const cards = await (bot.recentIncidents?.(MAX_MESSAGES) ?? bot.openIncidents(MAX_MESSAGES));
      for (const { incident: number } of cards.toSorted((a, b) => a.incident - b.incident)) {
        const found = await bot.incident(number);
        const shown = messages.get(messageIdOf(number));
        // what came meanwhile is newer than what was read
        if (found === undefined || (shown !== undefined && shown.seq > before)) continue;
        const id =
          shown !== undefined && JSON.stringify(shown.card) === JSON.stringify(found.card)
            ? messageIdOf(number)
            : show(found.card);
        for (const note of found.notes) addNote(id, note);
      }
    },
    isClosed: () => isClosed,
    close() {
      isClosed = true;
      wakeAll();
    },
  };
}

/** One message an incident: the same one after a restart of the bot. */
function messageIdOf(incident: number): string {
  return `incident-${incident}`;
}

function forgetOldest(messages: Map<string, ShownMessage>): void {
  if (messages.size <= MAX_MESSAGES) return;
  const [oldest] = [...messages].toSorted(([, a], [, b]) => a.card.incident - b.card.incident);
  if (oldest !== undefined) messages.delete(oldest[0]);
}
