import { createHash } from "node:crypto";
import {
  type APIInteractionResponse,
  InteractionResponseType,
  MessageFlags,
  RESTJSONErrorCodes,
  SnowflakeUtil,
} from "discord.js";
import { type Button, DECISIONS } from "../../report/card.ts";
import { failureText } from "../../workflow/failure-text.ts";
import type { Log } from "../../workflow/log.ts";
import type { Bot, Press, Reply } from "../../workflow/surface.ts";
import { DISCORD } from "../limits.ts";
import { parseCustomId } from "./custom-id.ts";
import type { DiscordApi } from "./discord-api.ts";
import { type MessageBody, messageBody, textDisplay } from "./message-body.ts";
import { obstacleIn } from "./obstacle-in.ts";
import { type Interaction, type InteractionToken, parseInteraction } from "./parse-interaction.ts";
import { COMMAND } from "./register-command.ts";
import { renderQuestion, renderReply } from "./render-reply.ts";
import type { RoleBook } from "./role-book.ts";
import { hasCode } from "./surface-errors.ts";

/** How the first answer is sent. @throws when it did not get there. */
type Acknowledge = (token: InteractionToken, response: APIInteractionResponse) => Promise<void>;

export type AnswerInteraction = (payload: unknown, acknowledge: Acknowledge) => Promise<void>;

const PRIVATELY: APIInteractionResponse = {
  type: InteractionResponseType.DeferredChannelMessageWithSource,
  data: { flags: MessageFlags.Ephemeral },
};
const IN_PLACE: APIInteractionResponse = { type: InteractionResponseType.DeferredMessageUpdate };

/** Discord shows an error after three seconds. */
const ACK_WITHIN_MS = 1500;

type Command = Extract<Interaction, { kind: "command" }>;
type Component = Extract<Interaction, { kind: "component" }>;

/**
 * Answers one interaction: acknowledged first, worked on after. What could not be acknowledged is not done: another process has it, or the
 * person was told that nothing happened. Only a decision is stored first: Discord never repeats a click, so one that we die over must not
 * look taken. Never throws.
 */
