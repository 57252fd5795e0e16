/** Deeper than any sender nests, and shallow enough for whoever walks it. */
const MAX_DEPTH = 32;

export type ParsedBody =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string };

/** The proven bytes, parsed once. Refused: what is not UTF-8 or JSON, nesting beyond 32, and keys that JavaScript gives a meaning of its own. */
export function parseBody(bytes: Uint8Array): ParsedBody {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
    return { ok: false, problem: "the body is not JSON in UTF-8" };
  }
  const problem = findProblem(value, MAX_DEPTH);
  return problem === undefined ? { ok: true, value } : { ok: false, problem };
}

function findProblem(value: unknown, depthLeft: number): string | undefined {
  if (value === null || typeof value !== "object") return undefined;
  if (depthLeft === 0) return `the body is nested deeper than ${MAX_DEPTH}`;
  if (Object.hasOwn(value, "__proto__")) return "the key __proto__ is not accepted";
  for (const child of Object.values(value)) {
    const problem = findProblem(child, depthLeft - 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
