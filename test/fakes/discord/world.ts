import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { Body } from "./body-rules.ts";

/** A message of a channel or the answer to an interaction. */
export interface StoredMessage {
  id: string;
  readonly channelId: string;
  /** As it was sent, edits applied. */
  body: Body;
  readonly files: { readonly name: string; readonly data: Buffer }[];
  readonly createdAt: number;
  edits: number;
  readonly nonce: string | undefined;
  /** The interaction it answers; only who started that can see it, when it is ephemeral. */
  readonly interactionId?: string;
}

/** An interaction somebody started, and what became of it. */
export interface Interaction {
  readonly id: string;
  readonly token: string;
  readonly payload: Body;
  readonly createdAt: number;
  /** The first answer, when it came in time. */
  ack: { readonly type: number; readonly data: Body; readonly at: number } | undefined;
  /** Acknowledgements in all, those that were refused included. */
  acks: number;
  readonly answers: StoredMessage[];
}

export interface Member {
  readonly id: string;
  readonly name: string;
  roles: readonly string[];
  readonly isBot?: boolean;
}

export interface Channel {
  readonly id: string;
  readonly guildId: string;
  readonly name: string;
  /** 0 text, 11 public thread. */
  readonly type: number;
  readonly parentId?: string;
  /** What the bot may do here, unless it is a thread; what it was invited with when left out. */
  permissions?: bigint;
  isArchived?: boolean;
  isLocked?: boolean;
}

/** What the double holds: one application, its guilds, and all that was said. */
export interface World {
  readonly token: string;
  readonly applicationId: string;
  readonly keys: { readonly publicKey: string; readonly privateKey: KeyObject };
  readonly guildId: string;
  readonly channelId: string;
  /** A guild that is not the operators' own. */
  readonly strangeGuildId: string;
  readonly members: Map<string, Member>;
  readonly channels: Map<string, Channel>;
  readonly messages: Map<string, StoredMessage>;
  readonly interactions: Map<string, Interaction>;
  /** By guild. */
  readonly commands: Map<string, Body[]>;
  /** Epoch ms. */
  now(): number;
  nextId(): string;
  /** Somebody may wait for what just changed. */
  changed(): void;
  /** Requests so far: `POST /channels/1/messages 200`. */
  readonly requests: string[];
  isTokenRevoked: boolean;
  /** The largest file that is taken. */
  attachmentBytes: number;
  maxActiveThreads: number;
  /** Requests whose path holds this text meet a server that has broken down. */
  breaksAt: string | undefined;
  /** Messages that hold this text are refused as malformed, as if a rule we do not know forbade them. */
  refusesText: string | undefined;
}

const EPOCH = 1_420_070_400_000n;

export function makeWorld(clock: { now: () => number; changed: () => void }): World {
  let sequence = 0n;
  const nextId = () => String(((BigInt(clock.now()) - EPOCH) << 22n) + ++sequence);
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  // the last 32 bytes of an ed25519 SPKI key are the key itself
  const rawKey = publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("hex");
  const applicationId = nextId();
  const world: World = {
    token: `${Buffer.from(applicationId).toString("base64url")}.Gabcde.${"t".repeat(38)}`,
    applicationId,
    keys: { publicKey: rawKey, privateKey },
    guildId: nextId(),
    channelId: nextId(),
    strangeGuildId: nextId(),
    members: new Map(),
    channels: new Map(),
    messages: new Map(),
    interactions: new Map(),
    commands: new Map(),
    now: clock.now,
    nextId,
    changed: clock.changed,
    requests: [],
    isTokenRevoked: false,
    attachmentBytes: 10 * 1024 * 1024,
    maxActiveThreads: 1000,
    breaksAt: undefined,
    refusesText: undefined,
  };
  world.channels.set(world.channelId, {
    id: world.channelId,
    guildId: world.guildId,
    name: "incidents",
    type: 0,
  });
  return world;
}

export function userOf({ id, name, isBot }: Member): Body {
  return {
    id,
    username: name,
    global_name: name,
    discriminator: "0",
    avatar: null,
    bot: isBot === true,
    public_flags: 0,
  };
}

export function memberOf(member: Member): Body {
  return {
    user: userOf(member),
    nick: null,
    avatar: null,
    roles: member.roles,
    joined_at: "2026-01-01T00:00:00.000000+00:00",
    premium_since: null,
    deaf: false,
    mute: false,
    flags: 0,
    pending: false,
    permissions: "2248473465835073",
  };
}

export function channelBody({ id, guildId, name, type, parentId, isArchived, isLocked }: Channel): Body {
  const thread = {
    auto_archive_duration: 1440,
    archived: isArchived === true,
    locked: isLocked === true,
    archive_timestamp: "2026-01-01T00:00:00+00:00",
  };
  return {
    id,
    guild_id: guildId,
    name,
    type,
    position: 0,
    permission_overwrites: [],
    permissions: "2248473465835073",
    flags: 0,
    ...(parentId === undefined
      ? {}
      : { parent_id: parentId, thread_metadata: thread, message_count: 0, member_count: 1 }),
  };
}

export function guildBody(world: World): Body {
  return {
    id: world.guildId,
    name: "operators",
    owner_id: "1",
    roles: [
      {
        id: world.guildId,
        name: "@everyone",
        permissions: "2248473465835073",
        position: 0,
        color: 0,
        hoist: false,
        managed: false,
        mentionable: false,
      },
    ],
    emojis: [],
    features: [],
    channels: [...world.channels.values()].filter(({ type }) => type === 0).map(channelBody),
    threads: [],
    members: [],
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    stickers: [],
    member_count: world.members.size,
    large: false,
    unavailable: false,
    joined_at: "2026-01-01T00:00:00.000000+00:00",
    verification_level: 0,
    default_message_notifications: 0,
    explicit_content_filter: 0,
    mfa_level: 0,
    premium_tier: 0,
    system_channel_flags: 0,
    nsfw_level: 0,
    preferred_locale: "en-US",
  };
}

export function messageBody(
  world: World,
  { id, channelId, body, files, createdAt, edits, nonce }: StoredMessage,
): Body {
  return {
    id,
    channel_id: channelId,
    author: {
      id: world.applicationId,
      username: "diagnose502",
      discriminator: "0",
      avatar: null,
      global_name: null,
      bot: true,
    },
    content: body.content ?? "",
    timestamp: new Date(createdAt).toISOString(),
    edited_timestamp: edits === 0 ? null : new Date(world.now()).toISOString(),
    tts: false,
    mention_everyone: false,
    mentions: [],
    mention_roles: [],
    attachments: files.map(({ name, data }, n) => ({
      id: String(n),
      filename: name,
      size: data.length,
      url: `attachment://${name}`,
      proxy_url: "",
    })),
    embeds: [],
    components: body.components ?? [],
    pinned: false,
    type: 0,
    flags: body.flags ?? 0,
    ...(nonce === undefined ? {} : { nonce }),
  };
}
