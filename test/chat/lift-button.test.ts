import assert from "node:assert/strict";
import { test } from "node:test";
import type { Intent, Verification } from "../../src/approval/intent.ts";
import { renderCard as renderDiscordCard } from "../../src/chat/discord/render-card.ts";
import { renderQuestion } from "../../src/chat/discord/render-reply.ts";
import { renderCard as renderSlackCard } from "../../src/chat/slack/render-card.ts";
import type { SiteConfig } from "../../src/config/config.ts";
import type { Incident } from "../../src/incident/incident.ts";
import { type IncidentView, makeCard } from "../../src/workflow/make-card.ts";
import { ANA, makeTestIntent } from "../approval/intent.ts";

const AT = "2026-11-19T22:41:00.000Z";
const UNPROVEN: Verification = { status: "unproven", at: AT, checks: [] };
/** Of another site than the incident that it holds back. */
const EARLIER = makeTestIntent({
  key: "e".repeat(32),
  incident: 3,
  site: "blog",
  host: "origin-2",
  state: "done",
  sentAt: AT,
  verification: UNPROVEN,
});
const NAME = "app.service on origin-2 for blog at 2026-11-19 22:41 UTC";

function viewOf(inTheWay: Intent | undefined): IncidentView {
  const incident = {
    number: 7,
    site: "shop",
    url: "https://shop.example.com/",
    state: "open",
    openedAt: "2026-11-20T03:00:00.000Z",
    openedBy: { kind: "bot" },
    looksWanted: 1,
    looksDone: 1,
    obstacle: { message: "It could not be proven.", hint: "", lifts: EARLIER.key },
  } as Partial<Incident> as Incident;
  const site = { approvers: { slack: ["U1"], discord: ["1"], console: ["ana"] } };
  return {
    incident,
    diagnosis: undefined,
    explanation: undefined,
    intents: [],
    inTheWay,
    site: site as Partial<SiteConfig> as SiteConfig,
    progress: undefined,
  };
}

const liftOf = (inTheWay: Intent | undefined) =>
  makeCard(viewOf(inTheWay), "console").buttons.find(({ action }) => action === "lift");

test("who is to allow restarts again sees which one is set aside, of whichever site it is", () => {
  const button = liftOf(EARLIER);
  assert.equal(button?.value, EARLIER.key);
  assert.equal(button?.label, "Allow restarts again after app.service on origin-2");
  assert.ok(button?.confirm?.text.startsWith(`The restart of ${NAME} was not proven`));
});

test("Slack and Discord show the name of that restart in full", () => {
  const slack = JSON.stringify(renderSlackCard(makeCard(viewOf(EARLIER), "slack")));
  assert.ok(slack.includes(NAME));
  assert.ok(slack.includes("Allow restarts again after app.service on origin-2"));
  assert.doesNotMatch(slack, /\[…\]/, "nothing of the question is cut off");
  const discord = makeCard(viewOf(EARLIER), "discord");
  assert.ok(JSON.stringify(renderDiscordCard(discord)).includes("again after app.service on origin-2"));
  const button = discord.buttons.find(({ action }) => action === "lift");
  assert.ok(button?.confirm);
  const asked = JSON.stringify(renderQuestion(button, button.confirm, "1".repeat(18)));
  assert.ok(asked.replaceAll("\\", "").includes(NAME));
});

test("a restart that was set aside already, or is not known, is not offered to be set aside", () => {
  const lifted = { ...UNPROVEN, lifted: { person: ANA, at: AT } };
  assert.equal(liftOf({ ...EARLIER, verification: lifted }), undefined);
  assert.equal(liftOf(undefined), undefined);
});
