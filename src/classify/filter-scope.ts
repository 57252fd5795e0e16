import { z } from "zod";
import type { FilterRule, PortRange } from "./case-file.ts";

/** One statement of a rule as `nft -j` prints it. Source: libnftables-json(5). */
export type Statement = Readonly<Record<string, unknown>>;

const Match = z.object({ op: z.string(), left: z.record(z.string(), z.unknown()), right: z.unknown() });
const Payload = z.object({ protocol: z.string(), field: z.string() });
const Key = z.object({ key: z.string() });
const PortSet = z.object({ set: z.array(z.unknown()) });
const Range = z.object({ range: z.tuple([z.number(), z.number()]) });

/** Whom one condition of a rule lets through to its verdict, of new TCP connections from elsewhere. */
type Condition =
  | { readonly kind: "all" | "none" | "some" }
  | { readonly kind: "ports" | "other-ports"; readonly ports: readonly PortRange[] };

/**
 * The destination ports of new TCP connections a rule is about; undefined when it is about none, or about some that cannot be
 * told from the rule alone: a named set, an address, an interface, flags.
 */
export function scopeOf(
  statements: readonly Statement[],
): Pick<FilterRule, "ports" | "exceptPorts"> | undefined {
  const conditions = statements.flatMap(conditionOf);
  const ports = conditions.find(({ kind }) => kind === "ports");
  const others = conditions.find(({ kind }) => kind === "other-ports");
  if (conditions.some(({ kind }) => kind === "none")) return undefined;
  if (ports === undefined && conditions.some(({ kind }) => kind === "some")) return undefined;
  return { ports: portsOf(ports), exceptPorts: portsOf(others) };
}

function portsOf(condition: Condition | undefined): readonly PortRange[] {
  return condition !== undefined && "ports" in condition ? condition.ports : [];
}

function conditionOf(statement: Statement): readonly Condition[] {
  // an extension of iptables that nft cannot translate
  if ("xt" in statement || "limit" in statement) return [{ kind: "some" }];
  if (!("match" in statement)) return [];
  const match = Match.safeParse(statement.match).data;
  return [match === undefined ? { kind: "some" } : judge(match)];
}

function judge({ op, left, right }: z.infer<typeof Match>): Condition {
  const isNegated = op === "!=";
  const payload = Payload.safeParse(left.payload).data;
  if (payload !== undefined && PROTOCOL_FIELDS.has(payload.field)) return ofTcp(right, isNegated);
  if (Key.safeParse(left.meta).data?.key === "l4proto") return ofTcp(right, isNegated);
  if (Key.safeParse(left.ct).data?.key === "state") {
    return { kind: names(right).includes("new") === isNegated ? "none" : "all" };
  }
  if (payload !== undefined && OTHER_PROTOCOLS.has(payload.protocol)) return { kind: "none" };
  if (payload?.field !== "dport") return { kind: "some" };
  const ports = portRanges(right);
  if (ports === undefined) return { kind: "none" };
  return { kind: isNegated ? "other-ports" : "ports", ports };
}

const PROTOCOL_FIELDS = new Set(["protocol", "nexthdr"]);
const OTHER_PROTOCOLS = new Set(["udp", "udplite", "sctp", "dccp", "icmp", "icmpv6", "igmp", "arp", "ether"]);

function ofTcp(right: unknown, isNegated: boolean): Condition {
  return { kind: names(right).includes("tcp") === isNegated ? "none" : "all" };
}

function names(right: unknown): readonly unknown[] {
  return PortSet.safeParse(right).data?.set ?? [right].flat();
}

/** The ports of a match's right side: a number, a set or a range; undefined when it names any other way. */
function portRanges(right: unknown): readonly PortRange[] | undefined {
  if (typeof right === "number") return [{ from: right, to: right }];
  const range = Range.safeParse(right).data?.range;
  if (range !== undefined) return [{ from: range[0], to: range[1] }];
  const set = PortSet.safeParse(right).data?.set;
  if (set === undefined) return undefined;
  const members = set.map(portRanges);
  return members.some((member) => member === undefined) ? undefined : members.flatMap((m) => m ?? []);
}
