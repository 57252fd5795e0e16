import {
  type Body,
  type BodyName,
  FLAGS,
  invalidForm,
  isBody,
  isEmptyMessage,
  type Refusal,
  refuseBySchema,
  refuseMessage,
} from "./body-rules.ts";
import {
  PUBLIC_THREAD,
  refuseAccess,
  refuseEdit,
  refuseSending,
  refuseThread,
  refuseThreadUpdate,
} from "./channel-rules.ts";
import {
  channelBody,
  guildBody,
  type Interaction,
  memberOf,
  messageBody,
  type StoredMessage,
  userOf,
  type World,
} from "./world.ts";

export interface RestRequest {
  readonly method: string;
  /** Behind `/api/v10`. */
  readonly path: string;
  readonly body: Body;
  readonly files: readonly { readonly name: string; readonly data: Buffer }[];
  readonly hasToken: boolean;
}

export interface RestAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/** Clocks of interactions. Source: Discord, "Receiving and Responding to Interactions". */
const ACK_WITHIN_MS = 3000;
const TOKEN_LASTS_MS = 15 * 60_000;
/** "A few minutes", as the documentation says. */
const NONCE_LASTS_MS = 5 * 60_000;

export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(status: number, code: number, message: string) {
    super(message);
    this.refusal = { status, code, message };
  }
}

const UNKNOWN_CHANNEL = [404, 10003, "Unknown Channel"] as const;
const UNKNOWN_MESSAGE = [404, 10008, "Unknown Message"] as const;

type Handler = (world: World, request: RestRequest, ids: readonly string[]) => RestAnswer;

const ROUTES: readonly (readonly [method: string, path: RegExp, handler: Handler, noToken?: true])[] = [
  ["GET", /^\/gateway\/bot$/, () => ok({})],
  [
    "GET",
    /^\/applications\/@me$/,
    (world) => ok({ id: world.applicationId, name: "diagnose502", verify_key: world.keys.publicKey }),
  ],
  [
    "GET",
    /^\/users\/@me$/,
    (world) => ok({ ...userOf({ id: world.applicationId, name: "diagnose502", roles: [], isBot: true }) }),
  ],
  [
    "GET",
    /^\/applications\/(\d+)\/guilds\/(\d+)\/commands$/,
    (world, _, [, guild = ""]) => ok(commandsOf(world, guild)),
  ],
  ["POST", /^\/applications\/(\d+)\/guilds\/(\d+)\/commands$/, createCommand],
  ["PUT", /^\/applications\/(\d+)\/guilds\/(\d+)\/commands$/, replaceCommands],
  ["POST", /^\/interactions\/(\d+)\/([\w.-]+)\/callback$/, acknowledge, true],
  ["PATCH", /^\/webhooks\/(\d+)\/([\w.-]+)\/messages\/(@original|\d+)$/, editAnswer, true],
  ["GET", /^\/webhooks\/(\d+)\/([\w.-]+)\/messages\/(@original|\d+)$/, readAnswer, true],
  ["POST", /^\/webhooks\/(\d+)\/([\w.-]+)$/, followUp, true],
  ["GET", /^\/channels\/(\d+)$/, (world, _, [id = ""]) => ok(channelBody(channelOf(world, id)))],
  ["PATCH", /^\/channels\/(\d+)$/, updateThread],
  ["POST", /^\/channels\/(\d+)\/messages$/, createMessage],
  ["PATCH", /^\/channels\/(\d+)\/messages\/(\d+)$/, editMessage],
  [
    "GET",
    /^\/channels\/(\d+)\/messages\/(\d+)$/,
    (world, _, ids) => ok(messageBody(world, storedMessage(world, ids))),
  ],
  ["POST", /^\/channels\/(\d+)\/messages\/(\d+)\/threads$/, startThread],
  ["GET", /^\/guilds\/(\d+)$/, (world, _, [id]) => ok(guildOf(world, id))],
  ["GET", /^\/guilds\/(\d+)\/roles$/, (world, _, [id]) => ok(guildOf(world, id).roles)],
  ["GET", /^\/guilds\/(\d+)\/members\/(\d+)$/, readMember],
];

