import type { Intent } from "../approval/intent.ts";
import type { Intents } from "../approval/intents.ts";
import { mayAnswer } from "../approval/may-answer.ts";
import { isUnproven } from "../approval/restart-allowed.ts";
import { restartName } from "../approval/restart-name.ts";
import type { Incidents } from "../incident/incidents.ts";
import { type Clicks, NOBODY } from "./clicks.ts";
import type { SiteBook } from "./site-book.ts";
import type { Press, Reply } from "./surface.ts";

/**
 * A click on “Allow restarts again”: a restart that was not proven no longer stands in the way of the next. Whoever may approve a restart of
 * its site may do this; it restarts nothing. `heldBack`: when restarts are allowed again, the open incidents that it held back, and the one whose
 * message was clicked.
 */
export type TakeLift = (press: Press) => Promise<Reply & { readonly heldBack?: readonly number[] }>;

/** Far more than one restart holds back at a time. */
const MAX_OPEN = 200;

export function createTakeLift(deps: {
  readonly incidents: Incidents;
  readonly intents: Intents;
  readonly sites: SiteBook;
  readonly clicks: Clicks;
  readonly now: () => number;
}): TakeLift {
  const { incidents, intents, sites, clicks, now } = deps;

  /** A site that was renamed or removed has no approvers: those of the site that its restart stands in the way of. */
  async function siteOf(number: number) {
    const incident = await incidents.find(number);
    return incident && sites.find(incident.site);
  }

  async function heldBackBy({ key }: Intent, clicked: number): Promise<readonly number[]> {
    const open = await incidents.list({ state: "open", limit: MAX_OPEN });
    const numbers = open.filter(({ obstacle }) => obstacle?.lifts === key).map(({ number }) => number);
    return [...new Set([clicked, ...numbers])];
  }

  return async function takeLift({ value, person, place, messageId }) {
    const intent = await intents.find(value);
    if (intent === undefined) {
      await clicks.refuse(person, "no-such-restart");
      return { text: "There is no such restart. Use the newest message of the incident." };
    }
    const post = await incidents.findPost(place, messageId);
    if (post === undefined || person.surface !== place.surface || person.workspace !== place.workspace) {
      await clicks.refuse(person, "not-our-message", intent);
      return { text: "This message is not one of an incident. Use the newest message." };
    }
    const site = sites.find(intent.site) ?? (await siteOf(post.incident));
    const approvers = site?.approvers ?? NOBODY;
    const right = mayAnswer(person, { approvers, ...(await clicks.membershipOf(person, approvers)) });
    if (!right.may) {
      await clicks.refuse(person, right.why, intent);
      return { text: right.told };
    }
    const name = restartName(intent);
    const notHeldBack = { text: `Restarts are not held back by that of ${name}.` };
    if (!isUnproven(intent)) return notHeldBack;
    const at = new Date(now()).toISOString();
    const text = `${person.name} (${person.id}) allowed restarts again after that of ${name}, which was not proven.`;
    const notes = [{ text, loud: false }];
    const lifted = await intents.move(
      intent.key,
      { from: ["done"], to: "done", verification: { ...intent.verification, lifted: { person, at } } },
      {
        kind: "restart-lifted",
        actor: { kind: "person", person },
        incident: post.incident,
        intent: intent.key,
        text,
      },
      notes,
    );
    // somebody did in the same moment
    if (lifted === undefined) return notHeldBack;
    // that restart may be of another incident, and its thread elsewhere
    if (post.incident !== intent.incident) await incidents.change(post.incident, { notes }, []);
    return {
      text: `Restarts are allowed again after that of ${name}. Looking again.`,
      heldBack: await heldBackBy(intent, post.incident),
    };
  };
}
