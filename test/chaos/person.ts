import timers from "node:timers/promises";
import type { Intent } from "../../src/approval/intent.ts";
import type { Incident } from "../../src/incident/incident.ts";
import type { Place } from "../../src/incident/person.ts";
import type { RuntimeEdges } from "../../src/workflow/create-runtime.ts";
import { isSettled } from "../../src/workflow/is-settled.ts";
import type { Bot } from "../../src/workflow/surface.ts";
import { APPROVER } from "./sites.ts";

const LOOK_EVERY_MS = 50;
/** An incident in which nothing happens so long is asked about again. */
const PATIENCE_MS = 1000;
const PLACE: Place = { surface: "console", workspace: "local", channel: "console" };

/** People before a bot that keeps dying: they ask about each site, approve what is offered, and ask again when it is over. */
export function createPerson(deps: {
  readonly bot: Bot;
  readonly records: Pick<RuntimeEdges["records"], "incidents" | "intents">;
  readonly sites: readonly string[];
  /** The bot told them that it counts. */
  readonly onApproved: (key: string) => void;
  /** The bot did not answer; they try again. */
  readonly onTrouble: (error: unknown) => void;
}) {
  const { bot, records, sites, onApproved, onTrouble } = deps;
  const { incidents, intents } = records;
  let asked = 0;
  /** Incident and version → when it was seen first. */
  const seen = new Map<string, number>();

  /** Somebody else each time: nobody is asked to approve too often. */
  async function ask(site: string): Promise<void> {
    asked++;
    const id = `asker-${process.pid}-${asked}`;
    await bot.command(site, {
      person: { surface: "console", workspace: "local", id, name: id },
      place: PLACE,
    });
  }

  async function approve({ key, incident }: Intent): Promise<void> {
    const [post] = await incidents.posts(incident);
    if (post?.messageId === undefined) return;
    const person = { surface: "console", workspace: "local", id: APPROVER, name: APPROVER } as const;
    const press = { action: "approve", value: key, person, place: PLACE, messageId: post.messageId } as const;
    const { text } = await bot.press(press);
    if (text.startsWith("Approved. ")) onApproved(key);
  }

  /** Looks at every site once, and does what a person would do there. */
  async function round(): Promise<void> {
    const open = await intents.open();
    const looking = await incidents.list({ state: "open", limit: sites.length });
    for (const site of sites) {
      const intent = open.find((one) => one.site === site);
      const incident = looking.find((one) => one.site === site);
      if (intent?.state === "awaiting") await approve(intent);
      else if (intent === undefined && (incident === undefined || isStuck(incident))) await ask(site);
    }
  }

  function isStuck({ number, version, looksWanted, looksDone }: Incident): boolean {
    const name = `${number}.${version}`;
    const since = seen.get(name) ?? performance.now();
    seen.set(name, since);
    return looksWanted === looksDone && performance.now() - since > PATIENCE_MS;
  }

  async function every(look: () => Promise<boolean>): Promise<void> {
    for (;;) {
      try {
        if (await look()) return;
      } catch (error) {
        onTrouble(error);
      }
      await timers.setTimeout(LOOK_EVERY_MS);
    }
  }

  return {
    work: (signal: AbortSignal) =>
      every(async () => {
        if (!signal.aborted) await round();
        return signal.aborted;
      }),
    /** Resolves when everything that was approved is at its end. */
    untilSettled: () =>
      every(async () =>
        (await intents.open()).every((intent) => intent.state === "awaiting" || isSettled(intent)),
      ),
  };
}
