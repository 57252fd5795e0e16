import { refuseBlocks, refuseView } from "./block-rules.ts";
import { type Body, bodiesOf, isBody, stringOf } from "./body.ts";
import type { Channel, StoredMessage, World } from "./world.ts";

/** What a method says no with; HTTP 200 all the same, as Slack does. */
export class ApiError extends Error {
  readonly answer: Body;
  constructor(error: string, more: Body = {}) {
    super(error);
    this.answer = { ok: false, error, ...more };
  }
}

interface Method {
  readonly token: "bot" | "app";
  readonly scope?: string;
  readonly call: (args: Body, world: World) => Body;
}

const MAX_TEXT = 40_000;
const TEXT_OF_FILE = 1000;

/** The methods a bot needs, and what each refuses. A method that is not here is `unknown_method`. */
const METHODS: Readonly<Record<string, Method>> = {
  "auth.test": {
    token: "bot",
    call: (_, world) => ({
      team_id: world.teamId,
      team: "Example",
      user_id: world.botUserId,
      bot_id: "B0BOT",
      user: "diagnose502",
      url: "https://example.slack.com/",
      is_enterprise_install: false,
    }),
  },
  "apps.connections.open": {
    token: "app",
    call: (_, world) => ({
      url: `${world.baseUrl.replace("http", "ws")}/link/?ticket=${world.nextId("ticket")}`,
    }),
  },
  "chat.postMessage": { token: "bot", scope: "chat:write", call: postMessage },
  "chat.update": { token: "bot", scope: "chat:write", call: updateMessage },
  "chat.postEphemeral": { token: "bot", scope: "chat:write", call: postEphemeral },
  "chat.getPermalink": {
    token: "bot",
    call: ({ channel, message_ts: ts }, world) => {
      messageOf(stringOf(channel), stringOf(ts), world);
      return {
        channel,
        permalink: `https://example.slack.com/archives/${channel}/p${stringOf(ts).replace(".", "")}`,
      };
    },
  },
  "views.open": { token: "bot", call: openView },
  "views.publish": { token: "bot", call: publishView },
  "files.getUploadURLExternal": { token: "bot", scope: "files:write", call: announceFile },
  "files.completeUploadExternal": { token: "bot", scope: "files:write", call: completeFiles },
  "conversations.info": { token: "bot", call: tellOfChannel },
  "usergroups.users.list": {
    token: "bot",
    scope: "usergroups:read",
    call: ({ usergroup }, world) => {
      const users = world.userGroups.get(stringOf(usergroup));
      if (users === undefined) throw new ApiError("no_such_subteam");
      return { users };
    },
  },
  "users.info": {
    token: "bot",
    scope: "users:read",
    call: ({ user }) => ({ user: { id: user, name: user } }),
  },
};

/** One call of the Web API. @throws {ApiError} for what is refused. */
export function callMethod(name: string, args: Body, token: string, world: World): Body {
  const method = METHODS[name];
  if (method === undefined) throw new ApiError("unknown_method", { req_method: name });
  if (token === "") throw new ApiError("not_authed");
  if (token !== (method.token === "bot" ? world.botToken : world.appToken))
    throw new ApiError("invalid_auth");
  if (world.areTokensRevoked) throw new ApiError("token_revoked");
  if (method.scope !== undefined) needScope(method.scope, world);
  return { ok: true, ...method.call(args, world) };
}

function needScope(needed: string, world: World): void {
  if (world.scopes.has(needed)) return;
  throw new ApiError("missing_scope", { needed, provided: [...world.scopes].join(",") });
}

const READ_SCOPES = { public: "channels:read", private: "groups:read", direct: "im:read" } as const;

/** Each kind of channel has a scope of its own; with one of them, a private channel of others is as if it were not there. */
function tellOfChannel({ channel }: Body, world: World): Body {
  if (!Object.values(READ_SCOPES).some((scope) => world.scopes.has(scope))) needScope("channels:read", world);
  const { id, kind, isMember, isArchived, isShared } = channelOf(stringOf(channel), world);
  needScope(READ_SCOPES[kind], world);
  return {
    channel: {
      id,
      is_im: kind === "direct",
      is_member: isMember,
      is_archived: isArchived,
      is_ext_shared: isShared,
    },
  };
}

function channelOf(id: string, world: World): Channel {
  const channel = world.channels.get(id);
  if (channel === undefined || (channel.kind === "private" && !channel.isMember))
    throw new ApiError("channel_not_found");
  return channel;
}

function writableChannel(id: string, world: World): Channel {
  const channel = channelOf(id, world);
  if (channel.isArchived) throw new ApiError("is_archived");
  if (!channel.isMember && !world.scopes.has("chat:write.public")) throw new ApiError("not_in_channel");
  return channel;
}

function messageOf(channel: string, ts: string, world: World): StoredMessage {
  const found = world.messages.find((message) => message.channel === channel && message.ts === ts);
  if (found === undefined) throw new ApiError("message_not_found");
  return found;
}

/** Undefined when the call brings none. */
function blocksOf(args: Body, world: World): readonly unknown[] | undefined {
  if (args.blocks === undefined || args.blocks === "") return undefined;
  refuse(
    world.refusesBlocks ? { error: "invalid_blocks", messages: [] } : refuseBlocks(args.blocks, "message"),
  );
  return Array.isArray(args.blocks) ? args.blocks : [];
}

