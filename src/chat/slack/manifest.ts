/** What people type. */
export const COMMAND = "/diagnose502";

/** What the app may do beyond the command, its messages and its buttons; each costs scopes, and all can be left out. */
export interface SlackFeatures {
  readonly files?: boolean;
  readonly userGroups?: boolean;
  readonly channels?: boolean;
}

/** A right the app asks for. */
interface SlackScope {
  readonly scope: string;
  /** What it is for; of an optional one also what is missing without it. */
  readonly says: string;
  /** Left out with this. */
  readonly feature?: keyof SlackFeatures;
}

const SCOPES: readonly SlackScope[] = [
  { scope: "commands", says: `people type ${COMMAND}` },
  { scope: "chat:write", says: "posts the card of an incident, edits it, and writes in its thread" },
  {
    scope: "files:write",
    says: "attaches raw evidence to the thread; without it only the console has it",
    feature: "files",
  },
  {
    scope: "usergroups:read",
    says: "a user group (S…) may approve; without it only people named one by one (U…)",
    feature: "userGroups",
  },
  {
    scope: "channels:read",
    says: "sees that it was not invited to a public channel, or that another company reads along; without it that company sees quotes and evidence",
    feature: "channels",
  },
  { scope: "groups:read", says: "the same of private channels", feature: "channels" },
];

/** The rights the app asks for, and why. */
export function listScopes(features: SlackFeatures): readonly SlackScope[] {
  return SCOPES.filter(({ feature }) => feature === undefined || features[feature] !== false);
}

/** Where Slack's requests arrive at the web server. */
const EVENTS_PATH = "/slack/events";

/**
 * The app as Slack's "From a manifest" takes it, as JSON. `publicUrl`: with HTTP mode, the origin that the web server is reached at from
 * outside.
 * Source: Slack, "App manifest reference".
 */
export function makeSlackManifest(
  options: { readonly features?: SlackFeatures } & (
    | { readonly mode: "socket" }
    | { readonly mode: "http"; readonly publicUrl: string }
  ),
) {
  const { features = {} } = options;
  const url = options.mode === "http" ? new URL(EVENTS_PATH, options.publicUrl).href : undefined;
  return {
    _metadata: { major_version: 2 },
    display_information: {
      name: "diagnose502",
      description: "Says which hop broke behind a 502, why, and whether a restart would help.",
      background_color: "#1f2937",
    },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: false, messages_tab_read_only_enabled: true },
      bot_user: { display_name: "diagnose502", always_online: true },
      slash_commands: [
        {
          command: COMMAND,
          description: "Which hop is broken, why, and would a restart help?",
          usage_hint: "SITE | list | status | help",
          should_escape: false,
          ...(url === undefined ? {} : { url }),
        },
      ],
    },
    oauth_config: {
      scopes: {
        bot: listScopes(features).map(({ scope }) => scope),
      },
    },
    settings: {
      event_subscriptions: {
        ...(url === undefined ? {} : { request_url: url }),
        bot_events: ["app_home_opened"],
      },
      interactivity: {
        is_enabled: true,
        ...(url === undefined ? {} : { request_url: url, message_menu_options_url: url }),
      },
      org_deploy_enabled: false,
      socket_mode_enabled: options.mode === "socket",
      // once on, it cannot be turned off
      token_rotation_enabled: false,
    },
  };
}
