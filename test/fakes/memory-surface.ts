import { EventEmitter, once } from "node:events";
import type { Person, Place, SurfaceName } from "../../src/incident/person.ts";
import type { ButtonAction, Card, ThreadNote } from "../../src/report/card.ts";
import { type Bot, type Reply, type Surface, SurfaceError } from "../../src/workflow/surface.ts";

interface Shown {
  readonly place: Place;
  card: Card;
  readonly notes: ThreadNote[];
  edits: number;
}

/** A channel in memory: what is posted, edited and replied, and people who type and press. */
export class MemorySurface implements Surface {
  readonly name: SurfaceName;
  editEveryMs = 0;
  /** Undefined until the platform has told. */
  home: string | undefined = "local";
  readonly messages = new Map<string, Shown>();
  readonly groups = new Map<string, readonly string[]>();
  /** Thrown by the next call. */
  failure: SurfaceError | undefined;
  /** Each edit, in order: what the card said. */
  readonly edits: Card[] = [];
  readonly #deleted = new Set<string>();
  readonly #bot: Bot;
  readonly #changes = new EventEmitter();

  constructor(name: SurfaceName, bot: Bot) {
    this.name = name;
    this.#bot = bot;
    this.#changes.setMaxListeners(0);
  }

  workspace(): string | undefined {
    return this.home;
  }
  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  async post(place: Place, card: Card, key: string) {
    this.#failOnce();
    const known = this.messages.get(key);
    if (known === undefined) this.messages.set(key, { place, card, notes: [], edits: 0 });
    this.#changes.emit("change");
    return { messageId: key, threadId: key };
  }

  async update(place: Place, { messageId }: { readonly messageId: string }, card: Card) {
    this.edits.push(card);
    this.#failOnce();
    this.#requireMessage(messageId);
    // what another replica posted is seen here from its first edit on
    const shown = this.messages.get(messageId) ?? { place, card, notes: [], edits: 0 };
    shown.card = card;
    shown.edits += 1;
    this.messages.set(messageId, shown);
    this.#changes.emit("change");
  }

  async reply(_place: Place, { messageId }: { readonly messageId: string }, note: ThreadNote) {
    this.#failOnce();
    this.#requireMessage(messageId);
    this.messages.get(messageId)?.notes.push(note);
    this.#changes.emit("change");
  }

  /** Somebody deletes it, and its thread. */
  delete(messageId: string): void {
    this.messages.delete(messageId);
    this.#deleted.add(messageId);
  }

  async isMember(group: string, { id }: Person): Promise<boolean> {
    const members = this.groups.get(group);
    if (members === undefined) throw new Error(`no group ${group}`);
    return members.includes(id);
  }

  /** Resolves with the first message that is so; checked at each change. */
  async until(isSo: (shown: Shown) => boolean): Promise<Shown & { readonly messageId: string }> {
    const signal = AbortSignal.timeout(20_000);
    for (;;) {
      for (const [messageId, shown] of this.messages) if (isSo(shown)) return { ...shown, messageId };
      try {
        await once(this.#changes, "change", { signal });
      } catch (cause) {
        const seen = [...this.messages.values()].map(({ card, notes }) => ({ card, notes }));
        throw new Error(`never shown; what is: ${JSON.stringify(seen, null, 1)}`, { cause });
      }
    }
  }

  type(text: string, person: Person, channel = "console"): Promise<Reply> {
    return this.#bot.command(text, { person, place: this.#place(channel) });
  }

  press(
    { messageId, card, place }: { readonly messageId: string; readonly card: Card; readonly place: Place },
    action: ButtonAction,
    person: Person,
  ): Promise<Reply> {
    const button = card.buttons.find((one) => one.action === action);
    if (button === undefined) throw new Error(`no button ${action} on ${JSON.stringify(card.buttons)}`);
    return this.#bot.press({ action, value: button.value, person, place, messageId });
  }

  #requireMessage(messageId: string): void {
    if (this.#deleted.has(messageId)) throw new SurfaceError("gone", "the message was deleted");
  }

  #place(channel: string): Place {
    return { surface: this.name, workspace: this.workspace() ?? "local", channel };
  }

  #failOnce(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }
}
