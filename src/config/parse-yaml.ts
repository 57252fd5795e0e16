import { isAlias, isMap, isNode, isScalar, LineCounter, type Node, parseDocument, visit } from "yaml";
import type { z } from "zod";
import { ConfigError } from "./config-error.ts";
import { describeIssue } from "./describe-issue.ts";

type Path = readonly PropertyKey[];

/** Parsed and checked YAML, and the way to point at any part of it. */
export interface ParsedYaml<T> {
  readonly value: T;
  /** An error about one part: `file:line:column: hosts.edge-1.jump: <what>`. */
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
    (problem) => `${at(problem.pos[0])}: ${firstLine(problem.message)}`,
  );
  if (syntax.length > 0) throw invalid(syntax);

  const indirect: string[] = [];
  visit(document, {
    Node(_key, node) {
      const offset = node.range?.[0] ?? 0;
      if (isAlias(node))
        indirect.push(`${at(offset)}: aliases (*${node.source}) are not accepted; write the value out`);
      else if (node.anchor) indirect.push(`${at(offset)}: anchors (&${node.anchor}) are not accepted`);
      else if (node.tag) indirect.push(`${at(offset)}: tags (${node.tag}) are not accepted`);
    },
  });
  if (indirect.length > 0) throw invalid(indirect);

  const problemAt = (path: Path, what: string) => {
    const place = path.length > 0 ? `${path.map(String).join(".")}: ` : "";
    return `${at(offsetOf(document.contents, path))}: ${place}${what}`;
  };
  const parsed = schema.safeParse(document.toJS(), { error: describeIssue });
  if (parsed.success) return { value: parsed.data, problemAt };
  throw invalid(
    parsed.error.issues.map((issue) => {
      const { keys } = issue.code === "unrecognized_keys" ? issue : { keys: [] };
      const place = `${issue.path.length > 0 ? `${issue.path.map(String).join(".")}: ` : ""}`;
      return `${at(offsetOf(document.contents, [...issue.path, ...keys.slice(0, 1)]))}: ${place}${issue.message}`;
    }),
  );
}

function parseText(text: string, options: { readonly file: string; readonly lines: LineCounter }) {
  try {
    return parseDocument(text, {
      lineCounter: options.lines,
      prettyErrors: false,
      uniqueKeys: true,
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

/** Where a path points to, or the nearest thing around it that exists; the key itself rather than its value's first line. */
function offsetOf(contents: unknown, path: Path): number {
  let node: unknown = contents;
  let offset = isNode(node) ? start(node) : 0;
  for (const [depth, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) return offset;
      node = pair.value;
      const last = depth === path.length - 1;
      const target = last && isScalar(node) && node.value !== null ? node : pair.key;
      offset = isNode(target) ? start(target) : offset;
    } else {
      const item = isNode(node) && "items" in node ? node.items[Number(step)] : undefined;
      if (!isNode(item)) return offset;
      node = item;
      offset = start(item);
    }
  }
  return offset;
}

function start(node: Node): number {
  return node.range?.[0] ?? 0;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}

function invalid(problems: readonly string[]): ConfigError {
  return new ConfigError(problems.join("\n"), { hint: "Correct the file and run the command again." });
}
