import type { Person } from "../../incident/person.ts";
import type { Surface } from "../../workflow/surface.ts";
import { type ConsoleView, createConsoleView } from "./console-view.ts";

/** The workspace and channel there are on the console. */
export const CONSOLE_PLACE = { surface: "console", workspace: "local", channel: "console" } as const;

/** A browser on this machine can be told of every change. */
const EDIT_EVERY_MS = 100;

export interface ConsoleSurface extends Surface {
  readonly view: ConsoleView;
  /** Who sits at the console: the user the bot runs as. */
  readonly person: Person;
}

/** The console as a channel: what is posted is kept in memory and streamed to every open page. */
export function createConsoleSurface({ userName }: { readonly userName: string }): ConsoleSurface {
  const view = createConsoleView();
  return {
    name: "console",
    editEveryMs: EDIT_EVERY_MS,
    view,
    person: { surface: "console", workspace: CONSOLE_PLACE.workspace, id: userName, name: userName },
    async post(_place, card) {
      const messageId = view.show(card);
      return { messageId, threadId: messageId };
    },
    // after a restart of the bot the first edit makes the message again
    async update(_place, _message, card) {
      view.show(card);
    },
    async reply(_place, { messageId }, note) {
      view.addNote(messageId, note);
    },
    // there are no groups on the console
    isMember: async () => false,
    workspace: () => CONSOLE_PLACE.workspace,
    start: async () => undefined,
    stop: async () => view.close(),
  };
}
