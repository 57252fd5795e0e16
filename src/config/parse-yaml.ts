import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from "yaml";
import type { z } from "zod";
import { ConfigError } from "./config-error.ts";
import { describeIssue } from "./describe-issue.ts";

const NEEDS_QUOTES = "a value that begins so needs quotes";

type Path = readonly PropertyKey[];

/** Parsed and checked YAML, and the way to point at any part of it. */
export interface ParsedYaml<T> {
  readonly value: T;
  /** One part: `file:line:column: hosts.edge-1.jump`. */
  placeOf(path: Path): string;
  /** An error about it: its place, a colon, and what is wrong. */
  problemAt(path: Path, what: string): string;
}

/**
 * YAML text → what the schema says. Every problem is named with file, line, column and path.
 * Anchors, aliases and tags are refused: they hide what a file says, and can blow it up.
 * @throws {ConfigError} listing all problems, one a line.
 */
export function parseYaml<T>(
  text: string,
  options: { readonly file: string; readonly schema: z.ZodType<T> },
): ParsedYaml<T> {
  const { file, schema } = options;
  const lines = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const document = parseText(text, { file, lines });
  const syntax = [...document.errors, ...document.warnings].map(
    (problem) => `${at(problem.pos[0])}: ${withoutValue(firstLine(problem.message))}`,
  );
  if (syntax.length > 0) throw invalid(syntax);

  const refused: string[] = [];
  visit(document, {
    Node(_key, node) {
      const offset = node.range?.[0] ?? 0;
      if (isAlias(node)) refused.push(`${at(offset)}: aliases (*…) are not accepted; ${NEEDS_QUOTES}`);
      else if (node.anchor) refused.push(`${at(offset)}: anchors (&…) are not accepted; ${NEEDS_QUOTES}`);
      else if (node.tag) refused.push(`${at(offset)}: tags (!…) are not accepted; ${NEEDS_QUOTES}`);
    },
  });
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const place = at(key.range?.[0] ?? 0);
        if (seen.has(key.value)) refused.push(`${place}: the key ${key.value} is there twice`);
        // JavaScript gives this key a meaning of its own, and what checks maps passes over it in silence.
        if (key.value === "__proto__") refused.push(`${place}: the key __proto__ is not accepted`);
        seen.add(key.value);
      }
    },
  });
  if (refused.length > 0) throw invalid(refused);

  const placeOf = (path: Path, key?: string) => {
    const place = path.length > 0 ? `: ${path.map(String).join(".")}` : "";
    return `${at(offsetOf(document.contents, { path, key }))}${place}`;
  };
  const problemAt = (path: Path, what: string, key?: string) => `${placeOf(path, key)}: ${what}`;
  const parsed = schema.safeParse(document.toJS(), { error: describeIssue });
  if (parsed.success) return { value: parsed.data, placeOf, problemAt };
  throw invalid(
    parsed.error.issues.map((issue) =>
      problemAt(issue.path, issue.message, issue.code === "unrecognized_keys" ? issue.keys[0] : undefined),
    ),
  );
}

function parseText(text: string, options: { readonly file: string; readonly lines: LineCounter }) {
  try {
    return parseDocument(text, {
      lineCounter: options.lines,
      prettyErrors: false,
      // The library compares every pair of keys: seconds for a file of thousands. We look for doubles ourselves.
      uniqueKeys: false,
      merge: false,
    });
  } catch (cause) {
    // The library recurses; only nesting of thousands of levels gets here.
    throw new ConfigError(`${options.file} is nested too deeply.`, {
      hint: "Check that this is the file you meant.",
      cause,
    });
  }
}

/** Where `path` points to, or the nearest thing around it that exists; with `key`, that key in the map there. */
function offsetOf(
  contents: unknown,
  { path, key }: { readonly path: Path; readonly key: string | undefined },
): number {
  let node: unknown = contents;
  let offset = isNode(node) ? start(node) : 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = findPair(node, step);
      if (!pair) return offset;
      // A map begins on the line after its key, so its key is what people look for.
      const shown = isScalar(pair.value) && pair.value.value !== null ? pair.value : pair.key;
      offset = isNode(shown) ? start(shown) : offset;
      node = pair.value;
    } else {
      const item = isNode(node) && "items" in node ? node.items[Number(step)] : undefined;
      if (!isNode(item)) return offset;
      offset = start(item);
      node = item;
    }
  }
  const found = key !== undefined && isMap(node) ? findPair(node, key)?.key : undefined;
  return isNode(found) ? start(found) : offset;
}

function findPair(map: YAMLMap, step: PropertyKey) {
  return map.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
}

function start(node: Node): number {
  return node.range?.[0] ?? 0;
}

/** What the library repeats of a file may be a secret in the wrong place. */
function withoutValue(message: string): string {
  if (message.startsWith("Unresolved tag")) return `tags (!…) are not accepted; ${NEEDS_QUOTES}`;
  return message.replace(/(extra characters): .*/, `$1; ${NEEDS_QUOTES}`);
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}

function invalid(problems: readonly string[]): ConfigError {
  return new ConfigError(problems.join("\n"), { hint: "Correct the file and run the command again." });
}
