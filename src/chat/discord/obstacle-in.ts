import { ChannelType, PermissionFlagsBits, PermissionsBitField } from "discord.js";

/** The channel that an interaction comes from, as Discord says with it. */
export interface Whereabouts {
  /** What we may do there; undefined when that is not said. */
  readonly permissions: bigint | undefined;
  readonly type: number | undefined;
  readonly isLocked: boolean;
}

/** As Discord's settings call them. */
const NAMES = {
  ViewChannel: "View Channel",
  SendMessages: "Send Messages",
  SendMessagesInThreads: "Send Messages in Threads",
} as const;

const THREADS: readonly (number | undefined)[] = [
  ChannelType.AnnouncementThread,
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
];

/** Why no card can be shown there, and what to do; undefined where it can. A command reaches us from channels that we cannot even see. */
export function obstacleIn({ permissions, type, isLocked }: Whereabouts): string | undefined {
  if (permissions === undefined) return undefined;
  const mine = new PermissionsBitField(permissions);
  const send = THREADS.includes(type) ? "SendMessagesInThreads" : "SendMessages";
  const missing = (["ViewChannel", send] as const).filter((name) => !mine.has(PermissionFlagsBits[name]));
  if (missing.length > 0) {
    const what = missing.map((name) => `“${NAMES[name]}”`).join(" and ");
    return `I may not write here: I lack ${what}. Grant that in the channel's settings, “Permissions”, then ask again.`;
  }
  return isLocked && !mine.has(PermissionFlagsBits.ManageThreads)
    ? "This thread is locked: ask in another one, or in a channel."
    : undefined;
}
