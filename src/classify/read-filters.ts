import { z } from "zod";
import { present } from "../topology/present.ts";
import type { CaseFile, FilterRule, PortRange } from "./case-file.ts";
import { type Statement, scopeOf } from "./filter-scope.ts";
import { parseJson } from "./parse-json.ts";

/** `nft -j list ruleset`. Source: libnftables-json(5). Lenient: what we do not read may be anything. */
const Ruleset = z.object({ nftables: z.array(z.record(z.string(), z.unknown())) });
const Chain = z.object({
  family: z.string(),
  table: z.string(),
  name: z.string(),
  hook: z.string().optional(),
  policy: z.string().optional(),
});
const Rule = z.object({
  family: z.string(),
  table: z.string(),
  chain: z.string(),
  expr: z.array(z.record(z.string(), z.unknown())),
});
const Reject = z.object({ type: z.string().optional(), expr: z.string().optional() });
const Counter = z.object({ packets: z.number() });

/** Every rule (and chain policy) that drops or rejects TCP, with the ports it names. Empty when the text is not a ruleset. */
export function readFilters(
  text: string,
  options: { readonly host: string; readonly find: CaseFile["find"] },
): readonly FilterRule[] {
  const start = text.indexOf("{");
  const parsed = Ruleset.safeParse(start < 0 ? undefined : parseJson(text.slice(start)));
  if (!parsed.success) return [];
  const chains = parsed.data.nftables.flatMap(({ chain }) => Chain.safeParse(chain).data ?? []);
  const rules = parsed.data.nftables.flatMap(({ rule }) => Rule.safeParse(rule).data ?? []);
  const byChain = Map.groupBy(rules, ({ family, table, chain }) => `${family} ${table} ${chain}`);
  const { host, find } = options;
  return chains
    .filter(({ hook }) => hook !== "forward")
    .flatMap((chain) => readChain(chain, { chains, byChain }))
    .map((rule) => ({
      ...rule,
      finding: find({
        check: "firewall",
        host,
        summary: `A filter on ${host} ${rule.verdict}s packets${rule.ports.length === 0 ? "" : ` to port ${rule.ports.map(portText).join(", ")}`}.`,
        quote: rule.text,
      }),
    }));
}

type ReadRule = Omit<FilterRule, "finding">;

function readChain(
  chain: z.infer<typeof Chain>,
  { chains, byChain }: { readonly chains: readonly z.infer<typeof Chain>[]; readonly byChain: RulesByChain },
): readonly ReadRule[] {
  const where = present({ chain: nameOf(chain), hook: chain.hook });
  const found: ReadRule[] = [];
  // what an earlier rule, or a chain without a hook that this one jumps to, lets through does not come this far
  const exceptPorts = chain.hook === undefined ? [] : acceptedElsewhere(chain, { chains, byChain });
  for (const { expr } of byChain.get(nameOf(chain)) ?? []) {
    const scope = scopeOf(expr);
    if (scope === undefined) continue;
    if (expr.some((part) => "accept" in part)) exceptPorts.push(...scope.ports);
    const verdict = verdictOf(expr);
    if (verdict === undefined) continue;
    const text = `${chain.name}: ${expr.map(describe).filter(Boolean).join(" ")}`;
    found.push({ ...where, verdict, text, ...scope, exceptPorts: [...scope.exceptPorts, ...exceptPorts] });
  }
  if (chain.policy === "drop") {
    found.push({
      ...where,
      verdict: "drop",
      text: `chain ${chain.name}: policy drop`,
      ports: [],
      exceptPorts,
    });
  }
  return found;
}

type RulesByChain = ReadonlyMap<string, readonly z.infer<typeof Rule>[]>;

function acceptedElsewhere(
  { family, table }: z.infer<typeof Chain>,
  { chains, byChain }: { readonly chains: readonly z.infer<typeof Chain>[]; readonly byChain: RulesByChain },
): PortRange[] {
  return chains
    .filter((other) => other.hook === undefined && other.table === table && other.family === family)
    .flatMap((other) => byChain.get(nameOf(other)) ?? [])
    .filter(({ expr }) => expr.some((part) => "accept" in part))
    .flatMap(({ expr }) => scopeOf(expr)?.ports ?? []);
}

function nameOf({ family, table, name }: z.infer<typeof Chain>): string {
  return `${family} ${table} ${name}`;
}

function verdictOf(statements: readonly Statement[]): FilterRule["verdict"] | undefined {
  if (statements.some((part) => "drop" in part)) return "drop";
  return statements.some((part) => "reject" in part) ? "reject" : undefined;
}

const Match = z.object({
  op: z.string(),
  left: z.object({ payload: z.object({ protocol: z.string(), field: z.string() }) }),
  right: z.unknown(),
});

function describe(part: Statement): string {
  const match = Match.safeParse(part.match).data;
  if (match !== undefined) {
    const { protocol, field } = match.left.payload;
    return `${protocol} ${field} ${match.op === "==" ? "" : `${match.op} `}${JSON.stringify(match.right)}`;
  }
  const counter = Counter.safeParse(part.counter).data;
  if (counter !== undefined) return `counter packets ${counter.packets}`;
  if ("reject" in part) return describeReject(part.reject);
  if ("drop" in part) return "drop";
  return "";
}

/** As nft itself prints it: `reject`, `reject with tcp reset`, `reject with icmpx admin-prohibited`. */
function describeReject(reject: unknown): string {
  const { type, expr } = Reject.safeParse(reject).data ?? {};
  return [
    "reject",
    ...(type === undefined ? [] : ["with", type]),
    ...(expr === undefined ? [] : [expr]),
  ].join(" ");
}

function portText({ from, to }: PortRange): string {
  return from === to ? `${from}` : `${from}-${to}`;
}
