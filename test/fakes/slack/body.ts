/** A JSON object of a request, a payload or a block. */
export type Body = { readonly [key: string]: unknown };

export function isBody(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of a list; nothing for what is no list. */
export function bodiesOf(value: unknown): Body[] {
  return Array.isArray(value) ? value.filter(isBody) : [];
}

export function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Form values arrive as text: objects and lists are JSON in it. */
export function parseField(value: string): unknown {
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
