import type { Decision, Intent } from "../approval/intent.ts";
import type { Intents } from "../approval/intents.ts";
import { type Click, judgeClick, tellEnd } from "../approval/judge-click.ts";
import type { Incidents } from "../incident/incidents.ts";
import { atLeisure } from "../turnstile.ts";
import { type Clicks, NOBODY } from "./clicks.ts";
import type { SiteBook } from "./site-book.ts";
import type { Press, Reply } from "./surface.ts";

/** From the decision to the restart, at most. */
const SEND_WITHIN_MS = 5 * 60_000;

/** A click on “approve” or “deny”: judged by the stored intent, stored, and only then acted on. */
export type TakeDecision = (press: Press & { readonly action: "approve" | "deny" }) => Promise<Reply>;

export function createTakeDecision(deps: {
  readonly incidents: Incidents;
  readonly intents: Intents;
  readonly sites: SiteBook;
  readonly clicks: Clicks;
  readonly now: () => number;
  readonly touch: (incident: number) => void;
  readonly wakeRestart: (key: string) => void;
}): TakeDecision {
  const { incidents, intents, sites, clicks, now, touch } = deps;

  async function store(intent: Intent, decision: Decision, to: "awaiting" | "approved" | "denied") {
    const { answer, person, at } = decision;
    const what = `the restart of ${intent.identity.id} on ${intent.host}`;
    const isUndone = to === "denied" && intent.state === "approved";
    const did = answer === "approve" ? "approved" : "denied";
    const text = `${person.name} (${person.id}) ${did} ${what}${isUndone ? " after its approval; nothing was sent" : ""}.`;
    return await intents.decide(
      intent.key,
      decision,
      {
        ...(isUndone ? ({ from: "approved", to } as const) : ({ from: "awaiting", to } as const)),
        ...(to === "approved" ? { approvedAt: at, sendBy: iso(now() + SEND_WITHIN_MS) } : {}),
        ...(to === "denied" ? { endedAt: at, outcome: `${person.name} said no.` } : {}),
      },
      {
        kind: answer === "approve" ? "restart-approved" : "restart-denied",
        actor: { kind: "person", person },
        incident: intent.incident,
        intent: intent.key,
        text,
        details: { digest: intent.digest },
      },
      // whoever approved was told that it is being done
      [{ text, loud: isUndone }],
    );
  }

  /** Whoever comes second in the same moment is judged by what the first one left: of two approvals both are counted. */
  async function decide(
    intent: Intent,
    click: Click,
    context: Omit<Parameters<typeof judgeClick>[2], "now">,
  ): Promise<Reply> {
    const judgement = judgeClick(click, intent, { ...context, now: now() });
    if (judgement.kind === "refused") {
      await clicks.refuse(click.person, judgement.why, intent);
      return { text: judgement.told };
    }
    const decision = { answer: click.answer, person: click.person, at: iso(now()) };
    const decided = await store(intent, decision, judgement.move);
    if (decided !== undefined) {
      atLeisure(() => {
        touch(intent.incident);
        deps.wakeRestart(intent.key);
      });
      return { text: judgement.told };
    }
    const newer = (await intents.find(intent.key)) ?? intent;
    const isNews = newer.state !== intent.state || newer.decisions.length > intent.decisions.length;
    if (isNews) return await decide(newer, click, context);
    await clicks.refuse(click.person, "not-stored", intent);
    return { text: tellEnd(newer) };
  }

  return async function takeDecision(press) {
    const { person, place, messageId } = press;
    const intent = await intents.find(press.value);
    if (intent === undefined) {
      await clicks.refuse(person, "no-such-proposal");
      return { text: "There is no such proposal. Use the newest message of the incident." };
    }
    const site = sites.find(intent.site);
    const post = await incidents.findPost(place, messageId);
    const approvers = site?.approvers ?? NOBODY;
    const context = {
      approvers,
      selfApproval: site?.approval.selfApproval ?? false,
      ...(await clicks.membershipOf(person, approvers)),
    };
    return await decide(
      intent,
      { answer: press.action, person, place, postIncident: post?.incident },
      context,
    );
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
