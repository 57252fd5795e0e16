import { z } from "zod";
import { nameKeys } from "./describe-issue.ts";
import { isHostName, isPort, isUserName } from "./host-spec.ts";
import { isListenAddress } from "./listen-address.ts";
import { isModelUrl } from "./model-url.ts";
import { readDuration } from "./read-duration.ts";
import { isPm2App, isServiceName, isSupervisorProgram } from "./service-name.ts";
import { isOriginUrl, isSiteUrl } from "./site-url.ts";

/** `example`: how people write it, shown to whoever wrote something else than a map. */
function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape, example?: string) {
  return z.strictObject(shape, { error: nameKeys(shape, example) });
}

/** `a` and `[a, b]` are both lists, and `5` a list with a wrong item. */
function oneOrSeveral<Item extends z.ZodType>(item: Item) {
  return z.preprocess((value) => (isScalar(value) ? [value] : value), z.array(item).min(1));
}

function isScalar(value: unknown): boolean {
  return value !== undefined && (typeof value !== "object" || value === null);
}

/** Exactly one of the keys, whichever it is. */
function exactlyOne(value: object): boolean {
  return Object.keys(value).length === 1;
}

const Name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, {
  error: "is not a name: up to 63 letters, digits, `.`, `_` or `-`, beginning with a letter or digit",
});
/** What a command means by itself: such a site could not be asked for, or would hide it. */
const COMMANDS = ["help", "list", "status"];
const SiteName = Name.refine((name) => !COMMANDS.includes(name), {
  error: "is what a command is called (/diagnose502 help, list, status): give the site another name",
});
const Text = z.string().trim().min(1, { error: "is empty" }).max(1024);
const Address = z.string().refine(isHostName, { error: "is not a host name or address" });
const User = z.string().refine(isUserName, { error: "is not a user name" });
const Port = z.int().refine(isPort, { error: "is not a port (1 to 65535)" });
const Kind = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, { error: "is not the name of a playbook" });
const NOT_A_NAME = "is not a name: letters, digits, `.`, `_` or `-`";
const ContainerName = z.string().refine(isServiceName, { error: NOT_A_NAME });
const SupervisorProgram = z.string().refine(isSupervisorProgram, {
  error: `${NOT_A_NAME}; nor \`all\`, which is every program`,
});
const Pm2AppName = z.string().refine(isPm2App, {
  error: `${NOT_A_NAME}; nor \`all\`, a number or a file, which may be other apps`,
});

/** `.service` may be left out, as for systemctl. A `\` begins an escape such as `\x2d`. */
const Unit = z
  .string()
  .transform((unit) => (/\.[a-z]+$/.test(unit) ? unit : `${unit}.service`))
  .refine((unit) => /^[a-zA-Z0-9][a-zA-Z0-9:_.@\\-]{0,200}\.(service|socket)$/.test(unit), {
    error: "is not a systemd service or socket unit",
  });

const SlackApprover = z.string().regex(/^[UWS][A-Z0-9]{2,20}$/, {
  error: "is not the id of a Slack user (U…, W…) or user group (S…); names are not accepted",
});
const SlackChannel = z.string().regex(/^[CG][A-Z0-9]{2,20}$/, {
  error: "is not the id of a Slack channel (C…): it stands at the end of the channel's details",
});
const Snowflake = z.string().regex(/^\d{15,21}$/, {
  error: 'is not a Discord id: 15 to 21 digits, in quotes (developer mode, "Copy ID")',
});
const DiscordApprover = z.string().regex(/^(role:)?\d{15,21}$/, {
  error: 'is not a Discord user id, or "role:" and a role id',
});

/** `90s`, `15m`, `2h` → milliseconds. */
function Duration({ min, max }: { readonly min: string; readonly max: string }) {
  return z
    .string({ error: `is not a time such as "10m" (${min} to ${max})` })
    .transform((text) => readDuration(text) ?? Number.NaN)
    .refine((ms) => ms >= (readDuration(min) ?? 0) && ms <= (readDuration(max) ?? 0), {
      error: `is not a time from ${min} to ${max}, such as "10m"`,
    });
}

const HostKey = z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/, {
  error:
    'is not a fingerprint such as "SHA256:" and 43 characters; on the host: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
});

const Secret = z.preprocess(
  (value, context) => {
    if (typeof value === "object" && value !== null) return value;
    context.addIssue({
      code: "custom",
      message: "secrets are never written here; use { file: /path } or { env: NAME }",
    });
    return z.NEVER;
  },
  strict({
    file: Text.exactOptional(),
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: "is not the name of an environment variable" })
      .exactOptional(),
  }).refine(exactlyOne, { error: "needs exactly one of file, env" }),
);

