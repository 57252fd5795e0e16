import { z } from "zod";
import { nameKeys } from "../config/describe-issue.ts";
import { nearestName } from "../config/nearest-name.ts";
import { parseTemplate } from "./template.ts";

/** The hard limits of one look. A playbook may ask for less. */
const MAX_TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 256 * 1024;
const MAX_KEYS = 500;

/** A map whose keys are all known; a typo names the key, the nearest and all that are allowed. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, { error: nameKeys(shape) });
}

/** One of a closed list of words. */
export function oneOf<const Word extends string>(words: readonly Word[]) {
  return z.enum(words, {
    error: ({ input }) => {
      if (input === undefined) return "is missing";
      const nearest = typeof input === "string" ? nearestName(input, words) : undefined;
      const guess = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
      // A long list only buries the guess that is most likely right.
      const allowed = guess !== "" && words.length > 20 ? "" : ` allowed: ${words.join(", ")}`;
      return `"${String(input).slice(0, 60)}" is not known${guess || ";"}${allowed}`;
    },
  });
}

/** A map whose keys the author chooses. */
export function mapOf<Key extends z.core.$ZodRecordKey, Value extends z.ZodType>(key: Key, value: Value) {
  return z
    .record(key, value)
    .refine((map) => Object.keys(map).length <= MAX_KEYS, `must have at most ${MAX_KEYS} keys`);
}

/** A sentence or a few words for people. */
export const text = z.string().min(1).max(500);

export const kebabName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,63}$/, "must be a name in lower case, with dashes")
  .refine((value) => value !== "constructor" && value !== "prototype", "is a reserved word");

/** `10s`, `500ms` → milliseconds. */
export const duration = z
  .string()
  .regex(/^\d{1,5}(ms|s)$/, "must be a duration such as 10s or 500ms")
  .transform((value) => Number.parseInt(value, 10) * (value.endsWith("ms") ? 1 : 1000))
  .refine((ms) => ms > 0 && ms <= MAX_TIMEOUT_MS, `must be above 0 and at most ${MAX_TIMEOUT_MS / 1000}s`);

/** `64KiB` → bytes. */
export const size = z
  .string()
  .regex(/^\d{1,6}KiB$/, "must be a size such as 64KiB")
  .transform((value) => Number.parseInt(value, 10) * 1024)
  .refine((bytes) => bytes > 0 && bytes <= MAX_OUTPUT_BYTES, "must be above 0 and at most 256KiB");

/** One word of a command line. */
export const word = z.string().regex(/^[\x20-\x7e]{1,2000}$/, "must be 1 to 2000 printable ASCII characters");

/** A path or glob, or the one parameter that is a path. */
export const path = z
  .string()
  .regex(/^(\/[\x21-\x7e]{1,300}|\{path\})$/, "must be an absolute path, or {path}")
  .refine((value) => !value.split("/").includes(".."), 'must not contain ".."');

/** A message template, kept as text: whoever matches compiles it. */
export const template = z
  .string()
  .min(1)
  .max(500)
  .superRefine((value, context) => {
    try {
      parseTemplate(value);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      context.addIssue({ code: "custom", message: error.message });
    }
  });
