import { tellPrivately } from "./answer-request.ts";
import { type Body, bodiesOf, isBody, stringOf } from "./body.ts";
import type { Answer, Deliveries } from "./deliveries.ts";
import type { Modal, StoredMessage, World } from "./world.ts";

const TRIGGER_MS = 3000;
const RESPONSE_URL_MS = 30 * 60_000;

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

/** What people do in a workspace; each resolves with what the app answered. */
export interface People {
  slashCommand(text: string, from?: From): Promise<Answer>;
  /** Presses the button with this label. `as`: changes to the payload, as a forger would make them. */
  press(
    message: Pick<StoredMessage, "channel" | "ts" | "blocks">,
    label: string,
    from?: From,
    as?: Body,
  ): Promise<Answer>;
  /** Types into the menu of the newest private answer that has one. */
  suggestPrivately(typed: string, from?: From): Promise<readonly string[]>;
  /** Chooses in that menu. */
  choose(value: string, from?: From): Promise<Answer>;
  /** Types into the select of a modal; the labels that are offered. */
  suggest(modal: Modal, typed: string, from?: From): Promise<readonly string[]>;
  submit(modal: Modal, chosen: string | undefined, from?: From): Promise<Answer>;
  openHome(from?: From): Promise<Answer>;
}

export function createPeople(world: World, deliveries: Deliveries): People {
  function makeTrigger(user: string): string {
    const id = world.nextId("trigger-");
    world.triggers.set(id, { user, expiresAt: world.now() + TRIGGER_MS, isUsed: false });
    return id;
  }

  function makeResponseUrl(channel: string, user: string): string {
    const id = world.nextId("response-");
    world.responseUrls.set(id, { channel, user, expiresAt: world.now() + RESPONSE_URL_MS, uses: 0 });
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

  /** What every interaction tells about who. */
  function interaction(type: string, from: From): Body {
    const { user, name, team, userTeam } = whoOf(from);
    return {
      type,
      api_app_id: world.appId,
      team: { id: team, domain: "example" },
      enterprise: null,
      is_enterprise_install: false,
      user: { id: user, username: name, name, team_id: userTeam },
      trigger_id: makeTrigger(user),
    };
  }

  function click(element: Body, from: From, about: Body): Body {
    const { user, channel } = whoOf(from);
    return {
      ...interaction("block_actions", from),
      channel: { id: channel, name: "incidents" },
      actions: [{ ...element, action_ts: world.nextTs() }],
      response_url: makeResponseUrl(channel, user),
      ...about,
    };
  }

  /** The acknowledgement of a command may carry a private answer. */
  async function send(kind: "command" | "interactive", payload: Body, from: From): Promise<Answer> {
    const answered = await deliveries.send(kind, payload);
    const { payload: said, acked } = answered;
    if (kind === "command" && acked && isBody(said) && Object.keys(said).length > 0) {
      const { channel, user } = whoOf(from);
      const refusal = tellPrivately(said, { channel, user, via: "acknowledgement", world });
      if (refusal !== undefined) world.requests.push(`acknowledgement ${refusal}`);
    }
    world.changed();
    return answered;
  }

  async function suggestions(about: Body, typed: string, from: From): Promise<readonly string[]> {
    const payload = { ...interaction("block_suggestion", from), ...about, value: typed };
    const { payload: answered } = await deliveries.send("interactive", payload);
    return isBody(answered) ? bodiesOf(answered.options).map(({ text }) => textOf(text)) : [];
  }

  function privateMenu(from: From): Body {
    const { user } = whoOf(from);
    const isMenu = ({ type }: Body) => type === "external_select";
    const menus = world.ephemerals.map((one) =>
      one.user === user ? elementOf(one.blocks, isMenu) : undefined,
    );
    const found = menus.findLast((menu) => menu !== undefined);
    if (found === undefined) throw new Error(`${user} was offered no menu`);
    return found;
  }

  return {
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
      return send("command", payload, from);
    },
    press({ channel, ts, blocks }, label, from = {}, as = {}) {
      const element = elementOf(blocks, ({ type, text }) => type === "button" && textOf(text) === label);
      if (element === undefined) throw new Error(`no button ${label} in ${JSON.stringify(blocks)}`);
      const where = { channel, ...from };
      const about = {
        container: { type: "message", message_ts: ts, channel_id: where.channel, is_ephemeral: false },
        message: { type: "message", ts, user: world.botUserId, bot_id: "B0BOT" },
        ...as,
      };
      return send("interactive", click(element, where, about), where);
    },
    suggestPrivately(typed, from = {}) {
      const { block_id, action_id } = privateMenu(from);
      return suggestions({ block_id, action_id, channel: { id: whoOf(from).channel } }, typed, from);
    },
    choose(value, from = {}) {
      const { channel } = whoOf(from);
      const element = { ...privateMenu(from), selected_option: optionOf(value) };
      const container = {
        type: "message",
        message_ts: world.nextTs(),
        channel_id: channel,
        is_ephemeral: true,
      };
      return send("interactive", click(element, from, { container }), from);
    },
    suggest: ({ view }, typed, from = {}) => suggestions({ view, ...selectOf(view) }, typed, from),
    async submit(modal, chosen, from = {}) {
      const { block_id, action_id } = selectOf(modal.view);
      const selected = chosen === undefined ? null : optionOf(chosen);
      const state = {
        values: { [block_id]: { [action_id]: { type: "external_select", selected_option: selected } } },
      };
      const view = { ...modal.view, id: modal.id, state };
      const answered = await send("interactive", { ...interaction("view_submission", from), view }, from);
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
        event_time: Math.floor(world.now() / 1000),
        authorizations: [{ team_id: team, user_id: world.botUserId, is_bot: true }],
        event: { type: "app_home_opened", user, channel: "D0HOME", tab: "home", event_ts: world.nextTs() },
      });
    },
  };
}

function textOf(value: unknown): string {
  return isBody(value) ? stringOf(value.text) : "";
}

function optionOf(value: string): Body {
  return { text: { type: "plain_text", text: value, emoji: false }, value };
}

/** The element of a block, with the id of its block as Slack fills it in. */
function elementOf(blocks: readonly unknown[], isIt: (element: Body) => boolean): Body | undefined {
  for (const block of bodiesOf(blocks)) {
    const found = bodiesOf(block.elements).find(isIt);
    if (found !== undefined) return { ...found, block_id: stringOf(block.block_id) || "aB3" };
  }
  return undefined;
}

function selectOf(view: Body): { readonly block_id: string; readonly action_id: string } {
  const block = bodiesOf(view.blocks).find(
    ({ element }) => isBody(element) && element.type === "external_select",
  );
  const element = isBody(block?.element) ? block.element : {};
  return { block_id: stringOf(block?.block_id), action_id: stringOf(element.action_id) };
}
