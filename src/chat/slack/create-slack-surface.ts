import { App, type Receiver } from "@slack/bolt";
import type { Card, ThreadNote } from "../../report/card.ts";
import type { Log } from "../../workflow/log.ts";
import { type Bot, type Surface, SurfaceError } from "../../workflow/surface.ts";
import { SLACK } from "../limits.ts";
import { answerPeople, EVIDENCE_WITHHELD } from "./answer-people.ts";
import { createAskerBook } from "./asker-book.ts";
import { type ChannelFacts, createChannelBook } from "./channel-book.ts";
import { createGroupBook } from "./group-book.ts";
import { createHttpReceiver, type SlackEndpoint } from "./http-receiver.ts";
import { renderCard } from "./render-card.ts";
import { renderNote } from "./render-note.ts";
import { createSlackApi } from "./slack-api.ts";
import { createSlackLog } from "./slack-log.ts";
import type { SlackMessage } from "./slack-message.ts";
import { createSocketLine, type SocketLine } from "./socket-line.ts";
import { isTokenRefused, isUnanswered, SlackTokenError, toSurfaceError } from "./surface-errors.ts";
import { createTellPrivately } from "./tell-privately.ts";

/** All runs of a workspace share fifty edits a minute. By this, about twenty of them are spent on how far looks are. */
const EDIT_EVERY_MS = 2000;
const RETRY_START_MS = 5000;
/** Until what may stand in Slack already is said again. */
const SAY_AGAIN_MS = { first: 5000, most: 60_000 } as const;

export interface SlackSurface extends Surface {
  /** HTTP mode only: for the web server to mount. */
  readonly endpoint?: SlackEndpoint;
  /** How long no connection to Slack has been open; 0 while one is, and in HTTP mode. */
  secondsWithoutSocket(): number;
}

export type SlackMode =
  | { readonly mode: "socket"; readonly appToken: string }
  | {
      readonly mode: "http";
      /** The newest first; two while they are being rotated. */
      readonly signingSecrets: readonly string[];
      /** True the first time this proof is seen. */
      readonly isNewProof: (proof: string) => Promise<boolean>;
    };

