import { type Body, bodiesOf, isBody } from "./body.ts";

/** Where blocks are shown: each place takes other ones. */
export type BlockPlace = "message" | "modal" | "home";

type Check = (value: unknown, at: string, found: Findings) => void;

interface Findings {
  readonly place: BlockPlace;
  readonly errors: string[];
}

const MAX_BLOCKS = { message: 50, modal: 100, home: 100 } as const;
/** Undocumented; seen from about here. */
const MAX_BLOCKS_JSON = 13_200;

/**
 * What Slack says of blocks: nothing, or the error and a JSON pointer for each wrong thing. As strict as we know how; a key that no block has
 * is refused too. Source: Slack, Block Kit reference.
 */
export function refuseBlocks(
  blocks: unknown,
  place: BlockPlace,
): { readonly error: string; readonly messages: readonly string[] } | undefined {
  if (!Array.isArray(blocks)) return { error: "invalid_blocks_format", messages: [] };
  const found: Findings = { place, errors: [] };
  if (blocks.length > MAX_BLOCKS[place])
    say(found, "/blocks", `no more than ${MAX_BLOCKS[place]} items allowed`);
  for (const [index, block] of blocks.entries()) checkBlock(block, `/blocks/${index}`, found);
  refuseDuplicates(blocks, found);
  if (found.errors.length > 0) return { error: "invalid_blocks", messages: found.errors };
  if (JSON.stringify(blocks).length > MAX_BLOCKS_JSON) return { error: "msg_blocks_too_long", messages: [] };
  return undefined;
}

function say(found: Findings, at: string, what: string): void {
  found.errors.push(`[ERROR] ${what} [json-pointer:${at}]`);
}

function refuseDuplicates(blocks: readonly unknown[], found: Findings): void {
  const blockIds = new Set<unknown>();
  for (const [index, block] of bodiesOf(blocks).entries()) {
    const { block_id: id } = block;
    if (id !== undefined && blockIds.has(id))
      say(found, `/blocks/${index}/block_id`, `block_id already exists: ${id}`);
    blockIds.add(id);
    const actionIds = new Set<unknown>();
    for (const { action_id: action } of [
      ...bodiesOf(block.elements),
      ...bodiesOf([block.element, block.accessory]),
    ]) {
      if (action !== undefined && actionIds.has(action)) {
        say(found, `/blocks/${index}/elements`, `action_id already exists: ${action}`);
      }
      actionIds.add(action);
    }
  }
}

const string =
  (max: number, min = 1): Check =>
  (value, at, found) => {
    if (typeof value !== "string") say(found, at, "must be a string");
    else if (value.length < min) say(found, at, `must be more than ${min - 1} characters`);
    else if (value.length > max) say(found, at, `must be less than ${max + 1} characters`);
  };

const oneOf =
  (...allowed: readonly unknown[]): Check =>
  (value, at, found) => {
    if (!allowed.includes(value)) say(found, at, `must be one of ${allowed.join(", ")}`);
  };

const boolean = oneOf(true, false);

const integer: Check = (value, at, found) => {
  if (!Number.isSafeInteger(value)) say(found, at, "must provide an integer");
};

/** As strict as we need it: the one token that we use. */
const dateFormat: Check = (value, at, found) => {
  string(200)(value, at, found);
  if (value !== "{ago}") say(found, at, `unknown date format: ${value}`);
};

const webAddress: Check = (value, at, found) => {
  string(3000)(value, at, found);
  if (typeof value === "string" && !/^(https?|mailto|slack):/i.test(value))
    say(found, at, "must be a valid URL");
};

const list =
  (item: Check, { min = 1, max }: { readonly min?: number; readonly max: number }): Check =>
  (value, at, found) => {
    if (!Array.isArray(value)) return say(found, at, "must be an array");
    if (value.length < min) say(found, at, `no fewer than ${min} items allowed`);
    if (value.length > max) say(found, at, `no more than ${max} items allowed`);
    for (const [index, one] of value.entries()) item(one, `${at}/${index}`, found);
  };

/** An object with exactly these keys; those that end in `?` may be absent. */
function object(fields: Readonly<Record<string, Check>>): Check {
  const checks = new Map(Object.entries(fields).map(([name, check]) => [name.replace("?", ""), check]));
  const required = Object.keys(fields).filter((name) => !name.endsWith("?"));
  return (value, at, found) => {
    if (!isBody(value)) return say(found, at, "must be an object");
    for (const name of required)
      if (value[name] === undefined) say(found, `${at}/${name}`, "missing required field");
    for (const [name, member] of Object.entries(value)) {
      const check = checks.get(name);
      if (check === undefined) say(found, `${at}/${name}`, `additional property: ${name}`);
      else if (member !== undefined) check(member, `${at}/${name}`, found);
    }
  };
}

/** Told apart by `type`. */
function byType(types: Readonly<Record<string, Check>>): Check {
  return (value, at, found) => {
    const check = isBody(value) ? types[String(value.type)] : undefined;
    if (check === undefined)
      say(found, `${at}/type`, `unsupported type: ${isBody(value) ? value.type : value}`);
    else check(value, at, found);
  };
}

const plainText = (max: number): Check =>
  object({ type: oneOf("plain_text"), text: string(max), "emoji?": boolean });
const markupText = (max: number): Check =>
  byType({
    plain_text: plainText(max),
    mrkdwn: object({ type: oneOf("mrkdwn"), text: string(max), "verbatim?": boolean }),
  });

