/** What `diagnose502 start` found, before it says so. */
export interface StartFacts {
  readonly version: string;
  /** Absent: no file was found, which is fine to begin with. */
  readonly configFile?: string;
  readonly sites: readonly { readonly name: string; readonly hasApprovers: boolean }[];
  /** The address with its key; absent when the console is off. */
  readonly consoleUrl?: string;
  /** Login name that whoever opens it acts under. */
  readonly userName: string;
  /** The same through a reverse proxy, which may not pass it on. */
  readonly publicConsoleUrl?: string;
  readonly slack: ChatState;
  readonly discord: ChatState;
  readonly alerts: readonly { readonly name: string; readonly mapping: string }[];
  /** The address we listen on. */
  readonly ownOrigin: string;
  /** Where others reach us by a reverse proxy, when there is one. */
  readonly publicOrigin?: string;
  /** Only programs of this machine reach us. */
  readonly isLoopback: boolean;
  readonly store:
    | { readonly kind: "sqlite"; readonly file: string }
    | { readonly kind: "server"; readonly where: string };
  readonly model?: { readonly name: string; readonly origin: string };
  /** Metrics can be read from other machines. */
  readonly hasMetricsToken: boolean;
}

/** `missing`: variables or keys that would switch it on. */
export type ChatState =
  | { readonly kind: "on"; readonly how: string }
  | { readonly kind: "off" }
  | { readonly kind: "incomplete"; readonly missing: readonly string[] };

/** One part: on or not, and beneath it what there is to know or how to add it. */
interface Part {
  readonly label: string;
  readonly mark: "on" | "off" | "attention";
  readonly says: string;
  readonly more?: readonly string[];
}

const LABEL = 10;
const MARKS = {
  on: { unicode: "✓", ascii: "+" },
  off: { unicode: "–", ascii: "-" },
  attention: { unicode: "!", ascii: "!" },
} as const;

/** What is configured, what is not, and how to add it; a line each, for the terminal. */
export function makeStartSummary(
  facts: StartFacts,
  { unicode }: { readonly unicode: boolean },
): readonly string[] {
  const parts = [
    consoleOf(facts),
    sitesOf(facts),
    approvalOf(facts),
    ...chatOf(facts),
    alertsOf(facts),
    modelOf(facts),
    storeOf(facts),
    metricsOf(facts),
  ];
  return [
    `diagnose502 ${facts.version}`,
    "",
    ...parts.flatMap((part) => (part === undefined ? [] : linesOf(part, unicode))),
  ];
}

function linesOf({ label, mark, says, more = [] }: Part, unicode: boolean): readonly string[] {
  const sign = MARKS[mark][unicode ? "unicode" : "ascii"];
  return [`  ${sign} ${label.padEnd(LABEL)}${says}`, ...more.map((line) => " ".repeat(4 + LABEL) + line)];
}

function consoleOf({ consoleUrl, publicConsoleUrl }: StartFacts): Part {
  if (consoleUrl === undefined) return { label: "Console", mark: "off", says: "off" };
  return {
    label: "Console",
    mark: "on",
    says: consoleUrl,
    more: [
      "Open it in a browser; whoever has this address is you.",
      ...(publicConsoleUrl === undefined
        ? []
        : ["From elsewhere, if the reverse proxy passes on / (docs/bot.md):", publicConsoleUrl]),
    ],
  };
}

function sitesOf({ configFile, sites }: StartFacts): Part {
  if (configFile === undefined) {
    return {
      label: "Sites",
      mark: "attention",
      says: "none: there is no config yet",
      more: [
        "Add: a file diagnose502.yaml with a URL and the host of its proxy (docs/config.md):",
        "sites: { shop: { url: https://shop.example.com/, proxy: user@host } }",
      ],
    };
  }
  if (sites.length === 0) {
    return {
      label: "Sites",
      mark: "attention",
      says: `none in ${configFile}`,
      more: ["Add there: sites: { shop: { url: https://shop.example.com/, proxy: user@host } }"],
    };
  }
  return { label: "Sites", mark: "on", says: `${listOf(sites.map(({ name }) => name))} (${configFile})` };
}