export function createAnswerInteraction(deps: {
  readonly api: DiscordApi;
  readonly bot: Bot;
  readonly roles: RoleBook;
  readonly guild: string;
  /** True the first time this proof is seen: over the gateway every process hears of every click. */
  readonly isNewProof: (proof: string) => Promise<boolean>;
  /** Epoch ms. */
  readonly now: () => number;
  readonly log: Log;
}): AnswerInteraction {
  const { api, bot, roles, guild, isNewProof, now, log } = deps;

  return async (payload, acknowledge) => {
    const interaction = parseInteraction(payload, { guild, commandName: COMMAND });
    if (interaction === undefined) return;
    try {
      await answer(interaction, acknowledge);
    } catch (error) {
      const isTaken = hasCode(error, RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged);
      const fields = { surface: "discord", kind: interaction.kind, reason: String(error) };
      if (isTaken) log.debug(fields, "another process answers this interaction");
      else log.warn(fields, "an interaction could not be answered");
    }
  };

  async function answer(interaction: Interaction, acknowledge: Acknowledge): Promise<void> {
    const { token } = interaction;
    switch (interaction.kind) {
      case "stranger":
        await acknowledge(
          token,
          interaction.isTyping ? suggest([]) : privately(messageBody([textDisplay(interaction.why)])),
        );
        return;
      case "autocomplete":
        await acknowledge(token, suggest(bot.suggestSites(interaction.typed, DISCORD.choices)));
        return;
      case "command": {
        await acknowledge(token, PRIVATELY);
        await show(token, await replyOf(() => run(interaction)));
        return;
      }
      case "component":
        await answerComponent(interaction, acknowledge);
    }
  }

  /** A site is looked at only where its answer can be shown; what is answered privately can be asked anywhere. */
  async function run({ text, from: { person, place, whereabouts } }: Command): Promise<Reply> {
    const isSite = bot.suggestSites(text, Number.POSITIVE_INFINITY).includes(text);
    const obstacle = isSite ? obstacleIn(whereabouts) : undefined;
    return obstacle === undefined ? await bot.command(text, { person, place }) : { text: obstacle };
  }

  async function answerComponent(interaction: Component, acknowledge: Acknowledge): Promise<void> {
    const { token, from, messageId } = interaction;
    const use = parseCustomId(interaction.customId);
    roles.learn(from.person.id, from.roles);
    if (use === undefined || use.kind === "site") return;
    if (use.kind === "no") {
      await acknowledge(token, inPlace(messageBody([textDisplay("Nothing was done.")])));
      return;
    }
    const { action, value } = use;
    if (use.kind === "ask") {
      await acknowledge(token, PRIVATELY);
      const confirm = await questionOf({ action, value }, { place: from.place, messageId });
      await show(token, renderQuestion({ action, value }, confirm, messageId));
      return;
    }
    // a "yes" stands on a message that only this person sees: what counts is the message that asked
    const { person, place } = from;
    const isYes = use.messageId !== undefined;
    const decide = () => bot.press({ action, value, person, place, messageId: use.messageId ?? messageId });
    if (DECISIONS.includes(action)) return await answerDecision(acknowledge, { token, isYes, decide });
    await acknowledge(token, isYes ? IN_PLACE : PRIVATELY);
    await show(token, await replyOf(decide));
  }

  /** One response that holds the answer. A decision that takes longer, or comes late, is acknowledged first, as Discord insists. */
  async function answerDecision(
    acknowledge: Acknowledge,
    click: {
      readonly token: InteractionToken;
      readonly isYes: boolean;
      readonly decide: () => Promise<Reply>;
    },
  ): Promise<void> {
    const { token, isYes } = click;
    const deferred = isYes ? IN_PLACE : PRIVATELY;
    const answerLate = async () => {
      await acknowledge(token, deferred);
      await show(token, await replyOf(click.decide));
    };
    const patienceMs = SnowflakeUtil.timestampFrom(token.id) + ACK_WITHIN_MS - now();
    if (patienceMs <= 0) return await answerLate();
    const late = Promise.withResolvers<undefined>();
    // our clock may be behind that of Discord
    const timer = setTimeout(() => late.resolve(undefined), Math.min(patienceMs, ACK_WITHIN_MS));
    try {
      const proof = createHash("sha256").update(`discord:interaction:${token.id}`).digest("hex");
      const isNew = await Promise.race([isNewProof(proof), late.promise]);
      // the store is slow: of several processes Discord takes one acknowledgement
      if (isNew === undefined) return await answerLate();
      if (!isNew) return;
      const decided = replyOf(click.decide);
      const inTime = await Promise.race([decided, late.promise]);
      if (inTime !== undefined) return await acknowledge(token, isYes ? inPlace(inTime) : privately(inTime));
      await acknowledge(token, deferred);
      await show(token, await decided);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The question as the card asks it now; a plain one when it no longer has that button. */
  async function questionOf(
    { action, value }: Pick<Button, "action" | "value">,
    { place, messageId }: Pick<Press, "place" | "messageId">,
  ): Promise<NonNullable<Button["confirm"]>> {
    const buttons = await bot.buttonsOn(place, messageId).catch(() => []);
    const button = buttons.find((one) => one.action === action && one.value === value);
    return (
      button?.confirm ?? {
        title: "Are you sure?",
        text: "What you ask for is checked once more, and recorded with your name.",
        yes: "Yes",
        no: "No",
      }
    );
  }

  /** A bug in the bot must not leave the person with "thinking …". */
  async function replyOf(ask: () => Promise<Reply>): Promise<MessageBody> {
    try {
      return renderReply(await ask());
    } catch (error) {
      log.error({ surface: "discord", reason: String(error) }, "an interaction failed");
      return renderReply({ text: failureText(error) });
    }
  }

  async function show(token: InteractionToken, body: MessageBody): Promise<void> {
    await api.editAnswer(token, body);
  }
}

function suggest(sites: readonly string[]): APIInteractionResponse {
  const choices = sites
    .filter((site) => site !== "" && site.length <= DISCORD.choice)
    .slice(0, DISCORD.choices)
    .map((site) => ({ name: site, value: site }));
  return { type: InteractionResponseType.ApplicationCommandAutocompleteResult, data: { choices } };
}

function inPlace(body: MessageBody): APIInteractionResponse {
  return { type: InteractionResponseType.UpdateMessage, data: body };
}

function privately({ flags, ...body }: MessageBody): APIInteractionResponse {
  return {
    type: InteractionResponseType.ChannelMessageWithSource,
    data: { ...body, flags: flags | MessageFlags.Ephemeral },
  };
}