/** What the REST API answers. @throws {Refused} for what it refuses. */
export function answerRest(world: World, request: RestRequest): RestAnswer {
  for (const [method, path, handler, noToken] of ROUTES) {
    const ids = method === request.method ? path.exec(request.path) : null;
    if (ids === null) continue;
    if (noToken !== true && (!request.hasToken || world.isTokenRevoked))
      throw new Refused(401, 0, "401: Unauthorized");
    const { breaksAt, refusesText } = world;
    if (breaksAt !== undefined && request.path.includes(breaksAt)) {
      throw new Refused(500, 0, "500: Internal Server Error");
    }
    if (refusesText !== undefined && JSON.stringify(request.body).includes(refusesText)) {
      check(invalidForm("refused on purpose"));
    }
    return handler(world, request, ids.slice(1));
  }
  throw new Refused(404, 0, "404: Not Found");
}

function ok(body: unknown): RestAnswer {
  return { status: 200, body };
}

function check(refusal: Refusal | undefined): void {
  if (refusal === undefined) return;
  const refused = new Refused(refusal.status, refusal.code, refusal.message);
  Object.assign(refused.refusal, { errors: refusal.errors });
  throw refused;
}

function checkMessage(name: BodyName, body: Body, options: Parameters<typeof refuseMessage>[1]): void {
  check(refuseBySchema(name, body));
  check(refuseMessage(body, options));
}

function guildOf(world: World, id: string | undefined): Body {
  if (id !== world.guildId) throw new Refused(404, 10004, "Unknown Guild");
  return guildBody(world);
}

function channelOf(world: World, id: string) {
  const channel = world.channels.get(id);
  if (channel === undefined) throw new Refused(...UNKNOWN_CHANNEL);
  check(refuseAccess(world, channel));
  return channel;
}

function storedMessage(world: World, [channelId = "", id = ""]: readonly string[]): StoredMessage {
  channelOf(world, channelId);
  const message = world.messages.get(id);
  if (message === undefined || message.channelId !== channelId) throw new Refused(...UNKNOWN_MESSAGE);
  return message;
}

function commandsOf(world: World, guild: string): Body[] {
  if (guild !== world.guildId) throw new Refused(403, 50001, "Missing Access");
  const commands = world.commands.get(guild) ?? [];
  world.commands.set(guild, commands);
  return commands;
}

/** As Discord stores a command: defaults filled in, absent options left out. */
function storedCommand(world: World, body: Body, id: string): Body {
  const filled = {
    nsfw: false,
    default_member_permissions: null,
    contexts: null,
    integration_types: [0],
    type: 1,
  };
  return {
    ...filled,
    ...body,
    id,
    application_id: world.applicationId,
    version: world.nextId(),
    name_localizations: null,
  };
}

function createCommand(world: World, { body }: RestRequest, [, guild = ""]: readonly string[]): RestAnswer {
  check(refuseBySchema("ApplicationCommandCreateRequest", body));
  const commands = commandsOf(world, guild);
  const at = commands.findIndex(({ name }) => name === body.name);
  const stored = storedCommand(world, body, at < 0 ? world.nextId() : String(commands[at]?.id));
  commands.splice(at < 0 ? commands.length : at, 1, stored);
  return { status: at < 0 ? 201 : 200, body: stored };
}

function replaceCommands(world: World, { body }: RestRequest, [, guild = ""]: readonly string[]): RestAnswer {
  const list = Object.values(body).filter(isBody);
  for (const command of list) check(refuseBySchema("ApplicationCommandUpdateRequest", command));
  commandsOf(world, guild);
  const stored = list.map((command) => storedCommand(world, command, world.nextId()));
  world.commands.set(guild, stored);
  return ok(stored);
}

/** The interaction whose token this is, while the token lasts. */
function interactionOf(world: World, token: string): Interaction {
  const interaction = [...world.interactions.values()].find((one) => one.token === token);
  if (interaction === undefined) throw new Refused(404, 10015, "Unknown Webhook");
  if (world.now() - interaction.createdAt > TOKEN_LASTS_MS)
    throw new Refused(401, 50027, "Invalid Webhook Token");
  return interaction;
}