const Host = z.preprocess(
  (value) => value ?? {},
  strict({
    address: Address.exactOptional(),
    port: Port.exactOptional(),
    user: User.exactOptional(),
    identityFile: oneOrSeveral(Text).exactOptional(),
    hostKey: HostKey.exactOptional(),
    jump: z.string().exactOptional(),
    passphrase: Secret.exactOptional(),
    local: z.literal(true, { error: "must be true, or absent" }).exactOptional(),
  }).refine((host) => !host.local || exactlyOne(host), {
    error: "is this machine (local: true): nothing else can be set",
  }),
);

const Pm2App = z.union([Pm2AppName, strict({ app: Pm2AppName, user: User })], {
  error: "is not the name of an app, nor { app: NAME, user: LOGIN }",
});

const Service = strict(
  {
    systemd: Unit.exactOptional(),
    pm2: Pm2App.exactOptional(),
    compose: strict({ project: ContainerName, service: ContainerName }).exactOptional(),
    docker: ContainerName.exactOptional(),
    supervisor: SupervisorProgram.exactOptional(),
  },
  "{ systemd: php8.2-fpm }",
).refine(exactlyOne, { error: "needs exactly one of systemd, pm2, compose, docker, supervisor" });

const SiteUrl = z.string().refine(isSiteUrl, {
  abort: true,
  error: "is not a URL such as https://shop.example.com/ (http or https, without user name or password)",
});

const Site = strict({
  url: SiteUrl,
  proxy: oneOrSeveral(z.string()),
  upstream: oneOrSeveral(z.string()).exactOptional(),
  edge: Kind.exactOptional(),
  service: Service.exactOptional(),
  dependencies: z
    .array(strict({ kind: Kind, host: z.string() }, "{ kind: PLAYBOOK, host: origin-1 }"))
    .exactOptional(),
  approvers: strict({
    slack: z.array(SlackApprover).exactOptional(),
    discord: z.array(DiscordApprover).exactOptional(),
    console: z.array(Text).exactOptional(),
  }).exactOptional(),
  approval: strict({
    selfApproval: z.boolean().exactOptional(),
    approvals: z.union([z.literal(1), z.literal(2)], { error: "must be 1 or 2" }).exactOptional(),
    expireAfter: Duration({ min: "1m", max: "60m" }).exactOptional(),
  }).exactOptional(),
  restart: strict({
    resetStartBudget: z.boolean().exactOptional(),
    coolDown: Duration({ min: "2m", max: "24h" }).exactOptional(),
    soak: Duration({ min: "5s", max: "15m" }).exactOptional(),
  }).exactOptional(),
  channel: strict({
    slack: SlackChannel.exactOptional(),
    discord: Snowflake.exactOptional(),
  }).exactOptional(),
});

const Alerts = strict({
  /** A shipped mapping, or a file of one's own (with a `/` or ending in `.yaml`). */
  mapping: Text,
  token: Secret.exactOptional(),
  basic: strict({ user: Text, password: Secret }).exactOptional(),
  header: strict({
    name: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, { error: "is not the name of a header" }),
    value: Secret,
  }).exactOptional(),
  hmac: Secret.exactOptional(),
  site: z.string().exactOptional(),
}).refine(({ token, basic, header, hmac }) => [token, basic, header, hmac].filter(Boolean).length === 1, {
  error: "needs exactly one proof of its sender: token, basic, header or hmac",
});

const Chat = strict({
  slack: strict({ channel: SlackChannel.exactOptional() }).exactOptional(),
  discord: strict({ guild: Snowflake, channel: Snowflake.exactOptional() }).exactOptional(),
});

const Web = strict({
  listen: z
    .string()
    .refine(isListenAddress, { error: "is not an address and port such as 127.0.0.1:8502" })
    .exactOptional(),
  publicUrl: z
    .string()
    .refine(isOriginUrl, {
      error:
        "is not an address alone, such as https://bot.example.com (http or https; no path, query or fragment)",
    })
    .exactOptional(),
});

const Model = strict({
  name: Text,
  baseUrl: SiteUrl.refine(isModelUrl, {
    error:
      "is not reached by https: evidence is sent there; use https, or a model in your own network (http://localhost:11434/v1)",
  })
    .refine((url) => !/[?#]/.test(url), {
      error: "has a query or fragment: a path is added to it; a key belongs under `key`",
    })
    .exactOptional(),
  key: Secret.exactOptional(),
  requestsPerDay: z.int().min(1).max(10_000).exactOptional(),
  showHostNames: z.boolean().exactOptional(),
});

/** `diagnose502.yaml` as people write it. */
export const ConfigSchema = strict({
  hosts: z.record(Name, Host).exactOptional(),
  sites: z.record(SiteName, Site).exactOptional(),
  chat: Chat.exactOptional(),
  alerts: z.record(Name, Alerts).exactOptional(),
  web: Web.exactOptional(),
  model: Model.exactOptional(),
  /** Added to the units that are never restarted; nothing can be taken off that list. */
  neverRestart: z.array(Unit).exactOptional(),
});

export type ConfigDocument = z.infer<typeof ConfigSchema>;
