import type { z } from "zod";
import { nearestName } from "./nearest-name.ts";

const NOUNS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map of keys",
  record: "a map of keys",
  null: "nothing",
};

/**
 * A zod issue in the words of someone who edits YAML. `undefined` leaves zod's own words.
 * Values are not repeated: one of them may be a secret in the wrong place.
 */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type": {
      if (issue.input === undefined) return "is missing";
      const expected = NOUNS[issue.expected] ?? issue.expected;
      const seen = describeValue(issue.input);
      const quotes =
        issue.expected === "string" && typeof issue.input !== "object" ? "; put it in quotes" : "";
      return `must be ${expected}, not ${seen}${quotes}`;
    }
    case "too_small":
      return issue.origin === "array" ? "must not be an empty list" : `must be at least ${issue.minimum}`;
    case "too_big":
      return issue.origin === "string"
        ? `must have at most ${issue.maximum} characters`
        : `must be at most ${issue.maximum}`;
    case "invalid_key":
      return issue.issues[0]?.message;
    default:
      return undefined;
  }
}

/**
 * For `z.strictObject(shape, { error: nameKeys(shape) })`: a typo names the key, the nearest and all that are allowed; what is no map at all
 * gets `example`, or else all that are allowed.
 */
export function nameKeys(
  shape: object,
  example?: string,
): (issue: z.core.$ZodRawIssue) => string | undefined {
  const allowed = Object.keys(shape);
  return (issue) => {
    if (issue.code === "invalid_type") {
      const form = example === undefined ? `; allowed: ${allowed.join(", ")}` : `, such as ${example}`;
      return issue.input === undefined ? undefined : `${describeIssue(issue)}${form}`;
    }
    if (issue.code !== "unrecognized_keys") return undefined;
    const unknown = issue.keys.map((key: string) => {
      const nearest = nearestName(key, allowed);
      return nearest === undefined ? `"${key}"` : `"${key}" (did you mean "${nearest}"?)`;
    });
    return `unknown ${unknown.length > 1 ? "keys" : "key"} ${unknown.join(", ")}; allowed: ${allowed.join(", ")}`;
  };
}

function describeValue(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  return NOUNS[typeof value] ?? typeof value;
}
