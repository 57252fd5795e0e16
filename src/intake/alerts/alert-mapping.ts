import { z } from "zod";
import { nameKeys } from "../../config/describe-issue.ts";
import { isFieldPath } from "./field-path.ts";

const strict = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, { error: nameKeys(shape) });

const Path = z.string().refine(isFieldPath, {
  error: "is not a path such as alerts[].labels.instance (keys joined by dots, [] behind a list)",
});
const Paths = z.array(Path).min(1).max(40);
const Sentence = z.string().min(1).max(200);
const HeaderName = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, { error: "is not the name of a header" });
const Scalar = z.union([z.string().max(200), z.number(), z.boolean()]);
const Meaning = z.enum(["firing", "resolved", "ignored"], {
  error: "must be firing, resolved or ignored",
});

const Hmac = strict({
  /** Where the signature is: hexadecimal HMAC-SHA256. */
  header: HeaderName,
  prefix: z.string().max(20).default(""),
  /** Absent: the body alone is signed. */
  timestamp: strict({
    /** Unix time in seconds. */
    header: HeaderName,
    between: z.string().max(4),
    required: z.boolean().default(true),
  }).exactOptional(),
});

const Ignore = strict({
  /** All must hold: `absent`, one value, or one of several. */
  when: z
    .record(Path, z.union([Scalar, z.array(Scalar).min(1)]))
    .refine((when) => Object.keys(when).length > 0, "must name at least one field"),
  why: Sentence,
});

/** One file of `intake/`: where a sender keeps what we need. Its reference is `docs/alerts.md`. */
export const AlertMappingSchema = strict({
  title: Sentence,
  proofs: z.array(z.enum(["token", "basic", "header", "hmac"])).min(1),
  hmac: Hmac.exactOptional(),
  /** The list of alerts; without it the body is one alert. Paths that begin with it mean the alert being read. */
  alerts: Path.refine((path) => path.endsWith("[]"), "must end in [], as a list").exactOptional(),
  ignore: z.array(Ignore).max(40).default([]),
  status: strict({
    fields: Paths,
    values: z.record(z.string().max(100), Meaning),
    /** For a value that is not listed, or none. Without it such an alert is refused. */
    default: Meaning.exactOptional(),
  }),
  /** All of `fields`, joined; where one is missing, a hash of `labels`. */
  fingerprint: strict({ fields: Paths, labels: Path.exactOptional() }),
  candidates: Paths,
  name: Paths,
  startedAt: strict({ fields: Paths, format: z.enum(["iso", "seconds", "milliseconds"]) }).exactOptional(),
  statusCode: strict({ fields: Paths.exactOptional(), texts: Paths.exactOptional() }).default({}),
  /** What the sender calls this one delivery, the same when it tries again. */
  delivery: strict({ header: HeaderName.exactOptional(), field: Path.exactOptional() }).default({}),
}).refine(({ proofs, hmac }) => proofs.includes("hmac") === (hmac !== undefined), {
  path: ["hmac"],
  error: "belongs to proofs: [hmac], and the other way round",
});

export type AlertMapping = z.infer<typeof AlertMappingSchema>;
export type SignatureScheme = z.infer<typeof Hmac>;
