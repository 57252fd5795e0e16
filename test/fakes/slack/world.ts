import type { Body } from "./body.ts";

export interface StoredMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | undefined;
  readonly user: string;
  text: string;
  blocks: readonly unknown[];
  mrkdwn: boolean;
  parse: string;
  edits: number;
  readonly unfurls: boolean;
  /** A reply that stands in the channel as well. */
  readonly isBroadcast: boolean;
  readonly files: readonly StoredFile[];
}

/** What one person was told, and how it came there. */
export interface Ephemeral {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly via: "acknowledgement" | "response_url" | "chat.postEphemeral";
}

interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly length: number;
  content: Buffer | undefined;
}

export interface Channel {
  readonly id: string;
  readonly kind: "public" | "private" | "direct";
  isMember: boolean;
  isArchived: boolean;
  /** People of another company read along. */
  isShared: boolean;
}

export interface Modal {
  readonly id: string;
  readonly user: string;
  readonly view: Body;
  isOpen: boolean;
}

/** One workspace with one app in it, as its service keeps it. */
export interface World {
  readonly teamId: string;
  readonly appId: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly botUserId: string;
  readonly command: string;
  /** `http://127.0.0.1:port`. */
  baseUrl: string;
  readonly channels: Map<string, Channel>;
  readonly userGroups: Map<string, readonly string[]>;
  readonly scopes: Set<string>;
  readonly messages: StoredMessage[];
  readonly ephemerals: Ephemeral[];
  readonly files: Map<string, StoredFile>;
  readonly modals: Map<string, Modal>;
  /** Home tabs by user. */
  readonly homes: Map<string, Body>;
  readonly triggers: Map<string, { readonly user: string; readonly expiresAt: number; isUsed: boolean }>;
  readonly responseUrls: Map<
    string,
    { readonly channel: string; readonly user: string; readonly expiresAt: number; uses: number }
  >;
  /** Every call, in order: `chat.update ok`, `chat.postMessage not_in_channel`. */
  readonly requests: string[];
  areTokensRevoked: boolean;
  /** Every block is refused, as when Slack changes its rules. */
  refusesBlocks: boolean;
  now(): number;
  nextTs(): string;
  nextId(prefix: string): string;
  changed(): void;
}

export function createWorld(options: { readonly now: () => number; readonly changed: () => void }): World {
  let counter = 0;
  const nextId = (prefix: string) => `${prefix}${String(++counter).padStart(8, "0")}`;
  const channel = (id: string, kind: Channel["kind"], isMember: boolean): [string, Channel] => [
    id,
    { id, kind, isMember, isArchived: false, isShared: false },
  ];
  return {
    teamId: "T0TEAM",
    appId: "A0APP",
    botToken: "xoxb-fake-bot-token",
    appToken: "xapp-fake-app-token",
    signingSecret: "0123456789abcdef0123456789abcdef",
    botUserId: "U0BOT",
    command: "/diagnose502",
    baseUrl: "",
    channels: new Map([
      channel("C0INCIDENTS", "public", true),
      channel("C0RANDOM", "public", false),
      channel("C0SECRET", "private", false),
      channel("D0ANA", "direct", true),
    ]),
    userGroups: new Map(),
    scopes: new Set(["commands", "chat:write", "files:write", "usergroups:read"]),
    messages: [],
    ephemerals: [],
    files: new Map(),
    modals: new Map(),
    homes: new Map(),
    triggers: new Map(),
    responseUrls: new Map(),
    requests: [],
    areTokensRevoked: false,
    refusesBlocks: false,
    ...options,
    // unique per channel, and a float only to look at
    nextTs: () => `${Math.floor(options.now() / 1000)}.${String(++counter).padStart(6, "0")}`,
    nextId,
  };
}
