import { beforeOnLine, endOfLine, type Searched } from "./secret.ts";
import { isSecretWord, wordsOf } from "./secret-names.ts";

/** Values that say something about a secret and are none. */
const HARMLESS = new Set(
  "yes no true false null nil none undefined empty on off 0 1 invalid expired missing failed required".split(
    " ",
  ),
);
/** Nobody's secret is a sentence of these words, one of the first group at least. */
const STATUS_WORDS = new Set(
  (
    "found missing invalid expired empty mismatch match matched wrong incorrect unknown unable denied failed required " +
    "refused rejected unset error"
  ).split(" "),
);
const OTHER_WORDS = new Set(
  (
    "a an the is was are been has have had does did not no must could cannot file directory such given permission access read open opened " +
    "authentication verification validation password token secret key credentials signature value"
  ).split(" "),
);
/** `[module:level]` of an error log. */
const LEVEL = /^:(?:emerg|alert|crit|error|warn|notice|info|debug|trace[1-8])\]/;
/** Where the name service may look accounts up: `passwd: files systemd`. Source: nsswitch.conf(5). */
const NAME_SOURCES = new Set(
  "files compat db dns nis nisplus ldap sss winbind systemd hesiod altfiles".split(" "),
);

/** `$http_cookie`, `${NAME}`, `$1`, `$(cat file)`, `%{HTTP:Cookie}`: where a value comes from; a password may begin so, too. */
const REFERENCE =
  /^(?:\$(?:[A-Za-z_]\w*|[0-9]|\{[\w.]+|\{\{.*|\([^)]*)|%\{[\w:.-]+\}\w?)[;,"'`)\]}]*(?:\s|$)/;
/** `<redacted>`, `<none>`. */
const PLACEHOLDER = /^<[^<>]*>(?:\W|$)/;

/** Whether the text from `at` on names where a value comes from, instead of the value. */
export function isReference(text: string, at: number): boolean {
  const first = text[at];
  return (first === "$" || first === "%") && REFERENCE.test(text.slice(at, at + 80));
}

/** Whether a value says something about a secret, or names where it comes from, and is none. */
export function isHarmlessValue(value: string): boolean {
  if (value === "" || isReference(value, 0) || PLACEHOLDER.test(value)) return true;
  return /^\*+$/.test(value) || HARMLESS.has(value.toLowerCase());
}

/** Whether the colon behind the name at [start, end) gives it no value: somebody speaks, or it is an address, a module, a status. */
export function isSaid(searched: Searched, start: number, end: number): boolean {
  const { text, lower } = searched;
  const said = lower.slice(end + 1, Math.min(endOfLine(text, end), end + 100)).trim();
  return (
    isAddress(searched, start, end) ||
    isModule(lower, start, end) ||
    isNameSource(lower, start, end, said) ||
    isSentence(searched, start, end, said)
  );
}

/** `http://token-api:8080/`, `auth-db:5432`: hosts may have any name. */
function isAddress({ text, lower }: Searched, start: number, end: number): boolean {
  if (!/^:[0-9]{2,5}(?!\w)/.test(text.slice(end, end + 7))) return false;
  return text.startsWith("//", start - 2) || !isSecretWord(lower.slice(start, end));
}

/** `[auth_basic:error]`, `pam_unix(chpasswd:auth)`. */
function isModule(lower: string, start: number, end: number): boolean {
  if (lower[start - 1] === "[") return LEVEL.test(lower.slice(end, end + 10));
  return lower[start - 1] === "(" && /\bpam_[a-z0-9_]{1,30}\($/.test(beforeOnLine(lower, start));
}

function isNameSource(lower: string, start: number, end: number, said: string): boolean {
  if (lower.slice(start, end) !== "passwd" || beforeOnLine(lower, start).trim() !== "") return false;
  return said.split(/\s+/).every((word) => NAME_SOURCES.has(word) || /^\[[!a-z=]{1,40}\]$/.test(word));
}

/** `auth: no such user`, `nginx-auth: worker process exited`, `Unexpected token: }`, `secret: file not found`. */
function isSentence({ text, lower }: Searched, start: number, end: number, said: string): boolean {
  if (text[start - 1] === '"' || text[start - 1] === "'") return false;
  if (isStatus(said)) return true;
  const words = wordsOf(text.slice(start, end));
  if (words.some(isSecretWord)) return lower.endsWith("unexpected ", start);
  if (words.length === 1) return words[0] === "auth" || words[0] === "pass";
  return words.at(-1) === "auth" && said.includes(" ");
}

function isStatus(said: string): boolean {
  const words = said.replace(/[.!]$/, "").split(" ");
  const statuses = words.filter((word) => STATUS_WORDS.has(word)).length;
  return (
    words.length > 1 && statuses > 0 && words.every((word) => STATUS_WORDS.has(word) || OTHER_WORDS.has(word))
  );
}