function acknowledge(
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

function editAnswer(
  world: World,
  request: RestRequest,
  [, token = "", which = ""]: readonly string[],
): RestAnswer {
  const message = answerOf(world, token, which);
  applyEdit(message, request, "IncomingWebhookUpdateRequestPartial");
  world.changed();
  return ok(messageBody(world, message));
}

function readAnswer(world: World, _: RestRequest, [, token = "", which = ""]: readonly string[]): RestAnswer {
  return ok(messageBody(world, answerOf(world, token, which)));
}

function followUp(world: World, { body, files }: RestRequest, [, token = ""]: readonly string[]): RestAnswer {
  const interaction = interactionOf(world, token);
  if (interaction.ack === undefined) throw new Refused(404, 10015, "Unknown Webhook");
  checkMessage("IncomingWebhookUpdateRequestPartial", body, { files: files.map(({ name }) => name) });
  const message = newAnswer(world, interaction, body, files);
  interaction.answers.push(message);
  world.changed();
  return ok(messageBody(world, message));
}

function applyEdit(message: StoredMessage, { body, files }: RestRequest, name: BodyName): void {
  const before = Number(message.body.flags ?? 0);
  const names = [...message.files, ...files].map((file) => file.name);
  checkMessage(name, body, { before, files: names });
  const after = { ...message.body, allowed_mentions: undefined, ...body };
  if (isEmptyMessage(after, names)) throw new Refused(400, 50006, "Cannot send an empty message");
  // only these two can be changed; what was ephemeral stays so, and is no longer loading
  const settable = FLAGS.suppressEmbeds | FLAGS.componentsV2;
  const asked = typeof body.flags === "number" ? body.flags : before;
  message.body = { ...after, flags: (before & ~settable & ~128) | (asked & settable) };
  message.files.push(...files);
  message.edits++;
}

function createMessage(world: World, request: RestRequest, [channelId = ""]: readonly string[]): RestAnswer {
  const { body, files } = request;
  const channel = channelOf(world, channelId);
  check(refuseSending(world, channel, files));
  const nonce = body.nonce === undefined ? undefined : String(body.nonce);
  if (nonce !== undefined && body.enforce_nonce === true) {
    const same = [...world.messages.values()].find(
      (message) =>
        message.nonce === nonce &&
        message.channelId === channelId &&
        world.now() - message.createdAt < NONCE_LASTS_MS,
    );
    if (same !== undefined) return ok(messageBody(world, same));
  }
  const names = files.map(({ name }) => name);
  checkMessage("MessageCreateRequest", body, { files: names });
  if (isEmptyMessage(body, names)) throw new Refused(400, 50006, "Cannot send an empty message");
  const message = {
    id: world.nextId(),
    channelId,
    body,
    files: [...files],
    createdAt: world.now(),
    edits: 0,
    nonce,
  };
  world.messages.set(message.id, message);
  channel.isArchived = false;
  world.changed();
  return ok(messageBody(world, message));
}

function editMessage(world: World, request: RestRequest, ids: readonly string[]): RestAnswer {
  const message = storedMessage(world, ids);
  check(refuseEdit(world, channelOf(world, message.channelId)));
  applyEdit(message, request, "MessageEditRequestPartial");
  world.changed();
  return ok(messageBody(world, message));
}

function startThread(world: World, { body }: RestRequest, ids: readonly string[]): RestAnswer {
  const message = storedMessage(world, ids);
  check(refuseBySchema("CreateTextThreadWithMessageRequest", body));
  const parent = channelOf(world, message.channelId);
  check(refuseThread(world, parent, message.id));
  const thread = {
    id: message.id,
    guildId: parent.guildId,
    name: String(body.name),
    type: PUBLIC_THREAD,
    parentId: parent.id,
  };
  world.channels.set(thread.id, thread);
  world.changed();
  return { status: 201, body: channelBody(thread) };
}

function updateThread(world: World, { body }: RestRequest, [id = ""]: readonly string[]): RestAnswer {
  const thread = channelOf(world, id);
  check(refuseBySchema("UpdateThreadRequestPartial", body));
  check(refuseThreadUpdate(world, thread, body));
  if (typeof body.archived === "boolean") thread.isArchived = body.archived;
  if (typeof body.locked === "boolean") thread.isLocked = body.locked;
  world.changed();
  return ok(channelBody(thread));
}

function readMember(world: World, _: RestRequest, [guild, id = ""]: readonly string[]): RestAnswer {
  guildOf(world, guild);
  const member = world.members.get(id);
  if (member === undefined) throw new Refused(404, 10007, "Unknown Member");
  return ok(memberOf(member));
}
