import { type Body, invalidForm, isBody, isEmptyMessage, refuseBySchema } from "./body-rules.ts";
import {
  PUBLIC_THREAD,
  refuseAccess,
  refuseEdit,
  refuseSending,
  refuseThread,
  refuseThreadUpdate,
} from "./channel-rules.ts";
import { acknowledge, editAnswer, followUp, readAnswer } from "./interaction-routes.ts";
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
import {
  channelBody,
  guildBody,
  memberOf,
  messageBody,
  type StoredMessage,
  userOf,
  type World,
} from "./world.ts";

/** "A few minutes", as the documentation says. */
const NONCE_LASTS_MS = 5 * 60_000;

const UNKNOWN_CHANNEL = [404, 10003, "Unknown Channel"] as const;

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
