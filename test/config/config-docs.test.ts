import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { stringify } from "yaml";
import { z } from "zod";
import { ConfigSchema } from "../../src/config/config-schema.ts";
import { parseConfig } from "../../src/config/parse-config.ts";

const TEXT = readFileSync(join(import.meta.dirname, "../../docs/config.md"), "utf8");

/** Names of hosts, sites and senders are the operator's; so are the parts of a secret. */
const FREE = "*";

/** `sites.*.approval.expireAfter` for each key that a config may have. */
function keysOf(schema: unknown, path: readonly string[] = []): readonly string[] {
  if (schema === null || typeof schema !== "object") return [];
  const {
    properties,
    additionalProperties,
    items,
    anyOf = [],
  } = schema as {
    readonly properties?: Readonly<Record<string, unknown>>;
    readonly additionalProperties?: unknown;
    readonly items?: unknown;
    readonly anyOf?: readonly unknown[];
  };
  return [
    ...(path.length === 0 || path.at(-1) === FREE ? [] : [path.join(".")]),
    ...Object.entries(properties ?? {}).flatMap(([key, value]) => keysOf(value, [...path, key])),
    ...(properties === undefined ? keysOf(additionalProperties, [...path, FREE]) : []),
    ...[items, ...anyOf].flatMap((part) => keysOf(part, [...path, FREE])),
  ];
}

const KEYS = keysOf(z.toJSONSchema(ConfigSchema, { unrepresentable: "any" }));

/** The page's part about one key of the file's first level. */
function partAbout(key: string): string {
  return TEXT.split(/^## /m).find((part) => part.startsWith(`${key}\n`)) ?? "";
}

/** Rows of its tables: the keys a row is about, and its default where it is a plain value. */
const ROWS = ["hosts", "sites", "chat", "alerts", "web", "model"].flatMap((top) =>
  [...partAbout(top).matchAll(/^\| (`[^|]+`) \|.*\| ?([^|]*) \|$/gm)].map(
    ([, names = "", fallback = ""]) => ({
      top,
      keys: [...names.matchAll(/`([^`]+)`/g)].map(([, key = ""]) => key),
      fallback: /^`([^`]+)`$/.exec(fallback)?.[1],
    }),
  ),
);

test("docs/config.md explains every key of the config", () => {
  assert.ok(KEYS.length > 50, "the schema's keys are found");
  const missing = KEYS.filter((path) => {
    const [top = "", ...rest] = path.split(".").filter((key) => key !== FREE);
    const key = rest.at(-1);
    const part = partAbout(top);
    // a secret's own keys are explained once, in a part of their own
    if (key === "env" || key === "file") return !partAbout("Secrets").includes(`{ ${key}: `);
    const inCode = [...part.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
    return (
      part === "" || (key !== undefined && !inCode.some((code) => code.split(/[^A-Za-z0-9]+/).includes(key)))
    );
  });
  assert.deepEqual(missing, []);
});

test("every key that docs/config.md names is one", () => {
  const known = KEYS.map((path) =>
    path
      .split(".")
      .filter((key) => key !== FREE)
      .join("."),
  );
  const named = ROWS.flatMap(({ top, keys }) => keys.map((key) => `${top}.${key}`));
  assert.ok(named.length > 40);
  assert.deepEqual(
    named.filter((path) => !known.includes(path)),
    [],
  );
});

test("the defaults that docs/config.md names are those of the product", () => {
  const defaults = ROWS.filter(({ top }) => ["sites", "web", "model"].includes(top)).flatMap(
    ({ top, keys: [key = ""], fallback }) =>
      fallback === undefined || key.startsWith("channel.") ? [] : [{ top, key, fallback }],
  );
  assert.ok(defaults.length >= 8);
  for (const { top, key, fallback } of defaults) {
    assert.deepEqual(parse(top, { [key]: fallback }), parse(top, {}), `${top}.${key}`);
  }
});

/** A config with nothing but what must be there, and the keys given as `approval.approvals`. */
function parse(top: string, given: Readonly<Record<string, string>>) {
  const keys = Object.entries(given).map(([key, value]) => {
    const [name = "", inner] = key.split(".");
    const plain: unknown = /^(\d+|true|false)$/.test(value) ? JSON.parse(value) : value;
    return [name, inner === undefined ? plain : { [inner]: plain }] as const;
  });
  const parts = {
    sites: { shop: { url: "https://shop.example.com/", proxy: "a@b", ...Object.fromEntries(keys) } },
    web: Object.fromEntries(keys),
    model: { name: "small", ...Object.fromEntries(keys) },
  };
  const part = Object.fromEntries(Object.entries(parts).filter(([name]) => name === top));
  return parseConfig(stringify(part), { file: "/diagnose502.yaml", home: "/" });
}

test("the examples of docs/config.md are configs", () => {
  const examples = [...TEXT.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = ""]) => yaml);
  assert.ok(examples.length >= 3);
  const hostKey = `SHA256:${"A".repeat(43)}`;
  for (const yaml of examples) {
    parseConfig(yaml.replace("SHA256:…", hostKey), { file: "/diagnose502.yaml", home: "/" });
  }
});
