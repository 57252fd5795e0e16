import { webApi } from "@slack/bolt";
import { z } from "zod";
import type { Log } from "../../workflow/log.ts";
import type { ChannelFacts } from "./channel-book.ts";
import { createSlackLog } from "./slack-log.ts";
import type { SlackMessage } from "./slack-message.ts";
import { areBlocksRefused, errorCodeOf } from "./surface-errors.ts";

const Posted = z.object({ ts: z.string().min(1) });

const CALL_TIMEOUT_MS = 10_000;

/** Nothing is interpreted, nothing is fetched for a preview. */
const LITERAL = { parse: "none", link_names: false } as const;
const NO_PREVIEW = { unfurl_links: false, unfurl_media: false } as const;

/** The calls we make, each once: whoever asked decides about a repetition, and a rate limit holds up its own method only. */
export interface SlackApi {
  readonly client: webApi.WebClient;
  /** Who we are. */
  whoAmI(): Promise<{ readonly workspace: string; readonly botUserId: string; readonly botId: string }>;
  /** The message's `ts`. */
  post(
    channel: string,
    message: SlackMessage,
    thread?: { readonly ts: string; readonly isLoud: boolean },
  ): Promise<string>;
  update(channel: string, ts: string, message: SlackMessage): Promise<void>;
  attach(
    channel: string,
    threadTs: string,
    file: { readonly name: string; readonly data: Buffer },
  ): Promise<void>;
  /** Undefined where the app may not ask. */
  channel(channel: string): Promise<ChannelFacts | undefined>;
  groupMembers(group: string): Promise<readonly string[]>;
}

export function createSlackApi(deps: {
  readonly botToken: string;
  readonly apiUrl: string | undefined;
  readonly log: Log;
}): SlackApi {
  const { botToken, apiUrl, log } = deps;
  const client = new webApi.WebClient(botToken, {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    logger: createSlackLog(log),
    timeout: CALL_TIMEOUT_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
  });

  /** Slack checks blocks on its side only, and one wrong block refuses the message: then its text alone is better than silence. */
  async function withFallback<T>(
    message: SlackMessage,
    send: (message: SlackMessage) => Promise<T>,
  ): Promise<T> {
    try {
      return await send(message);
    } catch (error) {
      if (!areBlocksRefused(error)) throw error;
      log.error({ surface: "slack", reason: String(error) }, "blocks were refused; only their text is shown");
      return await send({ text: message.text, blocks: [] });
    }
  }

  async function channelFacts(channel: string): Promise<ChannelFacts | undefined> {
    try {
      const { channel: found } = await client.conversations.info({ channel });
      return {
        isMember: found?.is_member === true,
        isArchived: found?.is_archived === true,
        isShared: found?.is_ext_shared === true || found?.is_pending_ext_shared === true,
      };
    } catch (error) {
      const code = errorCodeOf(error);
      // a private channel that we are not in
      if (code === "channel_not_found") return { isMember: false, isArchived: false, isShared: false };
      if (code === "missing_scope") return undefined;
      throw error;
    }
  }

  return {
    client,
    async whoAmI() {
      const { team_id = "", user_id = "", bot_id = "" } = await client.auth.test();
      return { workspace: team_id, botUserId: user_id, botId: bot_id };
    },
    async post(channel, message, thread) {
      const replies = thread === undefined ? {} : { thread_ts: thread.ts };
      // a reply reaches only those who follow the thread; a loud one stands in the channel as well
      const loud = thread?.isLoud === true ? { reply_broadcast: true as const } : {};
      return await withFallback(message, async ({ text, blocks }) => {
        const posted = await client.apiCall("chat.postMessage", {
          channel,
          text,
          ...(blocks.length === 0 ? { mrkdwn: false } : { blocks }),
          ...LITERAL,
          ...NO_PREVIEW,
          ...replies,
          ...loud,
        });
        return Posted.parse(posted).ts;
      });
    },
    async update(channel, ts, message) {
      await withFallback(message, async ({ text, blocks }) => {
        // text without blocks takes the blocks away
        const drawn = blocks.length === 0 ? {} : { blocks };
        await client.apiCall("chat.update", { channel, ts, text, ...drawn, ...LITERAL });
      });
    },
    async attach(channel, threadTs, { name, data }) {
      await client.filesUploadV2({
        channel_id: channel,
        thread_ts: threadTs,
        filename: name,
        title: name,
        file: data,
      });
    },
    channel: channelFacts,
    async groupMembers(group) {
      const { users = [] } = await client.usergroups.users.list({ usergroup: group });
      return users;
    },
  };
}
