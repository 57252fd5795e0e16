import { join } from "node:path";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import { compileSignatures } from "../../src/playbook/match-signatures.ts";
import { parseTemplate } from "../../src/playbook/template.ts";
import { renderTable } from "../render-table.ts";
import { findExpressions } from "./find-expressions.ts";
import { type Growth, measureGrowth } from "./measure-growth.ts";
import { pumpsIn, pumpsOf } from "./pump.ts";

const USAGE = `node bench/hostile-lines/main.ts [--all]     what a line of 64 KiB, made to be slow, costs each pattern

Every message of the shipped playbooks and every regular expression over text of hosts, each against lines made of its own parts,
repeated. Of each group the slowest: its time, how much longer it takes than for half of the line (2 is linear), and the line.
--all prints every pattern. Ends with 1 when one takes 50 ms or more, or grows by more than 2.5 where it takes 1 ms or more.
`;
const MOST_MS = 50;
const MOST_GROWTH = 2.5;
/** Below, what is measured is the clock. */
const LEAST_MS = 1;
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  "expressions of the parsers": ["src/topology/parsers/**/*.ts"],
  "expressions of the topology": ["src/topology/*.ts"],
  "expressions of collecting and redacting": ["src/collect/**/*.ts"],
  "expressions of classifying": ["src/classify/**/*.ts", "src/playbook/*.ts"],
  "expressions of remediation and proof": ["src/remediate/**/*.ts", "src/verify/*.ts"],
};

interface Measured extends Growth {
  readonly name: string;
}

if (process.argv.includes("--help")) process.stdout.write(USAGE);
else await main({ isAll: process.argv.includes("--all") });

async function main({ isAll }: { readonly isAll: boolean }): Promise<void> {
  const groups: (readonly [string, readonly Measured[]])[] = [
    ...(await measureMessages()),
    ...Object.entries(SOURCES).map(([name, globs]) => [name, measureExpressions(globs)] as const),
  ];
  const slowest = groups.map(([name, all]) => {
    const worst = all.reduce((a, b) => (b.ms > a.ms ? b : a));
    return [name, `${all.length}`, worst.ms.toFixed(2), worst.growth.toFixed(1), shorten(worst.name)];
  });
  process.stdout.write(renderTable([["", "patterns", "ms, slowest", "64 : 32 KiB", "which"], ...slowest]));
  const all = groups.flatMap(([, measured]) => measured);
  const missed = all.filter(({ ms, growth }) => ms >= MOST_MS || (growth > MOST_GROWTH && ms >= LEAST_MS));
  process.stdout.write(
    `\n${all.length} patterns; ${missed.length} of them take ${MOST_MS} ms or grow faster than the line\n`,
  );
  for (const { name, ms, growth, worst } of isAll ? all : missed) {
    process.stdout.write(`${name}  ${ms.toFixed(2)} ms  ${growth.toFixed(1)}  ${worst}\n`);
  }
  process.exitCode = missed.length > 0 ? 1 : 0;
}

function shorten(name: string): string {
  return name.length > 60 ? `${name.slice(0, 59)}…` : name;
}

async function measureMessages(): Promise<readonly (readonly [string, readonly Measured[]])[]> {
  const playbooks = await loadPlaybooks([
    { path: join(import.meta.dirname, "../../playbooks"), origin: "shipped" },
  ]);
  const grammar = { messageStart: (_text: string, start: number) => start };
  return playbooks
    .filter(({ signatures }) => signatures.length > 0)
    .map(({ id, signatures }) => {
      const matcher = compileSignatures(signatures);
      const measured = signatures.map(({ message }): Measured => {
        const run = (text: string) => matcher.scan(text, grammar);
        return { name: message, ...measureGrowth(run, pumpsIn(parseTemplate(message).literals.join("x"))) };
      });
      return [`messages of ${id}`, measured];
    });
}

function measureExpressions(globs: readonly string[]): readonly Measured[] {
  return findExpressions(globs).map(({ place, expression }) => {
    const run = (text: string) =>
      expression.global ? text.replaceAll(expression, "") : expression.test(text);
    return { name: `${place} ${expression.source}`, ...measureGrowth(run, pumpsOf(expression)) };
  });
}
