import { PermissionFlagsBits as MAY, PermissionsBitField } from "discord.js";
import type { Body, Refusal } from "./body-rules.ts";
import type { Channel, World } from "./world.ts";

/** What the invitation in docs/bot.md asks for. */
export const INVITED = 309_237_746_688n;

const TEXT = 0;
export const PUBLIC_THREAD = 11;

const MISSING_ACCESS: Refusal = { status: 403, code: 50001, message: "Missing Access" };
const MISSING_PERMISSIONS: Refusal = { status: 403, code: 50013, message: "Missing Permissions" };
const TOO_LARGE: Refusal = { status: 413, code: 40005, message: "Request entity too large" };
const ARCHIVED: Refusal = { status: 400, code: 50083, message: "Thread is archived" };
const LOCKED: Refusal = { status: 403, code: 160005, message: "This thread is locked" };
const TOO_MANY: Refusal = { status: 400, code: 160006, message: "Maximum number of active threads reached" };
const WRONG_TYPE: Refusal = {
  status: 400,
  code: 50024,
  message: "Cannot execute action on this channel type",
};
const HAS_THREAD: Refusal = {
  status: 400,
  code: 160004,
  message: "A thread has already been created for this message",
};

/** What the bot may do in a channel. A thread has the permissions of its channel. */
export function permissionsIn(world: World, { parentId, permissions = INVITED }: Channel): bigint {
  const parent = parentId === undefined ? undefined : world.channels.get(parentId);
  return parent === undefined ? permissions : permissionsIn(world, parent);
}

function may(world: World, channel: Channel, ...all: readonly bigint[]): boolean {
  return new PermissionsBitField(permissionsIn(world, channel)).has([...all]);
}

export function refuseAccess(world: World, channel: Channel): Refusal | undefined {
  return may(world, channel, MAY.ViewChannel) ? undefined : MISSING_ACCESS;
}

/** Source: Discord, "Create Message", "Threads", and its JSON error codes. A message brings an archived thread back, unless that is locked. */
export function refuseSending(
  world: World,
  channel: Channel,
  files: readonly { readonly data: Buffer }[],
): Refusal | undefined {
  const send = channel.parentId === undefined ? MAY.SendMessages : MAY.SendMessagesInThreads;
  if (!may(world, channel, send)) return MISSING_PERMISSIONS;
  if (files.length > 0 && !may(world, channel, MAY.AttachFiles)) return MISSING_PERMISSIONS;
  if (files.some(({ data }) => data.length > world.attachmentBytes)) return TOO_LARGE;
  if (channel.isLocked === true && !may(world, channel, MAY.ManageThreads)) {
    return channel.isArchived === true ? ARCHIVED : LOCKED;
  }
  return channel.isArchived === true ? refuseOneMore(world) : undefined;
}

/** Source: Discord, "Start Thread from Message". The thread has the id of its message. */
export function refuseThread(world: World, parent: Channel, messageId: string): Refusal | undefined {
  if (parent.type !== TEXT) return WRONG_TYPE;
  if (!may(world, parent, MAY.CreatePublicThreads)) return MISSING_PERMISSIONS;
  if (world.channels.has(messageId)) return HAS_THREAD;
  return refuseOneMore(world);
}

/** Nothing in an archived thread can be changed, and in a locked one only by whoever manages threads. Source: Discord, "Threads". */
export function refuseEdit(world: World, channel: Channel): Refusal | undefined {
  if (channel.isArchived === true) return ARCHIVED;
  return channel.isLocked === true && !may(world, channel, MAY.ManageThreads) ? LOCKED : undefined;
}

/** Source: Discord, "Modify Channel". Whoever may write in a thread may open it again, unless it is locked; nothing else of it. */
export function refuseThreadUpdate(world: World, thread: Channel, body: Body): Refusal | undefined {
  if (thread.parentId === undefined) return MISSING_PERMISSIONS;
  const isOpening = body.archived === false;
  const onlyOpens = isOpening && Object.keys(body).length === 1 && thread.isLocked !== true;
  if (!may(world, thread, onlyOpens ? MAY.SendMessagesInThreads : MAY.ManageThreads)) {
    return MISSING_PERMISSIONS;
  }
  if (thread.isArchived !== true) return undefined;
  return isOpening ? refuseOneMore(world) : ARCHIVED;
}

function refuseOneMore({ channels, maxActiveThreads }: World): Refusal | undefined {
  const active = [...channels.values()].filter(
    ({ parentId, isArchived }) => parentId !== undefined && isArchived !== true,
  );
  return active.length < maxActiveThreads ? undefined : TOO_MANY;
}
