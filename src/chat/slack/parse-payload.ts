import { z } from "zod";
import type { Person, Place } from "../../incident/person.ts";
import type { ButtonAction } from "../../report/card.ts";
import { parseActionId } from "./action-id.ts";

/** Who did something, and where, as a payload that Slack signed or sent over our own socket says. */
export interface Origin {
  readonly person: Person;
  readonly place: Place;
  /** Takes five private answers within half an hour, wherever it was asked. */
  readonly responseUrl: string;
}

const text = z.string();
const id = z.string().min(1).max(64);

const Command = z.object({
  team_id: id,
  channel_id: id,
  user_id: id,
  user_name: text.optional(),
  text: text.optional(),
  trigger_id: text,
  response_url: z.url(),
});

/** `/diagnose502 <text>`. */
export interface TypedCommand extends Origin {
  readonly text: string;
  readonly triggerId: string;
}

/** @throws {z.ZodError} for what is no slash command. */
export function parseCommand(body: unknown): TypedCommand {
  const command = Command.parse(body);
  const team = { id: command.team_id };
  const user = { id: command.user_id, name: command.user_name };
  return {
    ...originOf({ team, user, channel: command.channel_id, responseUrl: command.response_url }),
    text: (command.text ?? "").trim(),
    triggerId: command.trigger_id,
  };
}

const Team = z.object({ id }).nullish();
const User = z.object({ id, name: text.optional(), username: text.optional(), team_id: id.optional() });

const Click = z.object({
  team: Team,
  user: User,
  channel: z.object({ id }).nullish(),
  message: z.object({ ts: id }).nullish(),
  response_url: z.url().optional(),
  actions: z
    .array(
      z.object({
        action_id: text,
        value: text.optional(),
        selected_option: z.object({ value: text }).nullish(),
      }),
    )
    .min(1),
});

/** A click: on one of our buttons, on a site to choose, or on something we no longer know. */
export type ParsedClick =
  | (Origin & {
      readonly kind: "button";
      readonly action: ButtonAction;
      readonly value: string;
      readonly messageId: string;
    })
  | (Origin & { readonly kind: "site"; readonly site: string })
  | { readonly kind: "other" };

/** @throws {z.ZodError} for what is no click. */
export function parseClick(body: unknown): ParsedClick {
  const { team, user, channel, message, actions, response_url: responseUrl } = Click.parse(body);
  const [clicked] = actions;
  if (clicked === undefined || !channel || responseUrl === undefined) return { kind: "other" };
  const origin = originOf({ team, user, channel: channel.id, responseUrl });
  const site = clicked.selected_option?.value;
  if (site !== undefined) return { kind: "site", site, ...origin };
  const action = parseActionId(clicked.action_id);
  if (action === undefined || !message) return { kind: "other" };
  return { kind: "button", action, value: clicked.value ?? "", messageId: message.ts, ...origin };
}

/** What a modal carries along, so that its answer knows where it was asked for. */
const ModalMetadata = z.object({ channel: id, responseUrl: z.url() });

export function makeModalMetadata({ place, responseUrl }: Origin): string {
  return JSON.stringify({ channel: place.channel, responseUrl } satisfies z.infer<typeof ModalMetadata>);
}

const Submission = z.object({
  team: Team,
  user: User,
  view: z.object({
    private_metadata: text,
    state: z.object({
      values: z.record(
        text,
        z.record(text, z.object({ selected_option: z.object({ value: text }).nullish() })),
      ),
    }),
  }),
});

/** The site that was chosen in the modal. @throws {z.ZodError} for what is no submission of it. */
export function parseSubmission(body: unknown): Origin & { readonly site: string | undefined } {
  const { team, user, view } = Submission.parse(body);
  const metadata = ModalMetadata.parse(JSON.parse(view.private_metadata));
  const chosen = Object.values(view.state.values).flatMap((actions) => Object.values(actions));
  const site = chosen.find(({ selected_option }) => selected_option)?.selected_option?.value;
  return { ...originOf({ team, user, ...metadata }), site };
}

const HomeOpened = z.object({ team_id: id, event: z.object({ user: id, tab: text }) });

/** @throws {z.ZodError} for another event. */
export function parseHomeOpened(body: unknown): {
  readonly workspace: string;
  readonly user: string;
  readonly tab: string;
} {
  const { team_id: workspace, event } = HomeOpened.parse(body);
  return { workspace, user: event.user, tab: event.tab };
}

/** The person is of the workspace that their own account says, which in a shared channel is not the channel's. */
function originOf(from: {
  readonly team: z.infer<typeof Team>;
  readonly user: z.infer<typeof User>;
  readonly channel: string;
  readonly responseUrl: string;
}): Origin {
  const { team, user, channel, responseUrl } = from;
  const workspace = team?.id ?? "";
  const person = {
    surface: "slack" as const,
    workspace: user.team_id ?? workspace,
    id: user.id,
    name: user.name ?? user.username ?? user.id,
  };
  return { person, place: { surface: "slack", workspace, channel }, responseUrl };
}
