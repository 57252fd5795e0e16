import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import schemas from "./openapi-schemas.json" with { type: "json" };

/** A JSON object of a request or of ours. */
export type Body = { readonly [key: string]: unknown };

/** What Discord says no with. */
export interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly errors?: unknown;
}

export const FLAGS = { suppressEmbeds: 1 << 2, ephemeral: 1 << 6, silent: 1 << 12, componentsV2: 1 << 15 };

const MAX_COMPONENTS = 40;
const MAX_TEXT = 4000;
const MAX_CONTENT = 2000;

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
for (const name of ["int32", "int64", "nonce", "snowflake"]) ajv.addFormat(name, true);
ajv.addSchema({ $id: "discord", ...schemas });

/** Discord's published schema of one request body. */
export type BodyName = keyof typeof schemas.components.schemas;

/** The body against the schema that Discord publishes for it. */
export function refuseBySchema(name: BodyName, body: unknown): Refusal | undefined {
  const validate = ajv.getSchema(`discord#/components/schemas/${name}`);
  if (validate === undefined) throw new Error(`no schema ${name}`);
  if (validate(body)) return undefined;
  const errors = (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  return invalidForm(...errors.slice(0, 10));
}

/** `what`: field and rule, as Discord names them in a tree of its own. */
export function invalidForm(...what: readonly string[]): Refusal {
  const _errors = what.map((message) => ({ code: "BASE_TYPE_BAD", message }));
  return { status: 400, code: 50035, message: "Invalid Form Body", errors: { _errors } };
}

/** Every component of a message, however deep. */
export function componentsOf(value: unknown): Body[] {
  if (Array.isArray(value)) return value.flatMap(componentsOf);
  if (!isBody(value)) return [];
  return [value, ...componentsOf(value.components), ...componentsOf(value.accessory)];
}

/**
 * What the schema cannot say of a message: the rules between its fields. `before`: the flags of the message that is edited; `files`: names
 * of what is uploaded along.
 */
export function refuseMessage(
  body: Body,
  { before = 0, files = [] }: { readonly before?: number; readonly files?: readonly string[] } = {},
): Refusal | undefined {
  const flags = typeof body.flags === "number" ? body.flags : before;
  const wasV2 = (before & FLAGS.componentsV2) !== 0;
  const isV2 = (flags & FLAGS.componentsV2) !== 0;
  if (wasV2 && !isV2) return invalidForm("flags: IS_COMPONENTS_V2 cannot be removed");
  const components = componentsOf(body.components);
  if (isV2) {
    for (const field of ["content", "embeds", "poll", "sticker_ids"]) {
      const value = body[field];
      const isEmpty = value === undefined || value === null || value === "" || isEmptyList(value);
      if (!isEmpty) return invalidForm(`${field}: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2`);
    }
    const texts = components.flatMap(({ type, content }) => (type === 10 ? [String(content)] : []));
    if (texts.some((text) => text.trim() === "")) return invalidForm("content: BASE_TYPE_REQUIRED");
    if (lengthOf(texts) > MAX_TEXT) {
      return invalidForm(`components: COMPONENT_MAX_TOTAL_CHARACTERS, ${lengthOf(texts)}`);
    }
    for (const { type, file } of components) {
      if (type !== 13) continue;
      const url = isBody(file) ? String(file.url) : "";
      if (!files.includes(url.replace("attachment://", ""))) return invalidForm(`${url} is not attached`);
    }
  } else {
    if (String(body.content ?? "").length > MAX_CONTENT) return invalidForm("content: BASE_TYPE_MAX_LENGTH");
    if (components.some(({ type }) => typeof type === "number" && type >= 9 && type <= 17)) {
      return invalidForm("components: UNION_TYPE_CHOICES, these need IS_COMPONENTS_V2");
    }
  }
  if (components.length > MAX_COMPONENTS) {
    return invalidForm(`components: COMPONENT_MAX_TOTAL, ${components.length}`);
  }
  const ids = components.flatMap(({ custom_id }) => (typeof custom_id === "string" ? [custom_id] : []));
  if (new Set(ids).size < ids.length) return invalidForm("custom_id: COMPONENT_CUSTOM_ID_DUPLICATED");
  return refuseButtons(components);
}

function refuseButtons(components: readonly Body[]): Refusal | undefined {
  for (const { type, style, custom_id, url, label, emoji, components: children } of components) {
    if (type === 1 && Array.isArray(children) && (children.length === 0 || children.length > 5)) {
      return invalidForm("components: an action row holds 1 to 5 buttons");
    }
    if (type !== 2) continue;
    if ((style === 5) !== (typeof url === "string")) return invalidForm("url: only link buttons have one");
    if ((style === 5) === (typeof custom_id === "string"))
      return invalidForm("custom_id: BASE_TYPE_REQUIRED");
    if ((label === undefined || label === "") && emoji === undefined)
      return invalidForm("label: BASE_TYPE_REQUIRED");
  }
  return undefined;
}

/** A message must show something. */
export function isEmptyMessage(body: Body, files: readonly string[]): boolean {
  const { content, embeds, components } = body;
  return (
    (content === undefined || content === null || content === "") &&
    (embeds === undefined || embeds === null || isEmptyList(embeds)) &&
    (components === undefined || components === null || isEmptyList(components)) &&
    files.length === 0
  );
}

export function isBody(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, { length }) => sum + length, 0);
}
