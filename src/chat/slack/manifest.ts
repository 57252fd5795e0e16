/** What people type. */
export const COMMAND = "/diagnose502";

/** What the app may do beyond the command, its messages and its buttons; each costs a scope, and all can be left out. */
export interface SlackFeatures {
  /** `files:write`: raw evidence as a file in the thread. Without it, the console has it. */
  readonly files?: boolean;
  /** `usergroups:read`: a user group (`S…`) may approve. Without it, only people who are listed one by one. */
  readonly userGroups?: boolean;
  /** `channels:read`, `groups:read`: notices before it looks that it was not invited, or that another company reads along. */
  readonly channels?: boolean;
}

/** Where Slack's requests arrive at the web server. */
const EVENTS_PATH = "/slack/events";

/**
 * The app as Slack's "From a manifest" takes it, as JSON. `publicUrl`: with HTTP mode, where the web server is reached from outside.
 * Source: Slack, "App manifest reference".
 */
export function makeSlackManifest(
  options: { readonly features?: SlackFeatures } & (
    | { readonly mode: "socket" }
    | { readonly mode: "http"; readonly publicUrl: string }
  ),
) {
  const { files = true, userGroups = true, channels = true } = options.features ?? {};
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
        bot: [
          "commands",
          "chat:write",
          ...(files ? ["files:write"] : []),
          ...(userGroups ? ["usergroups:read"] : []),
          ...(channels ? ["channels:read", "groups:read"] : []),
        ],
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
