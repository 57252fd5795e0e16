import { createHash } from "node:crypto";
import { RESTJSONErrorCodes } from "discord.js";
import type { Place } from "../../incident/person.ts";
import type { Card } from "../../report/card.ts";
import type { Log } from "../../workflow/log.ts";
import type { Bot, Surface } from "../../workflow/surface.ts";
import { DISCORD } from "../limits.ts";
import { createAnswerInteraction } from "./answer-interaction.ts";
import { createDiscordApi } from "./discord-api.ts";
import { DiscordKeyError, DiscordTokenError } from "./discord-errors.ts";
import { editMessage } from "./edit-message.ts";
import type { MessageBody } from "./message-body.ts";
import { type Gateway, openGateway } from "./open-gateway.ts";
import { createReceiveInteractions } from "./receive-interactions.ts";
import { registerCommand } from "./register-command.ts";
import { renderCard, renderHeadlineOnly, renderThreadName } from "./render-card.ts";
import { createRoleBook } from "./role-book.ts";
import { sendNote } from "./send-note.ts";
import { hasCode, isRefused, isTokenRefused, toSurfaceError } from "./surface-errors.ts";
import { parsePublicKey } from "./verify-signature.ts";

/** How interactions reach us. Over the gateway every process gets every interaction; several replicas share the work over HTTP. */
export type DiscordMode =
  | { readonly kind: "gateway" }
  | {
      readonly kind: "http";
      /** 64 hex digits, from the developer portal. */
      readonly publicKey: string;
    };

export interface DiscordSurface extends Surface {
  /** For the web server to mount; undefined over the gateway. */
  readonly receiveInteractions: ((request: Request) => Promise<Response>) | undefined;
  /** Whether interactions can reach us right now, as far as we can tell. */
  isConnected(): boolean;
}

/** Edits of one message: Discord takes about five in five seconds for a whole channel. */
const EDIT_EVERY_MS = 1500;
const START_WITHIN_MS = 10_000;
const RETRY_MS = [2000, 5000, 15_000, 60_000];
/** After a refusal for good, which Discord takes back at times. Rarely: it counts how often a bot begins a session, a thousand a day. */
const REFUSED_RETRY_MS = [5000, 60_000, 600_000];
/** A connection that stood so long was a good one. */
const LASTING_MS = 60_000;

