import { type MatchMethod, matchesText } from "./match-text.ts";
import { linesOf, type Section } from "./parse-config.ts";
import type { Samples } from "./samples.ts";

/** Whether a condition holds for the request; undefined when only the running HAProxy knows. */
export type Verdict = boolean | undefined;

/**
 * Evaluates the `if …` or `unless …` at the end of a section's rules. Names are ANDed, `||` starts an alternative, `!`
 * negates, braces hold an unnamed ACL. Source: doc/configuration.txt 7.2.
 */
export function createConditions(section: Section, samples: Samples): (words: readonly string[]) => Verdict {
  const acls = Map.groupBy(linesOf(section, "acl"), ({ words }) => words[1] ?? "");
  const known = new Map<string, Verdict>();

  /** ACLs of one name are ORed. */
  function named(name: string): Verdict {
    const lines = acls.get(name);
    if (lines === undefined) return PREDEFINED.get(name);
    if (!known.has(name)) {
      const verdicts = lines.map(({ words }) => evaluateTest(words.slice(2), samples));
      known.set(name, verdicts.reduce<Verdict>(or, false));
    }
    return known.get(name);
  }

  return (words) => {
    const at = words.findIndex((word) => word === "if" || word === "unless");
    if (at < 0) return true;
    const terms = words.slice(at + 1);
    let alternative: Verdict = true;
    let any: Verdict = false;
    for (let index = 0; index < terms.length; index += 1) {
      const word = terms[index] ?? "";
      if (word === "||" || word === "or") {
        any = or(any, alternative);
        alternative = true;
        continue;
      }
      const isNegated = word.startsWith("!");
      const name = word === "!" ? (terms[++index] ?? "") : isNegated ? word.slice(1) : word;
      let verdict: Verdict;
      if (name === "{") {
        const close = terms.indexOf("}", index);
        const end = close < 0 ? terms.length : close;
        verdict = evaluateTest(terms.slice(index + 1, end), samples);
        index = end;
      } else {
        verdict = named(name);
      }
      alternative = and(alternative, isNegated ? not(verdict) : verdict);
    }
    any = or(any, alternative);
    return words[at] === "unless" ? not(any) : any;
  };
}

/** Predefined ACLs that depend on nothing but the request. Source: doc/configuration.txt 7.4. */
const PREDEFINED: ReadonlyMap<string, boolean> = new Map([
  ["TRUE", true],
  ["FALSE", false],
  ["HTTP", true],
  ["METH_GET", true],
  ["METH_HEAD", false],
  ["METH_POST", false],
  ["METH_PUT", false],
  ["METH_DELETE", false],
  ["METH_OPTIONS", false],
  ["METH_CONNECT", false],
  ["HTTP_1_0", false],
  ["LOCALHOST", false],
  ["REQ_CONTENT", true],
]);

const METHODS: readonly MatchMethod[] = ["beg", "end", "sub", "dir", "dom", "reg", "len"];

/** `<sample>[,converters] [-i] [-m method] [-f file] values…` */
function evaluateTest([criterion = "", ...rest]: readonly string[], samples: Samples): Verdict {
  const flags = { ignoreCase: false, method: undefined as MatchMethod | "found" | "other" | undefined };
  const values: string[] = [];
  for (let index = 0; index < rest.length; index += 1) {
    const word = rest[index] ?? "";
    if (values.length > 0) values.push(word);
    else if (word === "-i") flags.ignoreCase = true;
    else if (word === "-n" || word === "-u") index += word === "-u" ? 1 : 0;
    else if (word === "-m") {
      const given = rest[++index] ?? "";
      flags.method =
        given === "found"
          ? given
          : given === "str"
            ? undefined
            : (METHODS.find((method) => method === given) ?? "other");
    } else if (word === "-f") {
      const listed = samples.listFile(rest[++index] ?? "");
      if (listed === undefined) return undefined;
      values.push(...listed.slice(0, 10_000));
    } else if (word === "--") {
      values.push(...rest.slice(index + 1));
      break;
    } else values.push(word);
  }
  const { name, suffix } = splitSuffix(criterion);
  const value = samples.value(name);
  if (value === undefined) return undefined;
  if (flags.method === "found") return value !== "";
  if (flags.method === "other") return undefined;
  if (values.length === 0) return value === "1" || value === "true";
  const method = flags.method ?? suffix;
  const [operator = ""] = values;
  if (Object.hasOwn(COMPARE, operator)) {
    return compare(method === "len" ? value.length : Number(value), operator, Number(values[1]));
  }
  const verdicts = values.map((wanted) =>
    matchesText(value, wanted, { method, ignoreCase: flags.ignoreCase }),
  );
  return verdicts.reduce<Verdict>(or, false);
}

const COMPARE: Readonly<Record<string, (seen: number, wanted: number) => boolean>> = {
  eq: (seen, wanted) => seen === wanted,
  ge: (seen, wanted) => seen >= wanted,
  gt: (seen, wanted) => seen > wanted,
  le: (seen, wanted) => seen <= wanted,
  lt: (seen, wanted) => seen < wanted,
};

function compare(seen: number, operator: string, wanted: number): Verdict {
  return Number.isNaN(seen) || Number.isNaN(wanted) ? undefined : COMPARE[operator]?.(seen, wanted);
}

/** `path_beg` is `path` with another way to match; `hdr_dom(host)` is `hdr(host)` likewise. */
function splitSuffix(criterion: string): { readonly name: string; readonly suffix?: MatchMethod } {
  const found = /^([a-z.0-9_]{1,40}?)_(beg|end|sub|dir|dom|reg|len)(?=\(|,|$)/.exec(criterion);
  const suffix = METHODS.find((method) => method === found?.[2]);
  if (!found || suffix === undefined) return { name: criterion };
  return { name: `${found[1]}${criterion.slice(found[0].length)}`, suffix };
}

function and(one: Verdict, other: Verdict): Verdict {
  if (one === false || other === false) return false;
  return one === undefined || other === undefined ? undefined : true;
}

function or(one: Verdict, other: Verdict): Verdict {
  if (one === true || other === true) return true;
  return one === undefined || other === undefined ? undefined : false;
}

function not(verdict: Verdict): Verdict {
  return verdict === undefined ? undefined : !verdict;
}
