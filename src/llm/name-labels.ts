import { isIP } from "node:net";

/** Ends of file and unit names, and no top-level domains: what ends so is not a host's name. */
const NOT_TOP_LEVEL = new Set(
  [
    "service socket timer slice scope mount automount device swap conf cnf cfg ini log sock pid lock js mjs ts php phar jar war",
  ]
    .concat("json yaml yml xml html htm txt sql gz css png jpg error_log access_log")
    .flatMap((words) => words.split(" ")),
);

/** Letters and digits of any script, and what holds names and addresses together. */
const WORD = /[\p{L}\p{N}_.:-]+/gu;
const LABEL = /\b(?:HOST|NAME|ADDRESS)\d{1,4}\b/g;

/** Replaces names and addresses of machines by labels, the same label for the same one, and knows the way back. */
export interface NameLabels {
  hide(text: string): string;
  /** Labels that were given out are names again; all else stays. */
  restore(text: string): string;
}

/** Sends everything as it is. */
export const NO_LABELS: NameLabels = { hide: (text) => text, restore: (text) => text };

/** `hosts`: names that are known to be hosts', so that those without a dot are found as well. */
export function createNameLabels({ hosts }: { readonly hosts: readonly string[] }): NameLabels {
  const labels = new Map<string, string>();
  const names = new Map<string, string>();
  const restore = (text: string) => text.replace(LABEL, (label) => names.get(label) ?? label);
  const labelOf = (kind: "HOST" | "NAME" | "ADDRESS", name: string) => {
    const key = name.toLowerCase();
    const known = labels.get(key);
    if (known !== undefined) return known;
    const label = `${kind}${labels.size + 1}`;
    labels.set(key, label);
    // a host's label may be within it already: `HOST1.example.com`
    names.set(label, restore(name));
    return label;
  };
  // the longest first: `web-1` within `web-1-old` is not the whole name
  const known = [...new Set(hosts.filter((host) => host !== ""))].sort((a, b) => b.length - a.length);

  return {
    hide(text) {
      const withLabels = known.reduce((shown, host) => replaceName(shown, host, labelOf("HOST", host)), text);
      return withLabels
        .replace(SHORTENED_ADDRESS, (address) => labelOf("ADDRESS", address))
        .replace(WORD, (word) => hideWord(word, labelOf));
    },
    restore,
  };
}

/** Whether a word is an address or could be looked up as one: nothing of the kind comes from a model. */
export function isAddressLike(word: string): boolean {
  const { bare } = splitMarks(word);
  const host = bare.replace(/:\d{1,5}$/, "");
  return isIP(bare) !== 0 || isIP(host) !== 0 || isDomain(host);
}

type LabelOf = (kind: "NAME" | "ADDRESS", name: string) => string;

function hideWord(word: string, labelOf: LabelOf): string {
  if (isIP(word) !== 0) return labelOf("ADDRESS", word);
  const { before, bare, after } = splitMarks(word);
  if (isIP(bare) !== 0) return before + labelOf("ADDRESS", bare) + after;
  // `server:shop.example.com`, `host:10.0.0.5:80`, and the port behind a name
  const parts = bare.split(":").map((part) => {
    if (isDomain(part) || isNamedFile(part) || CLOUD_NAME.test(part)) return labelOf("NAME", part);
    return part.replace(EMBEDDED_ADDRESS, (address) => labelOf("ADDRESS", address));
  });
  return before + parts.join(":") + after;
}

/** A word without what stands around it: `server:`, `_tcp.example.com_`, the end of a sentence. */
function splitMarks(word: string): {
  readonly before: string;
  readonly bare: string;
  readonly after: string;
} {
  let start = 0;
  while (start < word.length && "._-".includes(word.charAt(start))) start++;
  let end = word.length;
  while (end > start && "._:-".includes(word.charAt(end - 1))) end--;
  return { before: word.slice(0, start), bare: word.slice(start, end), after: word.slice(end) };
}

/** Also within a range or a file's name. A version of four numbers is hidden too, which costs nothing. */
const EMBEDDED_ADDRESS = /(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?!\d)/g;
/** A visitor's address without its end, as redaction leaves it. */
const SHORTENED_ADDRESS = /[\da-fA-F.:]{2,45}\[redacted:ip\]/g;
/** What clouds call a machine after its address. */
const CLOUD_NAME = /^ip(-\d{1,3}){4}$/;

/** Two labels at least, the last of letters (or punycode) and not the end of a file's or unit's name. */
function isDomain(text: string): boolean {
  const parts = text.split(".");
  const last = parts.at(-1)?.toLowerCase() ?? "";
  if (parts.length < 2 || parts.some((part) => part === "" || part.includes(":"))) return false;
  return (/^\p{L}{2,24}$/u.test(last) || /^xn--[a-z0-9-]{2,59}$/.test(last)) && !NOT_TOP_LEVEL.has(last);
}

/** `blog.example.com.log`, `blog.example.com_access`: a name, and what the file is for. */
function isNamedFile(text: string): boolean {
  const [, ...rest] = text.split(".");
  return rest.length > 1 && rest.some((part, index) => endsName(part, index === rest.length - 1));
}

function endsName(part: string, isLast: boolean): boolean {
  return isLast ? /^\p{L}{2,24}[_-]/u.test(part) : /^\p{L}{2,24}(?:$|[_-])/u.test(part);
}

/** Occurrences that are no part of a longer word. */
function replaceName(text: string, name: string, label: string): string {
  const lower = text.toLowerCase();
  // one Turkish letter would become two, and every position behind it would be wrong
  const haystack = lower.length === text.length ? lower : text;
  const needle = haystack === lower ? name.toLowerCase() : name;
  let shown = "";
  let from = 0;
  for (let at = haystack.indexOf(needle); at !== -1; at = haystack.indexOf(needle, at + needle.length)) {
    const end = at + needle.length;
    if (isWordCharacter(text[at - 1]) || isWordCharacter(text[end])) continue;
    shown += text.slice(from, at) + label;
    from = end;
  }
  return shown + text.slice(from);
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}
