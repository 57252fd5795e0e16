import { z } from "zod";
import type { CaseFile, FilterRule } from "./case-file.ts";
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
const Match = z.object({
  op: z.string(),
  left: z.object({ payload: z.object({ protocol: z.string(), field: z.string() }) }),
  right: z.unknown(),
});
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
  const { host, find } = options;
  return [
    ...rules.flatMap((rule) => {
      const chain = chains.find(
        (c) => c.name === rule.chain && c.table === rule.table && c.family === rule.family,
      );
      return readRule(rule, chain?.hook) ?? [];
    }),
    ...chains.flatMap(({ family, table, name, hook, policy }) =>
      policy === "drop" && hook !== "forward"
        ? [
            {
              verdict: "drop" as const,
              chain: `${family} ${table} ${name}`,
              ...(hook === undefined ? {} : { hook }),
              ports: [],
              exceptPorts: rules
                .filter((rule) => rule.chain === name && rule.table === table && rule.family === family)
                .flatMap(acceptedPorts),
              text: `chain ${name}: policy drop`,
            },
          ]
        : [],
    ),
  ].map((rule) => ({
    ...rule,
    finding: find({
      check: "firewall",
      host,
      summary: `A filter on ${host} ${rule.verdict}s packets${rule.ports.length === 0 ? "" : ` to port ${rule.ports.join(", ")}`}.`,
      quote: rule.text,
    }),
  }));
}

function readRule(
  rule: z.infer<typeof Rule>,
  hook: string | undefined,
): Omit<FilterRule, "finding"> | undefined {
  const verdict = rule.expr.some((part) => "drop" in part)
    ? "drop"
    : rule.expr.some((part) => "reject" in part)
      ? "reject"
      : undefined;
  if (verdict === undefined || hook === "forward") return undefined;
  const matches = rule.expr.flatMap(({ match }) => Match.safeParse(match).data ?? []);
  const dport = matches.find(({ left }) => left.payload.field === "dport");
  if (matches.some(({ left }) => left.payload.protocol === "udp")) return undefined;
  const packets = rule.expr.flatMap(({ counter }) => Counter.safeParse(counter).data?.packets ?? [])[0];
  return {
    verdict,
    chain: `${rule.family} ${rule.table} ${rule.chain}`,
    ...(hook === undefined ? {} : { hook }),
    ports: dport === undefined ? [] : numbers(dport.right),
    exceptPorts: [],
    ...(packets === undefined ? {} : { packets }),
    text: `${rule.chain}: ${rule.expr.map(describe).filter(Boolean).join(" ")}`,
  };
}

function acceptedPorts({ expr }: z.infer<typeof Rule>): readonly number[] {
  if (!expr.some((part) => "accept" in part)) return [];
  return expr
    .flatMap(({ match }) => Match.safeParse(match).data ?? [])
    .filter(({ left }) => left.payload.field === "dport")
    .flatMap(({ right }) => numbers(right));
}

function describe(part: Record<string, unknown>): string {
  const match = Match.safeParse(part.match).data;
  if (match !== undefined) {
    const { protocol, field } = match.left.payload;
    return `${protocol} ${field} ${match.op === "==" ? "" : `${match.op} `}${JSON.stringify(match.right)}`;
  }
  const counter = Counter.safeParse(part.counter).data;
  if (counter !== undefined) return `counter packets ${counter.packets}`;
  if ("reject" in part) return `reject ${JSON.stringify(part.reject ?? "")}`;
  if ("drop" in part) return "drop";
  return "";
}

/** The ports in a match's right side: a number, a set, or a small range. */
function numbers(right: unknown): readonly number[] {
  if (typeof right === "number") return [right];
  if (Array.isArray(right)) return right.flatMap(numbers);
  const group = z.object({ set: z.array(z.unknown()) }).safeParse(right).data;
  if (group !== undefined) return group.set.flatMap(numbers);
  const range = z.object({ range: z.tuple([z.number(), z.number()]) }).safeParse(right).data;
  if (range === undefined || range.range[1] - range.range[0] > 1024) return [];
  return Array.from({ length: range.range[1] - range.range[0] + 1 }, (_, index) => range.range[0] + index);
}