/** The incidents of one Discord server. @throws {DiscordKeyError} for a public key that is none. */
export function createDiscordSurface(deps: {
  readonly token: string;
  /** `https://discord.com/api` unless told. */
  readonly apiUrl?: string;
  readonly mode: DiscordMode;
  /** The one server that may talk to us. */
  readonly guild: string;
  readonly bot: Bot;
  /** True the first time this proof is seen, by whichever process. */
  readonly isNewProof: (proof: string) => Promise<boolean>;
  readonly log: Log;
  /** Epoch ms. */
  readonly now: () => number;
  /** Rejects when aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}): DiscordSurface {
  const { token, apiUrl, mode, guild, bot, isNewProof, log, now, sleep } = deps;
  const address = apiUrl === undefined ? {} : { apiUrl };
  const api = createDiscordApi({ token, ...address });
  const roles = createRoleBook({ fetchRoles: (person) => api.rolesOf(guild, person), now });
  /** Messages whose thread could not be begun yet, by key: Discord remembers a nonce for minutes, and may ask us to wait longer. */
  const threadless = new Map<string, string>();
  const stopping = new AbortController();
  let gateway: Gateway | undefined;
  let isUp = false;
  let upAt = 0;
  let refusals = 0;

  const answerInteraction = createAnswerInteraction({ api, bot, roles, guild, isNewProof, now, log });

  /** Everything that must work once before interactions can come in. */
  async function bringUp(): Promise<void> {
    await registerCommand(api, await api.applicationId(), guild);
    stopping.signal.throwIfAborted();
    if (mode.kind === "gateway") {
      await gateway?.close();
      gateway = openGateway({
        token,
        ...address,
        onInteraction: (payload) => void answerInteraction(payload, api.acknowledge),
        onRefused: () => void comeBack(),
        log,
      });
      await gateway.connect();
    }
    isUp = true;
    upAt = now();
  }

  async function comeBack(): Promise<void> {
    // else somebody is at it
    if (!isUp) return;
    isUp = false;
    if (now() - upAt >= LASTING_MS) refusals = 0;
    const waitMs = REFUSED_RETRY_MS[refusals++] ?? REFUSED_RETRY_MS.at(-1) ?? 0;
    await sleep(waitMs, stopping.signal).catch(() => undefined);
    await bringUpWhilePossible().catch(sayOff);
  }

  function sayOff(error: unknown): void {
    log.error({ surface: "discord", reason: String(error) }, "Discord is off");
  }

  /** @throws {DiscordTokenError} only: whatever else fails is tried again. */
  async function bringUpWhilePossible(): Promise<void> {
    for (let attempt = 0; !stopping.signal.aborted; attempt++) {
      try {
        return await bringUp();
      } catch (error) {
        if (isTokenRefused(error)) throw new DiscordTokenError(error);
        log.warn({ surface: "discord", reason: String(error) }, "cannot start yet; trying again");
      }
      await sleep(RETRY_MS[attempt] ?? RETRY_MS.at(-1) ?? 0, stopping.signal).catch(() => undefined);
    }
  }

  return {
    name: "discord",
    workspace: () => guild,
    editEveryMs: EDIT_EVERY_MS,
    receiveInteractions:
      mode.kind === "http"
        ? createReceiveInteractions({
            key: keyOf(mode.publicKey),
            api,
            answerInteraction,
            isNewProof,
            now,
            log,
          })
        : undefined,
    isConnected: () => isUp && (gateway?.isConnected() ?? mode.kind === "http"),

    async start() {
      const waiting = new AbortController();
      let isSettled = false;
      const up = bringUpWhilePossible().finally(() => {
        isSettled = true;
        waiting.abort();
      });
      up.catch(sayOff);
      // where Discord is down, the rest of the bot must not wait for it
      const late = sleep(START_WITHIN_MS, waiting.signal).catch(() => undefined);
      await Promise.race([up, late]);
      if (isSettled) await up;
    },

    async stop() {
      stopping.abort();
      await gateway?.close();
    },

    async post(place, card, key) {
      return orSurfaceError(async () => {
        const messageId = await postOnce(place, card, key);
        threadless.set(key, messageId);
        const threadId = await threadOf(place, messageId, renderThreadName(card));
        threadless.delete(key);
        return { messageId, threadId };
      });
    },

    async update(place, { messageId }, card) {
      await orSurfaceError(() =>
        show(card, (body) => editMessage(api, { channel: place.channel, message: messageId }, body)),
      );
    },

    async reply(place, { threadId }, note) {
      const nonce = nonceOf(`${threadId} ${note.key}`);
      await orSurfaceError(async () => {
        try {
          await sendNote(note, { channel: threadId, nonce }, { api, log });
        } catch (error) {
          // a thread that people deleted or locked does not end the incident
          if (threadId === place.channel || !isRefused(error)) throw error;
          await sendNote(note, { channel: place.channel, nonce }, { api, log });
        }
      });
    },

    isMember(group, person) {
      if (person.surface !== "discord" || person.workspace !== guild) return Promise.resolve(false);
      if (!group.startsWith("role:")) return Promise.resolve(false);
      return orSurfaceError(() => roles.has(person.id, group.slice("role:".length)));
    },
  };

  async function postOnce({ channel }: Place, card: Card, key: string): Promise<string> {
    const known = threadless.get(key);
    const { id, isOlder } =
      known === undefined
        ? await show(card, (body) => api.createMessage(channel, body, { nonce: nonceOf(key) }))
        : { id: known, isOlder: true };
    // it was posted before, and the card has changed since
    if (isOlder) await show(card, (body) => editMessage(api, { channel, message: id }, body));
    return id;
  }

  /** The card; should Discord refuse how we draw it, its first line alone is better than nothing. */
  async function show<Sent>(card: Card, send: (body: MessageBody) => Promise<Sent>): Promise<Sent> {
    try {
      return await send(renderCard(card));
    } catch (error) {
      if (!hasCode(error, RESTJSONErrorCodes.InvalidFormBodyOrContentType)) throw error;
      log.error({ surface: "discord", incident: card.incident, reason: String(error) }, "a card was refused");
      return send(renderHeadlineOnly(card));
    }
  }

  /** The thread of a message, begun unless it is there; replies go to the channel itself where threads cannot be. */
  async function threadOf({ channel }: Place, messageId: string, name: string): Promise<string> {
    try {
      return await api.startThread(channel, messageId, name);
    } catch (error) {
      if (hasCode(error, RESTJSONErrorCodes.ThreadAlreadyCreatedForMessage)) return messageId;
      if (!isRefused(error)) throw error;
      log.warn({ surface: "discord", channel, reason: String(error) }, "no thread can be started here");
      return channel;
    }
  }
}

function keyOf(publicKey: string) {
  const key = parsePublicKey(publicKey);
  if (key === undefined) throw new DiscordKeyError(publicKey);
  return key;
}

/** Keys are longer than a nonce may be. */
function nonceOf(key: string): string {
  return createHash("sha256").update(key).digest("base64url").slice(0, DISCORD.nonce);
}

async function orSurfaceError<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw toSurfaceError(error);
  }
}
