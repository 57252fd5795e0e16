import { z } from "zod";

/** How a look ended; the same words as `ProbeOutcome`. */
const Outcome = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("exited"), exitCode: z.int() }),
  z.strictObject({ kind: z.literal("timed-out"), timeoutMs: z.number() }),
  z.strictObject({ kind: z.literal("missing"), what: z.string() }),
  z.strictObject({ kind: z.literal("denied"), need: z.string() }),
  z.strictObject({ kind: z.literal("no-answer"), reason: z.string() }),
]);

/** Files are written by us with these characters only, so a path cannot leave the folder. */
const OutputFile = z.string().regex(/^hosts\/[\w%#@+=~-][\w%#@+=~.-]*\/[\w%#@+=~-][\w%#@+=~.-]*\.txt$/);

const Result = z.strictObject({
  probe: z.string(),
  id: z.string(),
  host: z.string(),
  round: z.union([z.literal(1), z.literal(2)]),
  params: z.record(z.string(), z.string()),
  outcome: Outcome,
  truncated: z.boolean(),
  /** Where its output is; absent when there was none. */
  file: OutputFile.exactOptional(),
});

const HostAccess = z.strictObject({
  name: z.string(),
  get how() {
    return z.discriminatedUnion("kind", [z.strictObject({ kind: z.literal("local") }), SshAccess]);
  },
});

const SshAccess = z.strictObject({
  kind: z.literal("ssh"),
  address: z.string(),
  port: z.int(),
  user: z.string(),
  hostKey: z.string().exactOptional(),
  hostKeyAlias: z.string().exactOptional(),
  identityFiles: z.array(z.string()).max(0),
  knownHostsFiles: z.array(z.string()).max(0),
  get jump() {
    return HostAccess.exactOptional();
  },
});

const ServiceOverride = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("systemd"), unit: z.string() }),
  z.strictObject({ kind: z.literal("pm2"), app: z.string(), user: z.string().exactOptional() }),
  z.strictObject({ kind: z.literal("supervisor"), program: z.string() }),
  z.strictObject({ kind: z.literal("compose"), project: z.string(), service: z.string() }),
  z.strictObject({ kind: z.literal("docker"), container: z.string() }),
]);

const Request = z.strictObject({
  site: z.string(),
  url: z.url({ protocol: /^https?$/ }),
  proxies: z.array(HostAccess),
  upstreams: z.array(HostAccess),
  edge: z.string().exactOptional(),
  service: ServiceOverride.exactOptional(),
  dependencies: z.array(z.strictObject({ kind: z.string(), host: z.string() })),
  pinnedAddresses: z.array(z.string()),
});

const ConnectFailure = z.strictObject({
  kind: z.enum([
    "unresolved",
    "refused",
    "unreachable",
    "timed-out",
    "closed-early",
    "auth-refused",
    "no-common-algorithm",
  ]),
  reason: z.string(),
  hint: z.string(),
});

const Visit = z.strictObject({
  host: z.string(),
  status: z.enum(["looked", "unreachable", "lost"]),
  failure: ConnectFailure.exactOptional(),
  reason: z.string().exactOptional(),
  connectMs: z.number().exactOptional(),
  clockSkewMs: z.number().exactOptional(),
  utcOffsetMinutes: z.number().exactOptional(),
});

const Sample = z.strictObject({
  via: z.union([z.literal("public"), z.strictObject({ pinned: z.string() })]),
  at: z.iso.datetime(),
  status: z.int().nullable(),
  error: z
    .strictObject({
      phase: z.enum(["dns", "connect", "tls", "request", "response"]),
      code: z.string(),
      message: z.string(),
    })
    .exactOptional(),
  phasesMs: z.strictObject({
    dns: z.number().exactOptional(),
    connect: z.number().exactOptional(),
    tls: z.number().exactOptional(),
    firstByte: z.number().exactOptional(),
    total: z.number(),
  }),
  address: z.string().exactOptional(),
  tls: z
    .strictObject({
      protocol: z.string(),
      cipher: z.string(),
      subject: z.string(),
      issuer: z.string(),
      names: z.array(z.string()),
      notAfter: z.string(),
      trusted: z.boolean(),
      problem: z.string().exactOptional(),
    })
    .exactOptional(),
  headers: z.record(z.string(), z.string()),
  bodyStart: z.string(),
});

/** `incident.json` of a recorded incident: everything but the outputs, which are text files beside it. */
export const IncidentFile = z.strictObject({
  schema: z.literal("diagnose502-incident/1"),
  startedAt: z.iso.datetime(),
  request: Request,
  visits: z.array(Visit),
  samples: z.array(Sample),
  results: z.array(Result).max(5000),
});

export type IncidentFile = z.infer<typeof IncidentFile>;