/** Slack as a place where cards are shown and people press. */
export function createSlackSurface(
  deps: SlackMode & {
    readonly botToken: string;
    /** Ends in `/`; `https://slack.com/api/` when not given. */
    readonly apiUrl?: string;
    readonly bot: Bot;
    readonly log: Log;
    /** Epoch ms. */
    readonly now: () => number;
    /** Resolves early when it is aborted. */
    readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  },
): SlackSurface {
  const { botToken, apiUrl, bot, log, now, sleep } = deps;
  const api = createSlackApi({ botToken, apiUrl, log });
  const tell = createTellPrivately({ api, log });
  const isInGroup = createGroupBook({ fetchMembers: api.groupMembers, now });
  const channels = createChannelBook({ fetchChannel: api.channel, now });
  const stopping = new AbortController();
  const askers = createAskerBook({ now });
  /** Channel → calls in a row that nothing was heard of. */
  const unanswered = new Map<string, number>();
  let identity: Awaited<ReturnType<typeof api.whoAmI>> | undefined;

  const { line, http, receiver } = openDoor(deps);
  const app = new App({
    receiver,
    // our own answer: the library would ask Slack before it acknowledges the first payload
    authorize: async () => ({
      botToken,
      ...(identity === undefined ? {} : { botId: identity.botId, botUserId: identity.botUserId }),
    }),
    convoStore: false,
    logger: createSlackLog(log),
    ...(apiUrl === undefined ? {} : { clientOptions: { slackApiUrl: apiUrl } }),
  });
  answerPeople(app, {
    bot,
    api,
    log,
    workspace: () => identity?.workspace,
    channelFacts: freshFacts,
    tell,
    onAsked: askers.asked,
    isShared: channels.isShared,
  });

  /** What stands in the way may have been removed a moment ago. */
  async function freshFacts(channel: string): Promise<ChannelFacts | undefined> {
    const facts = await channels.factsOf(channel);
    const isFine = facts === undefined || (facts.isMember && !facts.isArchived && !facts.isShared);
    return isFine ? facts : await channels.factsOf(channel, { isFresh: true });
  }

  async function tellAsker(channel: string, refusal: SurfaceError): Promise<void> {
    const asker = askers.take(channel);
    if (asker !== undefined)
      await tell(asker, { text: `The answer cannot be shown here. ${refusal.message}` });
  }

  /** The card as this channel may see it. */
  async function draw(channel: string, card: Card): Promise<SlackMessage> {
    return renderCard((await channels.isShared(channel)) ? withoutQuotes(card) : card);
  }

  /** Slack cannot tell that a message is the same one: while it takes calls and never answers, it is asked ever more rarely. */
  async function say(...[channel, ...said]: Parameters<typeof api.post>): Promise<string> {
    try {
      const ts = await api.post(channel, ...said);
      unanswered.delete(channel);
      return ts;
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      const count = unanswered.get(channel) ?? 0;
      unanswered.set(channel, count + 1);
      const retryAfterMs = Math.min(SAY_AGAIN_MS.most, SAY_AGAIN_MS.first * 2 ** count);
      throw new SurfaceError("later", toSurfaceError(error).message, { retryAfterMs, cause: error });
    }
  }

  async function attach(
    channel: string,
    threadTs: string,
    file: NonNullable<ThreadNote["file"]>,
  ): Promise<void> {
    const data = Buffer.from(file.text, "utf8").subarray(0, SLACK.fileBytes);
    if (data.length === 0) return;
    try {
      await api.attach(channel, threadTs, { name: file.name, data });
    } catch (error) {
      // the note stands there already: repeating it for its file would say it twice
      log.warn({ surface: "slack", reason: String(error) }, "evidence could not be attached");
      const text = `The file could not be attached. ${toSurfaceError(error).message} The console has it.`;
      const message = renderNote({ key: "", text, quotes: [], loud: false });
      await api.post(channel, message, { ts: threadTs, isLoud: false }).catch(() => undefined);
    }
  }

  /** Slack being away is no reason not to start; a refused token is. */
  async function comeIn(): Promise<void> {
    try {
      identity ??= await api.whoAmI();
    } catch (error) {
      throw isTokenRefused(error)
        ? new SlackTokenError("SLACK_BOT_TOKEN", toSurfaceError(error).message, error)
        : error;
    }
    try {
      await line?.open();
    } catch (error) {
      if (!isTokenRefused(error)) throw error;
      await line?.stop();
      throw new SlackTokenError("SLACK_APP_TOKEN", toSurfaceError(error).message, error);
    }
  }

  async function comeInLater(): Promise<void> {
    while (identity === undefined) {
      await sleep(RETRY_START_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await comeIn().catch((error: unknown) =>
        log.warn({ surface: "slack", reason: String(error) }, "not in Slack yet"),
      );
    }
  }

  let comingIn: Promise<void> | undefined;
  return {
    name: "slack",
    editEveryMs: EDIT_EVERY_MS,
    ...(http === undefined ? {} : { endpoint: http.endpoint }),
    secondsWithoutSocket: () => line?.secondsWithoutSocket() ?? 0,
    workspace: () => identity?.workspace,
    async post(place, card) {
      try {
        const ts = await say(place.channel, await draw(place.channel, card));
        askers.take(place.channel);
        return { messageId: ts, threadId: ts };
      } catch (error) {
        const refusal = toSurfaceError(error);
        if (refusal.kind === "gone") await tellAsker(place.channel, refusal);
        throw refusal;
      }
    },
    async update(place, { messageId }, card) {
      await orSurfaceError(async () => api.update(place.channel, messageId, await draw(place.channel, card)));
    },
    async reply(place, { threadId }, note) {
      await orSurfaceError(async () => {
        const { file, ...said } = (await channels.isShared(place.channel)) ? withoutEvidence(note) : note;
        await say(place.channel, renderNote(said), { ts: threadId, isLoud: note.loud });
        if (file !== undefined) await attach(place.channel, threadId, file);
      });
    },
    async isMember(group, person) {
      if (identity === undefined) throw new SurfaceError("later", "Slack has not said yet who we are.");
      if (person.surface !== "slack" || person.workspace !== identity.workspace) return false;
      return await orSurfaceError(() => isInGroup(group, person.id));
    },
    async start() {
      try {
        await comeIn();
      } catch (error) {
        if (error instanceof SlackTokenError) throw error;
        log.warn({ surface: "slack", reason: String(error) }, "Slack cannot be reached yet; trying on");
        comingIn = comeInLater();
      }
    },
    async stop() {
      stopping.abort();
      await comingIn;
      await line?.stop();
      await http?.stop();
    },
  };
}

/** How payloads come in: over a connection of ours, or over requests that the web server hands on. */
function openDoor(deps: SlackMode & Parameters<typeof createSlackSurface>[0]): {
  readonly receiver: Receiver;
  readonly line?: SocketLine;
  readonly http?: ReturnType<typeof createHttpReceiver>;
} {
  if (deps.mode === "socket") {
    const line = createSocketLine({ ...deps, apiUrl: deps.apiUrl });
    return { receiver: line.receiver, line };
  }
  const http = createHttpReceiver(deps);
  return { receiver: http, http };
}

async function orSurfaceError<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw toSurfaceError(error);
  }
}

/** Host output is not for another company's eyes. */
function withoutQuotes(card: Card): Card {
  return {
    ...card,
    proof: card.proof.map(({ quote: _, ...proof }) => proof),
    buttons: card.buttons.filter(({ action }) => action !== "evidence"),
  };
}

function withoutEvidence({ file, details: _, ...note }: ThreadNote): ThreadNote {
  const text = file === undefined ? note.text : `${note.text} ${EVIDENCE_WITHHELD}`;
  return { ...note, text, quotes: [] };
}
