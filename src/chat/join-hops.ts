import type { Card } from "../report/card.ts";

type Hop = Card["hops"][number];

/** The hops in one line: `a → b → c`, and `c | d` for those that stand beside each other. */
export function joinHops(hops: readonly Hop[], draw: (hop: Hop) => string): string {
  return hops.map((hop, n) => `${n === 0 ? "" : hop.beside ? " | " : " → "}${draw(hop)}`).join("");
}
