import { z } from "zod";
import { nameKeys } from "./describe-issue.ts";
import { isHostName, isPort, isUserName } from "./host-spec.ts";
import { isSiteUrl } from "./site-url.ts";

function strict<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, { error: nameKeys(shape) });
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
const Text = z.string().trim().min(1, { error: "is empty" }).max(1024);
const Address = z.string().refine(isHostName, { error: "is not a host name or address" });
const User = z.string().refine(isUserName, { error: "is not a user name" });
const Port = z.int().refine(isPort, { error: "is not a port (1 to 65535)" });
const Kind = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, { error: "is not the name of a playbook" });
const ContainerName = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/, {
  error: "is not a name: letters, digits, `.`, `_` or `-`",
});

/** `.service` may be left out, as for systemctl. A `\` begins an escape such as `\x2d`. */
const Unit = z
  .string()
  .transform((unit) => (/\.[a-z]+$/.test(unit) ? unit : `${unit}.service`))
  .refine((unit) => /^[a-zA-Z0-9][a-zA-Z0-9:_.@\\-]{0,200}\.(service|socket)$/.test(unit), {
    error: "is not a systemd service or socket unit",
  });

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

const Service = strict({
  systemd: Unit.exactOptional(),
  pm2: ContainerName.exactOptional(),
  compose: strict({ project: ContainerName, service: ContainerName }).exactOptional(),
  docker: ContainerName.exactOptional(),
}).refine(exactlyOne, { error: "needs exactly one of systemd, pm2, compose, docker" });

const SiteUrl = z.string().refine(isSiteUrl, {
  error: "is not a URL such as https://shop.example.com/ (http or https, without user name or password)",
});

const Site = strict({
  url: SiteUrl,
  proxy: oneOrSeveral(z.string()),
  upstream: oneOrSeveral(z.string()).exactOptional(),
  edge: Kind.exactOptional(),
  service: Service.exactOptional(),
  dependencies: z.array(strict({ kind: Kind, host: z.string() })).exactOptional(),
  approvers: strict({
    slack: z.array(Text).exactOptional(),
    discord: z.array(Text).exactOptional(),
  }).exactOptional(),
  channel: strict({ slack: Text.exactOptional(), discord: Text.exactOptional() }).exactOptional(),
});

/** `diagnose502.yaml` as people write it. */
export const ConfigSchema = strict({
  hosts: z.record(Name, Host).exactOptional(),
  sites: z.record(Name, Site).exactOptional(),
});

export type ConfigDocument = z.infer<typeof ConfigSchema>;
