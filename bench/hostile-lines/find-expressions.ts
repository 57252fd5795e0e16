import { globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { readTokens } from "../mutants/read-tokens.ts";

const ROOT = join(import.meta.dirname, "../..");

/** A regular expression as it stands in the source. */
export interface Expression {
  /** `src/topology/parsers/nginx/scope.ts:31` */
  readonly place: string;
  readonly expression: RegExp;
}

/** Every regular expression written in these files, by glob. */
export function findExpressions(globs: readonly string[]): readonly Expression[] {
  return globSync(globs, { cwd: ROOT })
    .toSorted()
    .flatMap((file) => {
      const source = stripTypeScriptTypes(readFileSync(join(ROOT, file), "utf8"));
      return readTokens(source)
        .filter(({ kind }) => kind === "regexp")
        .map(({ text, start }) => {
          const end = text.lastIndexOf("/");
          return {
            place: `${file}:${source.slice(0, start).split("\n").length}`,
            expression: new RegExp(text.slice(1, end), text.slice(end + 1)),
          };
        });
    });
}
