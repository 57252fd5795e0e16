import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { refuseBlocks } from "./block-rules.ts";
import { type Body, bodiesOf, isBody, parseField, stringOf } from "./body.ts";
import { type Answer, createDeliveries, type Deliveries } from "./deliveries.ts";
import { createRateLimits, type RateLimits } from "./rate-limits.ts";
import { type ReaderView, readMessage } from "./read-message.ts";
import { openSocketMode, type SocketMode } from "./socket-mode.ts";
import { ApiError, callMethod } from "./web-api.ts";
import {
  createWorld,
  type Ephemeral,
  type Modal,
  type StoredFile,
  type StoredMessage,
  type World,
} from "./world.ts";

const TRIGGER_MS = 3000;
const RESPONSE_URL_MS = 30 * 60_000;
const RESPONSE_URL_USES = 5;

/** Who does something, and where. What is left out is Ana of our team in `#incidents`. */
export interface From {
  readonly user?: string;
  readonly name?: string;
  readonly channel?: string;
  /** The workspace the payload is of. */
  readonly team?: string;
  /** The workspace the person is of, where it differs. */
  readonly userTeam?: string;
}

/** A message as its reader sees it, and where. */
export interface SeenMessage extends ReaderView {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | undefined;
  readonly edits: number;
  readonly unfurls: boolean;
  readonly files: readonly StoredFile[];
  readonly blocks: readonly unknown[];
}

export interface SeenEphemeral extends ReaderView {
  readonly channel: string;
  readonly user: string;
  readonly via: Ephemeral["via"];
}

