import { z } from "zod";
import { StoreError } from "./store-error.ts";

/** JSON text of a column, as the schema says. */
export function jsonOf<Schema extends z.ZodType>(schema: Schema) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: "custom", message: "is not JSON" });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

/** A row that an earlier version may have written. @throws {StoreError} naming the row and each wrong column. */
export function parseRow<Row>(schema: z.ZodType<Row>, row: unknown, name: string): Row {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new StoreError(`${name} is not as it was written: ${problems.join("; ")}.`, {
    hint: "Was it edited by hand? `diagnose502 audit verify` tells whether the log was, too.",
    cause: parsed.error,
  });
}

/** An optional property from a nullable column. */
export function optional<Key extends string, Value>(
  key: Key,
  value: Value | null,
): { readonly [name in Key]?: Value } {
  const made: { [name in Key]?: Value } = {};
  if (value !== null) made[key] = value;
  return made;
}
