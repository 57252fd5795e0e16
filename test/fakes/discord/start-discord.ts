import { sign } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createOutage, type Outage } from "../outage.ts";
import { type Body, componentsOf, isBody } from "./body-rules.ts";
import { permissionsIn } from "./channel-rules.ts";
import { type FakeGateway, openGateway } from "./gateway.ts";
import { applyAck } from "./interaction-routes.ts";
import { createRateLimits, type RateLimits } from "./rate-limits.ts";
import { type ReaderView, readMessage } from "./read-message.ts";
import { Refused } from "./rest-answer.ts";
import { answerRest } from "./rest-routes.ts";
import {
  type Channel,
  channelBody,
  type Interaction,
  makeWorld,
  memberOf,
  messageBody,
  type StoredMessage,
  type World,
} from "./world.ts";

/** Who does something, and where; the operators' own guild and channel when left out. */
export interface From {
  readonly by?: string;
  readonly channelId?: string;
  /** Anything else of the payload, to send what Discord would send for strangers. */
  readonly payload?: Body;
}

/** What somebody sees of one message. */
export interface SeenMessage extends ReaderView {
  readonly id: string;
  readonly channelId: string;
  readonly edits: number;
  readonly flags: number;
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

/**
 * Discord on 127.0.0.1: REST v10, gateway and signed HTTP interactions for an unmodified client library, with its clocks, limits and
 * refusals; and what a test does as a person, and sees as one.
 */
export interface FakeDiscord
  extends Pick<World, "token" | "applicationId" | "guildId" | "channelId" | "strangeGuildId"> {
  /** For `rest.api`. */
  readonly apiUrl: string;
  /** 64 hex digits. */
  readonly publicKey: string;
  readonly world: World;
  readonly gateway: FakeGateway;
  readonly limits: RateLimits;
  readonly outage: Outage;
  /** `/diagnose502 site:…` */
  command(text: string | undefined, from?: From): Interaction;
  autocomplete(typed: string, from?: From): Interaction;
  /** Presses a button, by label or custom id, of a message in a channel or of an answer. @throws when it is not there. */
  press(messageId: string, button: string, from?: From): Interaction;
  /** Chooses from a select menu. */
  choose(messageId: string, customId: string, value: string, from?: From): Interaction;
  /** What the person who started it sees: the answers, newest state. */
  answers(interaction: Interaction): readonly SeenMessage[];
  /** Messages of a channel or thread, oldest first. */
  messages(channelId?: string): readonly SeenMessage[];
  remove(messageId: string): void;
  /** Takes a permission of the bot away, in one channel and its threads. */
  deny(permission: bigint, channelId?: string): void;
  addMember(member: {
    readonly id: string;
    readonly name: string;
    readonly roles?: readonly string[];
    readonly isBot?: boolean;
  }): void;
  /** From now on interactions go to this address and no longer to the gateway. */
  sendInteractionsTo(url: string | undefined): void;
  /** Posts any body to the interactions address; `headers` replace the proper ones. Resolves with the status. */
  deliver(
    body: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly text: string }>;
  /** The headers Discord would send with this body. */
  signatureOf(body: string, timestamp?: string): Readonly<Record<string, string>>;
  /** Moves Discord's clock. */
  advance(ms: number): void;
  goDown(): void;
  goUp(): void;
  revokeToken(): void;
  /** Resolves as soon as it holds; @throws after ten seconds, naming `what`. */
  until(what: string, holds: () => boolean): Promise<void>;
  close(): Promise<void>;
}

const MEMBER = "100000000000000001";

/** `beatEveryMs`: what clients are told to send heartbeats at; whoever gets no answer to one comes again. */
export async function startDiscord({ beatEveryMs = 41_250 } = {}): Promise<FakeDiscord> {
  let offsetMs = 0;
  const waiters = new Set<() => void>();
  const changed = () => {
    for (const waiter of [...waiters]) waiter();
  };
  const world = makeWorld({ now: () => Date.now() + offsetMs, changed });
  const limits = createRateLimits();
  const server = createServer((request, response) => {
    if (outage.takes(request, response)) return;
    void serve(request, response).catch((error: unknown) => response.destroy(Error(String(error))));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const gateway = openGateway(world, server, {
    url: () => `ws://127.0.0.1:${port}`,
    beatEveryMs,
    outage: () => outage,
  });
  const outage = createOutage(server, { lines: gateway.lines, retryAfterS: () => limits.outageS });
  let endpoint: string | undefined;
  world.members.set(MEMBER, { id: MEMBER, name: "ana", roles: [] });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? "GET";
    const path = decodeURIComponent(request.url ?? "")
      .replace(/^\/api\/v10/, "")
      .replace(/\?.*$/, "");
    const { body, files } = await readBody(request);
    const hasToken = request.headers.authorization === `Bot ${world.token}`;
    const { headers, refusal } = limits.take(`${method} ${path}`);
    const reply = (status: number, json: unknown) => {
      world.requests.push(`${method} ${path} ${status}`);
      const type = status === 204 ? "text/html; charset=utf-8" : "application/json";
      response.writeHead(status, { "content-type": type, ...headers });
      response.end(status === 204 ? undefined : JSON.stringify(json));
      world.changed();
    };
    if (refusal !== undefined) return reply(refusal.status, refusal.body);
    try {
      const answer = answerRest(world, { method, path, body, files, hasToken });
      reply(answer.status, path === "/gateway/bot" ? gatewayBot() : answer.body);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { status, code, message, errors } = error.refusal;
      reply(status, { code, message, ...(errors === undefined ? {} : { errors }) });
    }
  }

  function gatewayBot(): Body {
    const limit = {
      total: 1000,
      remaining: 1000 - gateway.counts.identified,
      reset_after: 60_000,
      max_concurrency: 16,
    };
    return { url: `ws://127.0.0.1:${port}`, shards: 1, session_start_limit: limit };
  }

  function start(
    type: number,
    data: Body,
    { by = MEMBER, channelId = world.channelId, payload = {} }: From,
    message?: StoredMessage,
  ): Interaction {
    const member = world.members.get(by) ?? { id: by, name: "nobody", roles: [] };
    const channel = channelOf(channelId);
    const id = world.nextId();
    const token = `aW50ZXJhY3Rpb24.${id}`;
    const full: Body = {
      id,
      application_id: world.applicationId,
      type,
      data,
      token,
      version: 1,
      guild_id: world.guildId,
      guild: { id: world.guildId, locale: "en-US", features: [] },
      guild_locale: "en-US",
      locale: "en-US",
      channel_id: channelId,
      channel: channelBody(channel),
      member: memberOf(member),
      app_permissions: String(permissionsIn(world, channel)),
      entitlements: [],
      authorizing_integration_owners: { "0": world.guildId },
      context: 0,
      attachment_size_limit: world.attachmentBytes,
      ...(message === undefined ? {} : { message: messageBody(world, message) }),
      ...payload,
    };
    const interaction: Interaction = {
      id,
      token,
      payload: JSON.parse(JSON.stringify(full)),
      createdAt: world.now(),
      ack: undefined,
      acks: 0,
      answers: [],
    };
    world.interactions.set(id, interaction);
    if (endpoint === undefined) gateway.dispatch("INTERACTION_CREATE", interaction.payload);
    else void deliverInteraction(interaction);
    return interaction;
  }

  async function deliverInteraction(interaction: Interaction): Promise<void> {
    const { status, text } = await deliver(JSON.stringify(interaction.payload)).catch((error: unknown) => ({
      status: 0,
      text: String(error),
    }));
    world.requests.push(`interaction delivered ${status}`);
    if (status === 200) {
      try {
        applyAck(world, interaction, JSON.parse(text));
      } catch (error) {
        world.requests.push(`interaction answer refused: ${String(error)}`);
      }
    }
    world.changed();
  }

  async function deliver(body: string, headers?: Readonly<Record<string, string>>) {
    const signed = { "content-type": "application/json", ...signatureOf(body), ...headers };
    const response = await fetch(endpoint ?? "", { method: "POST", body, headers: signed });
    return { status: response.status, text: await response.text() };
  }

  function signatureOf(body: string, timestamp = String(Math.floor(world.now() / 1000))) {
    const signature = sign(null, Buffer.from(timestamp + body), world.keys.privateKey).toString("hex");
    return { "x-signature-ed25519": signature, "x-signature-timestamp": timestamp };
  }

  function channelOf(id: string): Channel {
    const found = world.channels.get(id);
    if (found === undefined) throw new Error(`no channel ${id}`);
    return found;
  }

  function anyMessage(id: string): StoredMessage {
    const answers = [...world.interactions.values()].flatMap(({ answers: all }) => all);
    const found = world.messages.get(id) ?? answers.find((answer) => answer.id === id);
    if (found === undefined) throw new Error(`no message ${id}`);
    return found;
  }

  function componentOf(message: StoredMessage, name: string): Body {
    const found = componentsOf(message.body.components).find(
      ({ label, custom_id, disabled }) => (label === name || custom_id === name) && disabled !== true,
    );
    if (found === undefined) throw new Error(`no button ${name} on ${JSON.stringify(message.body)}`);
    return found;
  }

  const use = (messageId: string, name: string, from: From, data: Body) => {
    const message = anyMessage(messageId);
    const { type, custom_id } = componentOf(message, name);
    return start(
      3,
      { component_type: type, custom_id, ...data },
      { channelId: message.channelId, ...from },
      message,
    );
  };

  return {
    token: world.token,
    applicationId: world.applicationId,
    guildId: world.guildId,
    channelId: world.channelId,
    strangeGuildId: world.strangeGuildId,
    apiUrl: `http://127.0.0.1:${port}/api`,
    publicKey: world.keys.publicKey,
    world,
    gateway,
    limits,
    outage,
    command: (text, from = {}) => start(2, commandData(world, text, false), from),
    autocomplete: (typed, from = {}) => start(4, commandData(world, typed, true), from),
    press: (messageId, button, from = {}) => use(messageId, button, from, {}),
    choose: (messageId, customId, value, from = {}) => use(messageId, customId, from, { values: [value] }),
    answers: ({ answers }) => answers.map(see),
    messages: (channelId = world.channelId) =>
      [...world.messages.values()].filter((message) => message.channelId === channelId).map(see),
    remove(messageId) {
      world.messages.delete(messageId);
    },
    deny(permission, channelId = world.channelId) {
      const channel = channelOf(channelId);
      channel.permissions = permissionsIn(world, channel) & ~permission;
    },
    addMember({ id, name, roles = [], isBot = false }) {
      world.members.set(id, { id, name, roles, isBot });
    },
    sendInteractionsTo(url) {
      endpoint = url;
    },
    deliver,
    signatureOf,
    advance(ms) {
      offsetMs += ms;
    },
    goDown() {
      outage.begin("cut");
    },
    goUp() {
      void outage.end();
    },
    revokeToken() {
      world.isTokenRevoked = true;
    },
    until(what, holds) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiters.delete(look);
          reject(new Error(`never happened: ${what}\n${world.requests.slice(-20).join("\n")}`));
        }, 10_000);
        function look(): void {
          if (!holds()) return;
          clearTimeout(timer);
          waiters.delete(look);
          resolve();
        }
        waiters.add(look);
        look();
      });
    },
    async close() {
      await gateway.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function commandData(world: World, text: string | undefined, focused: boolean): Body {
  const [command] = world.commands.get(world.guildId) ?? [];
  const options =
    text === undefined ? [] : [{ name: "site", type: 3, value: text, ...(focused ? { focused: true } : {}) }];
  return {
    id: String(command?.id ?? "0"),
    name: String(command?.name ?? ""),
    type: 1,
    guild_id: world.guildId,
    options,
  };
}

function see(message: StoredMessage): SeenMessage {
  const { id, channelId, body, edits, files } = message;
  const seenFiles = files.map(({ name, data }) => ({ name, text: data.toString("utf8") }));
  return { ...readMessage(body), id, channelId, edits, flags: Number(body.flags ?? 0), files: seenFiles };
}

/** JSON, or a form whose `payload_json` is the JSON and whose `files[n]` are the attachments. */
async function readBody(
  request: IncomingMessage,
): Promise<{ body: Body; files: { name: string; data: Buffer }[] }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const raw = Buffer.concat(chunks);
  const type = request.headers["content-type"] ?? "";
  if (!type.startsWith("multipart/form-data")) return { body: parse(raw.toString("utf8")), files: [] };
  const form = await new Response(raw, { headers: { "content-type": type } }).formData();
  const files: { name: string; data: Buffer }[] = [];
  for (const [key, value] of form) {
    if (!key.startsWith("files[") || typeof value === "string") continue;
    files.push({ name: value.name, data: Buffer.from(await value.arrayBuffer()) });
  }
  return { body: parse(String(form.get("payload_json") ?? "")), files };
}

function parse(text: string): Body {
  if (text === "") return {};
  const value: unknown = JSON.parse(text);
  if (isBody(value)) return value;
  return Array.isArray(value) ? { ...value } : {};
}
