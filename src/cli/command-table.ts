/** One option of a command: what `parseArgs` needs, and what the help says. */
interface OptionDescription {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
  /** What stands for its value in the help, for example `FILE`. */
  readonly value?: string;
  readonly says: string;
}

export interface CommandDescription {
  readonly summary: string;
  /** What follows the command's name. */
  readonly synopsis: readonly string[];
  readonly options: Readonly<Record<string, OptionDescription>>;
  readonly notes: readonly string[];
}

const HELP = { type: "boolean", short: "h", says: "this help" } as const satisfies OptionDescription;

const PLAYBOOKS = {
  type: "string",
  multiple: true,
  value: "DIR",
  says: "playbooks of your own, beside the product's; may be given several times",
} as const satisfies OptionDescription;

const EXIT_STATUSES = [
  "Exit status: 0 healthy, recovered, or no gateway error; 1 a fault was diagnosed;",
  "2 inconclusive; 64 wrong usage; 70 a bug of ours; 74 the answer could not be",
  "written; 78 wrong configuration, host key or identity.",
] as const;

/** The commands there are, and all they accept. */
export const COMMANDS = {
  diagnose: {
    summary: "look at a site and its hosts, and say which hop is broken and why",
    synopsis: ["<site|url> [--proxy HOST] [--upstream HOST] [options]"],
    options: {
      proxy: {
        type: "string",
        multiple: true,
        value: "HOST",
        says: "a host the proxy runs on, as user@host[:port]; may be given several times",
      },
      upstream: {
        type: "string",
        multiple: true,
        value: "HOST",
        says: "a host the application runs on, when it is not the proxy's; may be given several times",
      },
      local: { type: "boolean", says: "the proxy runs on this machine: look here, without SSH" },
      identity: {
        type: "string",
        short: "i",
        value: "FILE",
        says: "private key to log in with; else ~/.ssh/config and the agent decide",
      },
      "known-hosts": {
        type: "string",
        value: "FILE",
        says: "host keys to trust, instead of ~/.ssh/known_hosts",
      },
      config: {
        type: "string",
        value: "FILE",
        says: "hosts and sites; else diagnose502.yaml here, in ~/.config/diagnose502 or in /etc/diagnose502",
      },
      playbooks: PLAYBOOKS,
      json: { type: "boolean", says: "print the diagnosis as one JSON document" },
      save: { type: "string", value: "DIR", says: "also write what was seen to a new folder, for `replay`" },
      verbose: { type: "boolean", short: "v", says: "say on stderr what is done, a line each" },
      help: HELP,
    },
    notes: [
      "Looks only read: nothing is changed, restarted or written on any host.",
      "An unknown or changed host key stops the diagnosis.",
      "",
      ...EXIT_STATUSES,
    ],
  },
  start: {
    summary: "run the bot: chat, alerts and the local console",
    synopsis: ["[--config FILE]"],
    options: {
      config: {
        type: "string",
        value: "FILE",
        says: "hosts and sites; else diagnose502.yaml here, in ~/.config/diagnose502 or in /etc/diagnose502",
      },
      playbooks: PLAYBOOKS,
      help: HELP,
    },
    notes: [
      "Needs no token, no database server and no config to begin with: it says what is",
      "there, what is not and how to add it, and serves a console on 127.0.0.1:8502.",
      "Tokens come from the environment; .env.example explains each.",
      "",
      "Exit status: 0 it was told to end; 64 wrong usage; 70 a bug of ours; 75 its",
      "records or its address cannot be had, try again; 78 wrong configuration.",
    ],
  },
  replay: {
    summary: "diagnose a recorded incident again, without network",
    synopsis: ["DIR [--json]"],
    options: {
      playbooks: PLAYBOOKS,
      json: { type: "boolean", says: "print the diagnosis as one JSON document" },
      help: HELP,
    },
    notes: ["DIR is a folder written by `diagnose502 diagnose --save DIR`.", "", ...EXIT_STATUSES],
  },
  playbook: {
    summary: "check, list, show and test playbooks",
    synopsis: ["check [FILE …]", "list", "show ID", "test FILE LOG"],
    options: { help: HELP },
    notes: ["Playbooks are the YAML files that say what to look at for each supported system."],
  },
  manifest: {
    summary: "print the Slack app to create, and what each of its rights is for",
    synopsis: ["[--http URL] [--without files,user-groups,channels]"],
    options: {
      http: {
        type: "string",
        value: "URL",
        says: "Slack sends requests to this https address; without it, Socket Mode: no address needed",
      },
      without: { type: "string", value: "LIST", says: "leave out optional rights, parted by commas" },
      help: HELP,
    },
    notes: [
      "Paste what it prints at https://api.slack.com/apps, Create New App, From a",
      "manifest. docs/bot.md goes on from there.",
    ],
  },
  harden: {
    summary: "print what a host must allow the bot, and nothing more",
    synopsis: ["<host|site> … [--service SERVICE] [options]"],
    options: {
      service: {
        type: "string",
        multiple: true,
        value: "SERVICE",
        says: "may be restarted: shop.service, docker:NAME, compose:PROJECT/SERVICE, pm2:USER/APP or supervisor:PROGRAM; beside those of the config",
      },
      user: { type: "string", value: "NAME", says: "the bot's login there, where the config names none" },
      playbooks: PLAYBOOKS,
      locked: { type: "boolean", says: "the bot's key may start nothing but the looks and the restarts" },
      key: { type: "string", value: "FILE", says: "the bot's public key, for the line of authorized_keys" },
      from: { type: "string", value: "ADDRESSES", says: "where the bot connects from, for that line" },
      config: {
        type: "string",
        value: "FILE",
        says: "hosts and sites; else diagnose502.yaml here, in ~/.config/diagnose502 or in /etc/diagnose502",
      },
      help: HELP,
    },
    notes: [
      "Prints a script for each host, to be read and then run by root there: groups",
      "for reading logs, a sudoers file without patterns, and the helper that restarts",
      "the named services at most once per approval. Nothing is installed by this",
      "command, and no host is asked.",
    ],
  },
  audit: {
    summary: "check that nobody changed the log of what the bot did, or print it",
    synopsis: ["verify [--head SEQ:HASH]", "export"],
    options: {
      head: {
        type: "string",
        multiple: true,
        value: "SEQ:HASH",
        says: "a head that was written down earlier: the log must still hold it; may be given several times",
      },
      help: HELP,
    },
    notes: [
      "Reads the records in the state directory (DIAGNOSE502_STATE) or DATABASE_URL,",
      "and writes nothing: the bot may run meanwhile. export prints a JSON document",
      "for each row.",
      "",
      "Exit status: 0 the log hangs together; 1 a row was changed, removed or added;",
      "64 wrong usage; 74 the answer could not be written; 78 there are no records.",
    ],
  },
} as const satisfies Record<string, CommandDescription>;

export type CommandName = keyof typeof COMMANDS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