const confirm = object({
  title: plainText(100),
  text: plainText(300),
  confirm: plainText(30),
  deny: plainText(30),
  "style?": oneOf("primary", "danger"),
});
const option = object({ text: plainText(75), value: string(75), "description?": plainText(75) });

const button = object({
  type: oneOf("button"),
  text: plainText(75),
  "action_id?": string(255),
  "value?": string(2000),
  "url?": webAddress,
  "style?": oneOf("primary", "danger"),
  "confirm?": confirm,
  "accessibility_label?": string(75),
});
const staticSelect = object({
  type: oneOf("static_select"),
  "action_id?": string(255),
  "placeholder?": plainText(150),
  options: list(option, { max: 100 }),
  "confirm?": confirm,
  "focus_on_load?": boolean,
});
const externalSelect = object({
  type: oneOf("external_select"),
  "action_id?": string(255),
  "placeholder?": plainText(150),
  "min_query_length?": oneOf(0, 1, 2, 3),
  "initial_option?": option,
  "focus_on_load?": boolean,
});
const interactive = { button, static_select: staticSelect, external_select: externalSelect };

const style = object({
  "bold?": boolean,
  "italic?": boolean,
  "strike?": boolean,
  "code?": boolean,
  "underline?": boolean,
});
const richText = byType({
  text: object({ type: oneOf("text"), text: string(MAX_BLOCKS_JSON), "style?": style }),
  link: object({
    type: oneOf("link"),
    url: webAddress,
    "text?": string(3000),
    "style?": style,
    "unsafe?": boolean,
  }),
  date: object({
    type: oneOf("date"),
    timestamp: integer,
    format: dateFormat,
    "fallback?": string(3000),
    "style?": style,
  }),
  emoji: object({ type: oneOf("emoji"), name: string(100), "style?": style }),
  user: object({ type: oneOf("user"), user_id: string(20), "style?": style }),
  usergroup: object({ type: oneOf("usergroup"), usergroup_id: string(20), "style?": style }),
  channel: object({ type: oneOf("channel"), channel_id: string(20), "style?": style }),
  broadcast: object({
    type: oneOf("broadcast"),
    range: oneOf("here", "channel", "everyone"),
    "style?": style,
  }),
});
const richSection = object({ type: oneOf("rich_text_section"), elements: list(richText, { max: 1000 }) });
const richElement = byType({
  rich_text_section: richSection,
  rich_text_quote: object({
    type: oneOf("rich_text_quote"),
    elements: list(richText, { max: 1000 }),
    "border?": oneOf(0, 1),
  }),
  rich_text_preformatted: object({
    type: oneOf("rich_text_preformatted"),
    elements: list(richText, { max: 1000 }),
    "border?": oneOf(0, 1),
  }),
  rich_text_list: object({
    type: oneOf("rich_text_list"),
    style: oneOf("bullet", "ordered"),
    elements: list(richSection, { max: 1000 }),
    "indent?": oneOf(0, 1, 2, 3, 4, 5, 6, 7, 8),
    "border?": oneOf(0, 1),
  }),
});

const id = { "block_id?": string(255) };
const SHARED = {
  section: object({
    ...id,
    type: oneOf("section"),
    "text?": markupText(3000),
    "fields?": list(markupText(2000), { max: 10 }),
    "accessory?": byType(interactive),
    "expand?": boolean,
  }),
  header: object({ ...id, type: oneOf("header"), text: plainText(150) }),
  divider: object({ ...id, type: oneOf("divider") }),
  context: object({ ...id, type: oneOf("context"), elements: list(markupText(3000), { max: 10 }) }),
  actions: object({ ...id, type: oneOf("actions"), elements: list(byType(interactive), { max: 25 }) }),
  rich_text: object({ ...id, type: oneOf("rich_text"), elements: list(richElement, { max: 1000 }) }),
};
const INPUT = {
  input: object({
    ...id,
    type: oneOf("input"),
    label: plainText(2000),
    element: byType({ external_select: externalSelect, static_select: staticSelect }),
    "hint?": plainText(2000),
    "optional?": boolean,
    "dispatch_action?": boolean,
  }),
};
const BLOCKS = { message: byType(SHARED), modal: byType({ ...SHARED, ...INPUT }), home: byType(SHARED) };

function checkBlock(block: unknown, at: string, found: Findings): void {
  BLOCKS[found.place](block, at, found);
  if (isBody(block) && block.type === "section" && block.text === undefined && block.fields === undefined) {
    say(found, at, "a section needs text or fields");
  }
}

/** A modal or home tab. */
export function refuseView(
  view: Body,
): { readonly error: string; readonly messages: readonly string[] } | undefined {
  const found: Findings = { place: view.type === "home" ? "home" : "modal", errors: [] };
  const common = {
    type: oneOf("modal", "home"),
    blocks: () => undefined,
    "private_metadata?": string(3000, 0),
  };
  const modal = {
    ...common,
    title: plainText(24),
    "submit?": plainText(24),
    "close?": plainText(24),
    "callback_id?": string(255),
  };
  object(view.type === "home" ? common : modal)(view, "/view", found);
  if (bodiesOf(view.blocks).some(({ type }) => type === "input") && view.submit === undefined) {
    say(found, "/view/submit", "a modal with an input needs a submit button");
  }
  if (found.errors.length > 0) return { error: "invalid_arguments", messages: found.errors };
  return refuseBlocks(view.blocks, found.place);
}