/** Sites whose restarts nobody could approve. */
function approvalOf({ sites, userName }: StartFacts): Part | undefined {
  if (sites.length === 0) return undefined;
  const without = sites.filter(({ hasApprovers }) => !hasApprovers).map(({ name }) => name);
  if (without.length === 0)
    return { label: "Approval", mark: "on", says: "every site names who may approve a restart" };
  return {
    label: "Approval",
    mark: "attention",
    says: `nobody may approve a restart of ${listOf(without)}`,
    more: [
      "Diagnoses work; a restart is shown without a button. Add to the site:",
      `approvers: { slack: [U…], discord: ["role:…"], console: [${userName}] }`,
    ],
  };
}

function chatOf({ slack, discord }: StartFacts): readonly Part[] {
  return [
    chatPart("Slack", slack, [
      "Add: an app, as diagnose502 manifest prints it; its tokens SLACK_BOT_TOKEN (xoxb-…) and",
      "SLACK_APP_TOKEN (xapp-…) in the environment,",
      "and chat: { slack: { channel: C… } } in the config.",
    ]),
    chatPart("Discord", discord, [
      "Add: DISCORD_TOKEN in the environment,",
      'and chat: { discord: { guild: "…", channel: "…" } } in the config.',
    ]),
  ];
}

function chatPart(label: string, state: ChatState, howToAdd: readonly string[]): Part {
  switch (state.kind) {
    case "on":
      return { label, mark: "on", says: state.how };
    case "off":
      return { label, mark: "off", says: "not configured", more: howToAdd };
    case "incomplete":
      return {
        label,
        mark: "attention",
        says: `off, because something is missing: ${state.missing.join(", ")}`,
        more: howToAdd,
      };
  }
}

function alertsOf({ alerts, ownOrigin, publicOrigin = ownOrigin, isLoopback }: StartFacts): Part {
  if (alerts.length === 0) {
    return {
      label: "Alerts",
      mark: "off",
      says: "no sender is configured",
      more: ["Add: alerts: { prometheus: { mapping: alertmanager, token: { env: NAME } } } in the config."],
    };
  }
  return {
    label: "Alerts",
    mark: isLoopback ? "attention" : "on",
    says: listOf(alerts.map(({ name, mapping }) => (name === mapping ? name : `${name} (${mapping})`))),
    more: [
      ...alerts.map(({ name }) => `POST ${publicOrigin}/alerts/${name}`),
      ...(isLoopback
        ? ["Only programs of this machine reach that: set web.listen or web.publicUrl for others."]
        : []),
    ],
  };
}

function modelOf({ model }: StartFacts): Part {
  if (model !== undefined) {
    return {
      label: "Model",
      mark: "on",
      says: `${model.name} at ${model.origin}: explains, and decides nothing`,
    };
  }
  return {
    label: "Model",
    mark: "off",
    says: "none; nothing but prose is missing without one",
    more: ["Add: model: { name: …, key: { env: NAME } } in the config."],
  };
}

function storeOf({ store }: StartFacts): Part {
  if (store.kind === "server") return { label: "Store", mark: "on", says: `database server ${store.where}` };
  return {
    label: "Store",
    mark: "on",
    says: store.file,
    more: ["For several replicas: the address of a database server in DATABASE_URL."],
  };
}

function metricsOf({ hasMetricsToken, ownOrigin, publicOrigin }: StartFacts): Part {
  const where = `${ownOrigin}/metrics`;
  const add = "DIAGNOSE502_METRICS_TOKEN";
  if (hasMetricsToken) return { label: "Metrics", mark: "on", says: `${where} (with the token)` };
  if (publicOrigin !== undefined) {
    const says = "off: behind a reverse proxy everybody seems to be of this machine";
    return { label: "Metrics", mark: "off", says, more: [`Add: ${add} in the environment.`] };
  }
  return {
    label: "Metrics",
    mark: "on",
    says: `${where} (this machine only)`,
    more: [`For other machines: ${add}`],
  };
}

const MAX_LISTED = 8;

function listOf(names: readonly string[]): string {
  const more = names.length - MAX_LISTED;
  return more > 0 ? `${names.slice(0, MAX_LISTED).join(", ")} and ${more} more` : names.join(", ");
}