/** A workspace of Slack on this machine, spoken to by unmodified clients; what a test does in it, people and Slack itself would. */
export interface FakeSlack {
  readonly world: World;
  readonly limits: RateLimits;
  readonly deliveries: Deliveries;
  readonly sockets: Pick<SocketMode, "count" | "disconnect" | "cut">;
  /** Ends in `/api/`. */
  readonly apiUrl: string;
  readonly channelId: string;
  slashCommand(text: string, from?: From): Promise<Answer>;
  /** Presses the button with this label. `as`: changes to the payload, as a forger would make them. */
  press(message: SeenMessage, label: string, from?: From, as?: Body): Promise<Answer>;
  /** Chooses in a menu of a private answer. */
  choose(ephemeral: SeenEphemeral, value: string, from?: From): Promise<Answer>;
  /** Types into the select of a modal; the labels that are offered. */
  suggest(modal: Modal, typed: string, from?: From): Promise<readonly string[]>;
  submit(modal: Modal, chosen: string | undefined, from?: From): Promise<Answer>;
  openHome(from?: From): Promise<Answer>;
  home(user?: string): ReaderView | undefined;
  /** Messages of a channel, without those in threads. */
  messages(channel?: string): readonly SeenMessage[];
  thread(ts: string): readonly SeenMessage[];
  /** What one person was told privately, oldest first. */
  told(user?: string): readonly SeenEphemeral[];
  modals(): readonly Modal[];
  goDown(): void;
  goUp(): void;
  advance(ms: number): void;
  /** Resolves as soon as it holds; looked at after every change. */
  until(what: string, holds: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

export async function startSlack(): Promise<FakeSlack> {
  let offsetMs = 0;
  const waiters = new Set<() => void>();
  const now = () => Date.now() + offsetMs;
  const changed = () => {
    for (const look of [...waiters]) look();
  };
  const world = createWorld({ now, changed });
  const limits = createRateLimits(now);
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      world.requests.push(`the double failed: ${error}`);
      response.destroy();
    });
  });
  const socketMode = openSocketMode(server, world);
  const deliveries = createDeliveries(world, socketMode);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  world.baseUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    if (world.isDown) {
      request.socket.destroy();
      return;
    }
    const [, kind = "", name = ""] = (request.url ?? "").split("/");
    if (kind === "api") answerApi(name, body, request.headers.authorization ?? "", response);
    else if (kind === "upload") answerUpload(name, body, request.headers["content-type"] ?? "", response);
    else if (kind === "response") answerResponseUrl(name, body.toString("utf8"), response);
    else response.writeHead(404).end();
    changed();
  }

  function answerApi(name: string, body: Buffer, authorization: string, response: ServerResponse): void {
    const form = new URLSearchParams(body.toString("utf8"));
    const args = Object.fromEntries([...form].map(([field, value]) => [field, parseField(value)]));
    const retryAfterS = limits.take(name, stringOf(args.channel));
    if (retryAfterS !== undefined) {
      world.requests.push(`${name} ratelimited`);
      response.writeHead(429, { "retry-after": String(retryAfterS), "content-type": "application/json" });
      response.end(JSON.stringify({ ok: false, error: "ratelimited" }));
      return;
    }
    const token = authorization.replace(/^Bearer /, "") || stringOf(args.token);
    let result: Body;
    try {
      result = callMethod(name, args, token, world);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      result = error.answer;
    }
    world.requests.push(`${name} ${result.ok === true ? "ok" : result.error}`);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result));
  }

  function answerUpload(id: string, body: Buffer, contentType: string, response: ServerResponse): void {
    const file = world.files.get(id);
    const content = contentType.startsWith("multipart/form-data") ? contentOfForm(body) : body;
    if (file === undefined || content.length !== file.length) {
      response.writeHead(400).end("bad length");
      return;
    }
    file.content = content;
    response.writeHead(200).end(`OK - ${content.length}`);
  }

  function answerResponseUrl(id: string, body: string, response: ServerResponse): void {
    const known = world.responseUrls.get(id);
    if (known === undefined || now() > known.expiresAt || known.uses >= RESPONSE_URL_USES) {
      const error = known === undefined || now() > known.expiresAt ? "expired_url" : "used_url";
      world.requests.push(`response_url ${error}`);
      response.writeHead(404).end(JSON.stringify({ ok: false, error }));
      return;
    }
    known.uses += 1;
    const refusal = tell(JSON.parse(body), known, "response_url");
    world.requests.push(`response_url ${refusal ?? "ok"}`);
    response.writeHead(refusal === undefined ? 200 : 500).end(refusal ?? "ok");
  }

  /** Text for one person; the error when its blocks are refused. */
  function tell(
    said: unknown,
    { channel, user }: { readonly channel: string; readonly user: string },
    via: Ephemeral["via"],
  ): string | undefined {
    if (!isBody(said)) return "invalid_payload";
    const text = stringOf(said.text);
    const blocks = Array.isArray(said.blocks) ? said.blocks : [];
    if (text === "" && blocks.length === 0) return said.delete_original === true ? undefined : "no_text";
    const refusal = blocks.length === 0 ? undefined : refuseBlocks(blocks, "message");
    if (refusal !== undefined) return refusal.error;
    if (said.response_type === "in_channel") return "the answer would be public";
    world.ephemerals.push({ channel, user, text, blocks, via });
    return undefined;
  }

  function makeTrigger(user: string): string {
    const id = world.nextId("trigger-");
    world.triggers.set(id, { user, expiresAt: now() + TRIGGER_MS, isUsed: false });
    return id;
  }

  function makeResponseUrl(channel: string, user: string): string {
    const id = world.nextId("response-");
    world.responseUrls.set(id, { channel, user, expiresAt: now() + RESPONSE_URL_MS, uses: 0 });
    return `${world.baseUrl}/response/${id}`;
  }

  const whoOf = ({
    user = "U0ANA",
    name = "ana",
    channel = "C0INCIDENTS",
    team = world.teamId,
    userTeam,
  }: From) => ({
    user,
    name,
    channel,
    team,
    userTeam: userTeam ?? team,
  });

  /** What every interaction tells about who and where. */
  function interaction(type: string, from: From): Body {
    const { user, name, channel, team, userTeam } = whoOf(from);
    return {
      type,
      api_app_id: world.appId,
      team: { id: team, domain: "example" },
      enterprise: null,
      is_enterprise_install: false,
      user: { id: user, username: name, name, team_id: userTeam },
      trigger_id: makeTrigger(user),
      ...(type === "block_actions" ? { channel: { id: channel, name: "incidents" } } : {}),
    };
  }

  /** The private answer that an acknowledgement can carry. */
  async function sendAndTell(kind: "command" | "interactive", payload: Body, from: From): Promise<Answer> {
    const { user, channel } = whoOf(from);
    const answered = await deliveries.send(kind, payload);
    if (answered.acked && isBody(answered.payload) && Object.keys(answered.payload).length > 0) {
      const refusal =
        kind === "command" ? tell(answered.payload, { channel, user }, "acknowledgement") : undefined;
      if (refusal !== undefined) world.requests.push(`acknowledgement ${refusal}`);
    }
    changed();
    return answered;
  }

  function actionOf(blocks: readonly unknown[], isIt: (element: Body) => boolean): Body {
    for (const block of bodiesOf(blocks)) {
      const found = bodiesOf(block.elements).find(isIt);
      if (found !== undefined)
        return { ...found, block_id: stringOf(block.block_id) || "b1", action_ts: world.nextTs() };
    }
    throw new Error(`no such element in ${JSON.stringify(blocks)}`);
  }

  const see = (message: StoredMessage): SeenMessage => ({ ...message, ...readMessage(message) });

  return {
    world,
    limits,
    deliveries,
    sockets: socketMode,
    apiUrl: `${world.baseUrl}/api/`,
    channelId: "C0INCIDENTS",
    slashCommand(text, from = {}) {
      const { user, name, channel, team } = whoOf(from);
      const payload = {
        token: "legacy",
        team_id: team,
        team_domain: "example",
        channel_id: channel,
        channel_name: "incidents",
        user_id: user,
        user_name: name,
        command: world.command,
        text,
        api_app_id: world.appId,
        is_enterprise_install: "false",
        response_url: makeResponseUrl(channel, user),
        trigger_id: makeTrigger(user),
      };
      return sendAndTell("command", payload, from);
    },
    press({ channel, ts, blocks }, label, from = {}, as = {}) {
      const element = actionOf(
        blocks,
        ({ type, text }) => type === "button" && isBody(text) && text.text === label,
      );
      const where = { channel, ...from };
      const payload = {
        ...interaction("block_actions", where),
        container: { type: "message", message_ts: ts, channel_id: where.channel, is_ephemeral: false },
        message: { type: "message", ts, user: world.botUserId, bot_id: "B0BOT" },
        actions: [element],
        response_url: makeResponseUrl(where.channel, whoOf(where).user),
        ...as,
      };
      return sendAndTell("interactive", payload, where);
    },
    choose({ channel }, value, from = {}) {
      const where = { channel, ...from };
      const { user } = whoOf(where);
      const shown = world.ephemerals.findLast((one) => one.user === user && one.blocks.length > 0);
      const element = actionOf(shown?.blocks ?? [], ({ type }) => type === "static_select");
      const option = bodiesOf(element.options).find((one) => one.value === value);
      if (option === undefined) throw new Error(`${value} is no option of ${JSON.stringify(element)}`);
      const payload = {
        ...interaction("block_actions", where),
        container: {
          type: "message",
          message_ts: world.nextTs(),
          channel_id: where.channel,
          is_ephemeral: true,
        },
        actions: [{ ...element, selected_option: option }],
        response_url: makeResponseUrl(where.channel, user),
      };
      return sendAndTell("interactive", payload, where);
    },
    async suggest({ view }, typed, from = {}) {
      const { block_id, action_id } = selectOf(view);
      const payload = { ...interaction("block_suggestion", from), view, block_id, action_id, value: typed };
      const { payload: answered } = await deliveries.send("interactive", payload);
      return isBody(answered)
        ? bodiesOf(answered.options).map(({ text }) => (isBody(text) ? stringOf(text.text) : ""))
        : [];
    },
    async submit(modal, chosen, from = {}) {
      const { block_id, action_id } = selectOf(modal.view);
      const option =
        chosen === undefined ? null : { text: { type: "plain_text", text: chosen }, value: chosen };
      const state = {
        values: { [block_id]: { [action_id]: { type: "external_select", selected_option: option } } },
      };
      const view = { ...modal.view, id: modal.id, state };
      const answered = await sendAndTell(
        "interactive",
        { ...interaction("view_submission", from), view },
        from,
      );
      modal.isOpen =
        !answered.acked || (isBody(answered.payload) && answered.payload.response_action === "errors");
      return answered;
    },
    openHome(from = {}) {
      const { user, team } = whoOf(from);
      return deliveries.send("event", {
        type: "event_callback",
        team_id: team,
        api_app_id: world.appId,
        event_id: world.nextId("Ev"),
        event_time: Math.floor(now() / 1000),
        authorizations: [{ team_id: team, user_id: world.botUserId, is_bot: true }],
        event: { type: "app_home_opened", user, channel: "D0HOME", tab: "home", event_ts: world.nextTs() },
      });
    },
    home(user = "U0ANA") {
      const view = world.homes.get(user);
      return view === undefined ? undefined : readMessage({ text: "", blocks: bodiesOf(view.blocks) });
    },
    messages: (channel = "C0INCIDENTS") =>
      world.messages.filter((one) => one.channel === channel && one.threadTs === undefined).map(see),
    thread: (ts) => world.messages.filter(({ threadTs }) => threadTs === ts).map(see),
    told: (user = "U0ANA") =>
      world.ephemerals.filter((one) => one.user === user).map((one) => ({ ...one, ...readMessage(one) })),
    modals: () => [...world.modals.values()],
    goDown() {
      world.isDown = true;
      socketMode.cut();
    },
    goUp() {
      world.isDown = false;
    },
    advance(ms) {
      offsetMs += ms;
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
    async stop() {
      await socketMode.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function selectOf(view: Body): { readonly block_id: string; readonly action_id: string } {
  const block = bodiesOf(view.blocks).find(
    ({ element }) => isBody(element) && element.type === "external_select",
  );
  const element = isBody(block?.element) ? block.element : {};
  return { block_id: stringOf(block?.block_id), action_id: stringOf(element.action_id) };
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The one part of a multipart form. */
function contentOfForm(body: Buffer): Buffer {
  const boundary = body.subarray(0, body.indexOf("\r\n"));
  const start = body.indexOf("\r\n\r\n") + 4;
  return body.subarray(start, body.indexOf(Buffer.concat([Buffer.from("\r\n"), boundary]), start));
}