function refuse(refusal: { readonly error: string; readonly messages: readonly string[] } | undefined): void {
  if (refusal === undefined) return;
  const { error, messages } = refusal;
  throw new ApiError(error, { errors: messages, response_metadata: { messages } });
}

function postMessage(args: Body, world: World): Body {
  const { id } = writableChannel(stringOf(args.channel), world);
  const blocks = blocksOf(args, world) ?? [];
  const text = stringOf(args.text).slice(0, MAX_TEXT);
  if (text === "" && blocks.length === 0) throw new ApiError("no_text");
  const threadTs = args.thread_ts === undefined ? undefined : stringOf(args.thread_ts);
  if (threadTs !== undefined && parentOf(id, threadTs, world) === undefined)
    throw new ApiError("thread_not_found");
  const ts = store(world, { channel: id, threadTs, text, blocks, args, files: [] });
  return { channel: id, ts, message: { ts, text, blocks, user: world.botUserId } };
}

/** A reply's own `ts` would start a broken thread. */
function parentOf(channel: string, ts: string, world: World): StoredMessage | undefined {
  return world.messages.find(
    (message) => message.channel === channel && message.ts === ts && message.threadTs === undefined,
  );
}

function store(
  world: World,
  {
    args,
    ...message
  }: Pick<StoredMessage, "channel" | "threadTs" | "text" | "blocks" | "files"> & { readonly args: Body },
): string {
  const ts = world.nextTs();
  world.messages.push({
    ...message,
    ts,
    user: world.botUserId,
    mrkdwn: String(args.mrkdwn) !== "false",
    parse: stringOf(args.parse) || "client",
    unfurls: String(args.unfurl_links) !== "false" || String(args.unfurl_media) !== "false",
    isBroadcast: String(args.reply_broadcast) === "true",
    edits: 0,
  });
  return ts;
}

/** Text without blocks takes the blocks away. */
function updateMessage(args: Body, world: World): Body {
  const { id } = writableChannel(stringOf(args.channel), world);
  const message = messageOf(id, stringOf(args.ts), world);
  if (message.user !== world.botUserId) throw new ApiError("cant_update_message");
  const blocks = blocksOf(args, world);
  if (blocks === undefined && args.text === undefined) throw new ApiError("no_text");
  message.text = stringOf(args.text).slice(0, MAX_TEXT);
  message.blocks = blocks ?? [];
  message.parse = stringOf(args.parse) || "client";
  message.edits += 1;
  return { channel: id, ts: message.ts, text: message.text };
}

function postEphemeral(args: Body, world: World): Body {
  const { id } = writableChannel(stringOf(args.channel), world);
  const blocks = blocksOf(args, world) ?? [];
  const text = stringOf(args.text);
  if (text === "" && blocks.length === 0) throw new ApiError("no_text");
  world.ephemerals.push({ channel: id, user: stringOf(args.user), text, blocks, via: "chat.postEphemeral" });
  return { message_ts: world.nextTs() };
}

function viewOf(args: Body): Body {
  if (!isBody(args.view)) throw new ApiError("invalid_arguments");
  refuse(refuseView(args.view));
  return args.view;
}

function openView(args: Body, world: World): Body {
  const trigger = world.triggers.get(stringOf(args.trigger_id));
  if (trigger === undefined) throw new ApiError("invalid_trigger_id");
  if (world.now() > trigger.expiresAt) throw new ApiError("expired_trigger_id");
  if (trigger.isUsed) throw new ApiError("exchanged_trigger_id");
  const view = viewOf(args);
  trigger.isUsed = true;
  const id = world.nextId("V");
  world.modals.set(id, { id, user: trigger.user, view, isOpen: true });
  return { view: { ...view, id } };
}

function publishView(args: Body, world: World): Body {
  const view = viewOf(args);
  world.homes.set(stringOf(args.user_id), view);
  return { view };
}

function announceFile({ filename, length }: Body, world: World): Body {
  const bytes = Number(length);
  if (stringOf(filename) === "" || !(bytes > 0)) throw new ApiError("invalid_arguments");
  const id = world.nextId("F");
  world.files.set(id, { id, name: stringOf(filename), length: bytes, content: undefined });
  return { file_id: id, upload_url: `${world.baseUrl}/upload/${id}` };
}

function completeFiles(args: Body, world: World): Body {
  const files = bodiesOf(args.files).map(({ id }) => world.files.get(stringOf(id)));
  const done = files.filter((file) => file?.content !== undefined).flatMap((file) => file ?? []);
  if (done.length === 0 || done.length !== files.length) throw new ApiError("file_not_found");
  if (args.channel_id !== undefined) {
    const { id } = writableChannel(stringOf(args.channel_id), world);
    const threadTs = args.thread_ts === undefined ? undefined : stringOf(args.thread_ts);
    const text = stringOf(args.initial_comment).slice(0, TEXT_OF_FILE);
    store(world, {
      channel: id,
      threadTs,
      text,
      blocks: [],
      args: { unfurl_links: false, unfurl_media: false },
      files: done,
    });
  }
  return { files: done.map(({ id, name }) => ({ id, title: name })) };
}
