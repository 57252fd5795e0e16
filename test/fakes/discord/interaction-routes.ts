import {
  type Body,
  FLAGS,
  invalidForm,
  isBody,
  isEmptyMessage,
  refuseBySchema,
  refuseMessage,
} from "./body-rules.ts";
import {
  applyEdit,
  check,
  checkMessage,
  ok,
  Refused,
  type RestAnswer,
  type RestRequest,
  UNKNOWN_MESSAGE,
} from "./rest-answer.ts";
import { type Interaction, messageBody, type StoredMessage, type World } from "./world.ts";

/** Clocks of interactions. Source: Discord, "Receiving and Responding to Interactions". */
const ACK_WITHIN_MS = 3000;
const TOKEN_LASTS_MS = 15 * 60_000;

/** The interaction whose token this is, while the token lasts. */
function interactionOf(world: World, token: string): Interaction {
  const interaction = [...world.interactions.values()].find((one) => one.token === token);
  if (interaction === undefined) throw new Refused(404, 10015, "Unknown Webhook");
  if (world.now() - interaction.createdAt > TOKEN_LASTS_MS)
    throw new Refused(401, 50027, "Invalid Webhook Token");
  return interaction;
}

export function acknowledge(
  world: World,
  { body }: RestRequest,
  [id = "", token = ""]: readonly string[],
): RestAnswer {
  const interaction = world.interactions.get(id);
  if (interaction === undefined || interaction.token !== token)
    throw new Refused(404, 10062, "Unknown interaction");
  applyAck(world, interaction, body);
  return { status: 204 };
}

/** The first answer to an interaction, by whichever way it came. */
export function applyAck(world: World, interaction: Interaction, body: Body): void {
  interaction.acks++;
  world.changed();
  if (interaction.ack !== undefined)
    throw new Refused(400, 40060, "Interaction has already been acknowledged.");
  if (world.now() - interaction.createdAt > ACK_WITHIN_MS)
    throw new Refused(404, 10062, "Unknown interaction");
  const type = Number(body.type);
  const data = isBody(body.data) ? body.data : {};
  checkAck(interaction, body, type, data);
  interaction.ack = { type, data, at: world.now() };
  const flags = Number(data.flags ?? 0);
  if (type === 4) interaction.answers.push(newAnswer(world, interaction, { ...data, flags }, []));
  if (type === 5) interaction.answers.push(newAnswer(world, interaction, { flags: flags | 128 }, []));
  if (type === 6 || type === 7) {
    const of = messageOf(world, interaction);
    interaction.answers.push(of);
    if (type === 7) of.body = { ...of.body, allowed_mentions: undefined, ...data };
  }
}

function checkAck(interaction: Interaction, body: Body, type: number, data: Body): void {
  const isComponent = interaction.payload.type === 3;
  switch (type) {
    case 4:
      checkMessage("CreateMessageInteractionCallbackRequest", body, {});
      check(refuseMessage(data));
      if (isEmptyMessage(data, [])) throw new Refused(400, 50006, "Cannot send an empty message");
      return;
    case 5:
      check(refuseBySchema("CreateMessageInteractionCallbackRequest", body));
      if ((Number(data.flags ?? 0) & ~FLAGS.ephemeral) !== 0)
        check(invalidForm("flags: only EPHEMERAL can be deferred"));
      return;
    case 6:
    case 7:
      if (!isComponent) check(invalidForm("type: only components can be updated"));
      check(refuseBySchema("UpdateMessageInteractionCallbackRequest", body));
      return;
    case 8:
      if (interaction.payload.type !== 4) check(invalidForm("type: not an autocomplete"));
      check(refuseBySchema("ApplicationCommandAutocompleteCallbackRequest", body));
      return;
    default:
      check(invalidForm(`type: ${type} is not supported here`));
  }
}

function newAnswer(
  world: World,
  interaction: Interaction,
  body: Body,
  files: RestRequest["files"],
): StoredMessage {
  return {
    id: world.nextId(),
    channelId: String(interaction.payload.channel_id),
    body,
    files: [...files],
    createdAt: world.now(),
    edits: 0,
    nonce: undefined,
    interactionId: interaction.id,
  };
}

/** The message whose component was used. */
function messageOf(world: World, interaction: Interaction): StoredMessage {
  const { message } = interaction.payload;
  const id = isBody(message) ? String(message.id) : "";
  const answers = [...world.interactions.values()].flatMap(({ answers: all }) => all);
  const found = world.messages.get(id) ?? answers.find((answer) => answer.id === id);
  if (found === undefined) throw new Refused(...UNKNOWN_MESSAGE);
  return found;
}

function answerOf(world: World, token: string, which: string): StoredMessage {
  const { answers } = interactionOf(world, token);
  const found = which === "@original" ? answers[0] : answers.find(({ id }) => id === which);
  if (found === undefined) throw new Refused(...UNKNOWN_MESSAGE);
  return found;
}

export function editAnswer(
  world: World,
  request: RestRequest,
  [, token = "", which = ""]: readonly string[],
): RestAnswer {
  const message = answerOf(world, token, which);
  applyEdit(message, request, "IncomingWebhookUpdateRequestPartial");
  world.changed();
  return ok(messageBody(world, message));
}

export function readAnswer(
  world: World,
  _: RestRequest,
  [, token = "", which = ""]: readonly string[],
): RestAnswer {
  return ok(messageBody(world, answerOf(world, token, which)));
}

export function followUp(
  world: World,
  { body, files }: RestRequest,
  [, token = ""]: readonly string[],
): RestAnswer {
  const interaction = interactionOf(world, token);
  if (interaction.ack === undefined) throw new Refused(404, 10015, "Unknown Webhook");
  checkMessage("IncomingWebhookUpdateRequestPartial", body, { files: files.map(({ name }) => name) });
  const message = newAnswer(world, interaction, body, files);
  interaction.answers.push(message);
  world.changed();
  return ok(messageBody(world, message));
}
