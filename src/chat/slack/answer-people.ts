import type { App } from "@slack/bolt";
import { DECISIONS } from "../../report/card.ts";
import { failureText } from "../../workflow/failure-text.ts";
import type { Log } from "../../workflow/log.ts";
import type { Bot, Reply } from "../../workflow/surface.ts";
import { SLACK } from "../limits.ts";
import { SITE_ACTION, SITE_VIEW } from "./action-id.ts";
import type { ChannelFacts } from "./channel-book.ts";
import { COMMAND } from "./manifest.ts";
import {
  makeModalMetadata,
  type Origin,
  parseClick,
  parseCommand,
  parseHomeOpened,
  parseSubmission,
  type TypedCommand,
} from "./parse-payload.ts";
import { refuseStranger } from "./refuse-stranger.ts";
import { renderHome } from "./render-home.ts";
import { renderOptions, renderSiteModal } from "./render-reply.ts";
import type { SlackApi } from "./slack-api.ts";
import type { TellPrivately } from "./tell-privately.ts";

/** More open incidents than a bot diagnoses at a time. */
const MAX_CARDS = 50;

/** Slack shows an error after three seconds. */
const ACK_WITHIN_MS = 1500;

/** In place of raw evidence. */
export const EVIDENCE_WITHHELD =
  "Its evidence is not shown here, because people of another company may read along. The console has it.";

/** What people type, press and choose, answered: acknowledged first, worked on after, told privately. */
export function answerPeople(
  app: App,
  deps: {
    readonly bot: Bot;
    readonly api: SlackApi;
    readonly tell: TellPrivately;
    /** Somebody asks for a site. */
    readonly onAsked: (origin: Origin) => void;
    readonly channelFacts: (channel: string) => Promise<ChannelFacts | undefined>;
    /** Whether another company may read along. */
    readonly isShared: (channel: string) => Promise<boolean>;
    /** The workspace we were installed in. */
    readonly workspace: () => string | undefined;
    readonly log: Log;
  },
): void {
  const { bot, api, tell, onAsked, channelFacts, isShared, workspace, log } = deps;

  app.command(COMMAND, async ({ ack, body }) => {
    await ack();
    const command = parseCommand(body);
    await answer(command, async () => {
      if (command.text === "") return await askForSite(command);
      if (command.text.length > SLACK.commandText) return { text: "One site at a time, please." };
      return await run(command.text, command);
    });
  });

  // Whatever is pressed is acknowledged, or Slack shows an error and people press again. A decision is acknowledged once it is stored:
  // Slack never repeats a click, so one that we die over must not look taken.
  app.action(/^/, async ({ ack, body }) => {
    const taken = Promise.withResolvers<void>();
    const answered = answerClick(body, taken.resolve).finally(taken.resolve);
    answered.catch(() => undefined);
    const patience = setTimeout(taken.resolve, ACK_WITHIN_MS);
    await taken.promise;
    clearTimeout(patience);
    await ack();
    await answered;
  });

  async function answerClick(body: unknown, onTaken: () => void): Promise<void> {
    const click = parseClick(body);
    if (click.kind === "other") return;
    if (click.kind === "site") {
      onTaken();
      return await answer(click, () => run(click.site, click));
    }
    const { action, value, person, place, messageId } = click;
    if (!DECISIONS.includes(action)) onTaken();
    await answer(click, async () => {
      // the button may stand there from before they were let in
      if (action === "evidence" && (await isShared(place.channel))) return { text: EVIDENCE_WITHHELD };
      return await bot.press({ action, value, person, place, messageId }).finally(onTaken);
    });
  }

  app.options(SITE_ACTION, async ({ ack, body, options }) => {
    const isOurs = body.team?.id !== undefined && body.team.id === workspace();
    const sites = isOurs ? bot.suggestSites(options.value, SLACK.options) : [];
    await ack({ options: renderOptions(sites) });
  });

  app.view(SITE_VIEW, async ({ ack, body }) => {
    const submission = parseSubmission(body);
    const { site } = submission;
    if (site === undefined) {
      await ack({ response_action: "errors", errors: { [SITE_ACTION]: "Choose a site." } });
      return;
    }
    await ack();
    await answer(submission, () => run(site, submission));
  });

  app.event("app_home_opened", async ({ body }) => {
    const opened = parseHomeOpened(body);
    if (opened.tab !== "home" || opened.workspace !== workspace()) return;
    const view = renderHome(await bot.openIncidents(MAX_CARDS), COMMAND);
    await api.client.views.publish({ user_id: opened.user, view });
  });

  app.error(async (error) =>
    log.warn({ surface: "slack", reason: String(error) }, "a payload was not answered"),
  );

  /** Strangers are told so; what fails on our side is said too. */
  async function answer(origin: Origin, work: () => Promise<Reply | undefined>): Promise<void> {
    const refusal = refuseStranger(origin, workspace());
    if (refusal !== undefined) return await tell(origin, { text: refusal });
    let reply: Reply | undefined;
    try {
      reply = await work();
    } catch (error) {
      log.error({ surface: "slack", reason: String(error) }, "what a person asked for failed");
      reply = { text: failureText(error) };
    }
    if (reply !== undefined) await tell(origin, reply);
  }

  /** A site is looked at only where its answer can be shown. */
  async function run(text: string, origin: Origin): Promise<Reply> {
    const { person, place } = origin;
    if (bot.suggestSites(text, Number.POSITIVE_INFINITY).includes(text)) {
      const obstacle = obstacleIn(await channelFacts(place.channel));
      if (obstacle !== undefined) return { text: obstacle };
      onAsked(origin);
    }
    return await bot.command(text, { person, place });
  }

  async function askForSite(command: TypedCommand): Promise<Reply | undefined> {
    try {
      const view = renderSiteModal(makeModalMetadata(command));
      await api.client.views.open({ trigger_id: command.triggerId, view });
      return undefined;
    } catch (error) {
      // a trigger lives for three seconds; the answer with its menu is as good
      log.info({ surface: "slack", reason: String(error) }, "the modal could not be opened");
      return await bot.command("", command);
    }
  }
}

function obstacleIn(channel: ChannelFacts | undefined): string | undefined {
  if (channel === undefined) return undefined;
  if (channel.isArchived) return "This channel is archived: ask in another one.";
  if (!channel.isMember) return "I am not in this channel. Type “/invite @diagnose502”, then ask again.";
  if (channel.isShared) {
    return "People of another company are in this channel. Ask in one of your own: log lines are not for strangers.";
  }
  return undefined;
}
