import {
  BASE64,
  BLANK,
  beforeOnLine,
  charsOf,
  endOfLine,
  endOfRun,
  outsideOf,
  type Searched,
  type Secret,
  startOfRun,
} from "./secret.ts";

/** Found in every name that could be secret; `key` only together with a word of {@link KEYS}. */
const HINT = /pass|pwd|secret|token|credential|salt|auth|key/g;

/** Words of a name that make its value secret; a longer word may end in the first group. */
const ENDINGS = [
  "password",
  "passwd",
  "passphrase",
  "secret",
  "token",
  "apikey",
  "requirepass",
  "masterauth",
];
const WORDS = new Set(["pass", "pwd", "auth", "credential", "credentials", "salt", "secrets"]);
/** `<one of these> key` is a secret; other keys are files, columns, sort orders. */
const KEYS = new Set([
  "api",
  "access",
  "private",
  "secret",
  "account",
  "encryption",
  "signing",
  "auth",
  "app",
  "master",
  "shared",
]);
/** A name that ends so says where a secret is, who keeps it or how long it lives, not what it is. */
const HARMLESS_LAST = new Set(
  (
    "file files path dir name type url uri ttl timeout length size expiry expires method id count policy realm required " +
    "service socket sock timer conf log server host hosts port address addr endpoint domain user username plugin encryption version " +
    "status error errors failure failures requests total"
  ).split(" "),
);
/** Values that say something about a secret and are none. */
const HARMLESS_VALUES = new Set(
  "yes no true false null nil none undefined empty on off 0 1 invalid expired missing failed required".split(
    " ",
  ),
);

const NAME = charsOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
const OPENERS = charsOf("\"'([<");
const CLOSERS = charsOf("\"'])");
const BARE_END = charsOf(" \t\n\r&\"'<>`;,)}]|\\");
const BARE = BARE_END.map((isMember) => 1 - isMember);

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[_.-]/)
    .filter((word) => word !== "");
}

function isSecretName(name: string): boolean {
  const words = wordsOf(name);
  if (HARMLESS_LAST.has(words.at(-1) ?? "")) return false;
  return words.some((word, index) => {
    if (isSecretWord(word)) return true;
    // PWD alone is the working directory
    if (word === "pwd") return words.length > 1;
    if (word === "key") return KEYS.has(words[index - 1] ?? "");
    return WORDS.has(word);
  });
}

function isSecretWord(word: string): boolean {
  return ENDINGS.some((ending) => word.endsWith(ending));
}

/** How a name is given its value. */
interface Assigned {
  readonly valueAt: number;
  /** `=`, `:`, `,`, or blank for `--password x` and `fastcgi_param NAME x`. */
  readonly by: string;
}

const SETTERS = ["_param", "setenv", "env", "set_header", "export", "arg"];

function assignmentAfter({ text, lower }: Searched, start: number, end: number): Assigned | undefined {
  const closed = endOfRun(text, end, CLOSERS);
  const at = endOfRun(text, closed, BLANK);
  const char = text[at];
  const wasQuoted = closed > end;
  if (char === "=" || char === ":" || (char === "," && wasQuoted)) {
    const isArrow = char === "=" && text[at + 1] === ">";
    // `==` compares, `::` qualifies, `:=` and `://` are something else
    if (text[at + 1] === char || text.startsWith("//", at + 1)) return undefined;
    return { valueAt: endOfRun(text, at + (isArrow ? 2 : 1), BLANK), by: char };
  }
  if (at === closed || wasQuoted) return undefined;
  const isOption = text.startsWith("--", start);
  const before = beforeOnLine(lower, start).trimEnd();
  const isSet = SETTERS.some((setter) => before.endsWith(setter));
  const isDirective =
    before === "" && (lower.startsWith("requirepass", start) || lower.startsWith("masterauth", start));
  return (isOption && text[at] !== "-") || isSet || isDirective ? { valueAt: at, by: " " } : undefined;
}

/** Where a value starts and ends: quoted, to the end of a line that is one assignment, or one bare word. */
function valueBounds(
  text: string,
  nameAt: number,
  { valueAt, by }: Assigned,
): { start: number; end: number } {
  const eol = endOfLine(text, valueAt);
  const quote = text[valueAt];
  if (quote === '"' || quote === "'") {
    let close = text.indexOf(quote, valueAt + 1);
    while (close > 0 && text[close - 1] === "\\") close = text.indexOf(quote, close + 1);
    return { start: valueAt + 1, end: close < 0 || close > eol ? eol : close };
  }
  const around = text[nameAt - 1];
  if (around === '"' || around === "'") {
    // Environment="NAME=value": the quote before the name ends the value
    const close = text.indexOf(around, valueAt);
    if (close >= 0 && close <= eol) return { start: valueAt, end: close };
  }
  const indent = beforeOnLine(text, nameAt).trim();
  const isWholeLine = (by === "=" || by === ":") && (indent === "" || indent === "-" || indent === "export");
  return { start: valueAt, end: isWholeLine ? eol : endOfRun(text, valueAt, BARE) };
}

/** Shorter ones are words, names, and the like. */
const LEAST_RANDOM = 32;

/** `loaded signing key 8f…`: a long word of mixed letters and digits; never alone, as request ids and digests look the same. */
function randomWordAfter(text: string, nameAt: number, nameEnd: number): Secret | undefined {
  const blank = endOfRun(text, nameEnd, BLANK);
  const start = endOfRun(text, blank, OPENERS);
  const end = endOfRun(text, start, BASE64);
  if (blank === nameEnd || end - start < LEAST_RANDOM) return undefined;
  const word = text.slice(start, Math.min(end, start + 100));
  const isRandom = countOf(word, /[0-9]/g) >= 4 && countOf(word, /[a-z]/gi) >= 4 && countOf(word, /\//g) < 3;
  if (!isRandom) return undefined;
  const name = text.slice(nameAt, nameEnd);
  const before = beforeOnLine(text, nameAt).trimEnd();
  const qualifier = before.slice(startOfRun(before, before.length, NAME));
  const isSecret = isSecretName(name) || (/^keys?$/i.test(name) && isSecretName(`${qualifier}_key`));
  return isSecret ? { start, end, kind: "secret" } : undefined;
}

function countOf(text: string, shape: RegExp): number {
  return text.match(shape)?.length ?? 0;
}

/** `http://token-api:8080/`, `auth-db:5432`: hosts may have any name. */
function isAddress(text: string, start: number, end: number): boolean {
  if (!/^:[0-9]{2,5}(?!\w)/.test(text.slice(end, end + 7))) return false;
  return text.startsWith("//", start - 2) || !isSecretWord(wordsOf(text.slice(start, end)).at(-1) ?? "");
}

/** `auth: no such user`, `nginx-auth: worker process exited`, `Unexpected token: }`: who says something, not the name of a value. */
function isSentence({ text, lower }: Searched, start: number, end: number): boolean {
  if (text[start - 1] === '"' || text[start - 1] === "'") return false;
  const words = wordsOf(text.slice(start, end));
  if (words.some(isSecretWord)) return lower.endsWith("unexpected ", start);
  if (words.length === 1) return words[0] === "auth" || words[0] === "pass";
  const said = text.slice(end + 1, Math.min(endOfLine(text, end), end + 100)).trim();
  return words.at(-1) === "auth" && said.includes(" ");
}

function secretAt(searched: Searched, hintAt: number): Secret | undefined {
  const { text } = searched;
  const start = startOfRun(text, hintAt, NAME);
  const end = endOfRun(text, hintAt, NAME, 100);
  if (
    end - start > 80 ||
    text[start - 1] === "$" ||
    text.startsWith("[redacted:", start - "[redacted:".length)
  )
    return undefined;
  const assigned = assignmentAfter(searched, start, end);
  if (assigned === undefined) return randomWordAfter(text, start, end);
  if (!isSecretName(text.slice(start, end))) return undefined;
  if (assigned.by === ":" && (isAddress(text, start, end) || isSentence(searched, start, end)))
    return undefined;
  const value = valueBounds(text, start, assigned);
  const content = text.slice(value.start, Math.min(value.end, value.start + 40)).trim();
  const isReference = content.startsWith("$") || content.startsWith("%{") || content.startsWith("<");
  if (content === "" || isReference || /^\*+$/.test(content)) return undefined;
  if (HARMLESS_VALUES.has(content.toLowerCase())) return undefined;
  return { ...value, kind: "secret" };
}

/** `-pPASS` of database clients, `-u user:pass` of HTTP clients, `IDENTIFIED BY 'x'` and `PASSWORD 'x'` of SQL. */
const COMMANDS: readonly { readonly hint: string; readonly shape: RegExp }[] = [
  { hint: "mysql", shape: /mysql[a-z]{0,12} [^\n]{0,200}?-p(?=[^\s-])([^\s"']{1,200})/dg },
  { hint: "mariadb", shape: /mariadb[a-z-]{0,12} [^\n]{0,200}?-p(?=[^\s-])([^\s"']{1,200})/dg },
  { hint: "sshpass", shape: /sshpass -p ?([^\s]{1,200})/dg },
  { hint: "curl", shape: /curl [^\n]{0,400}?(?:-u|--user) ?["']?[^\s:"']{1,100}:([^\s"']{1,200})/dg },
  { hint: "identified by", shape: /identified by (?:password )?'([^'\n]{1,300})'/dgi },
  { hint: "password '", shape: /password '([^'\n]{1,300})'/dgi },
];

const ANY_COMMAND = new RegExp(COMMANDS.map(({ hint }) => hint).join("|"));

function commandSecrets({ text, lower }: Searched): Secret[] {
  if (!ANY_COMMAND.test(lower)) return [];
  return COMMANDS.filter(({ hint }) => lower.includes(hint)).flatMap(({ shape }) =>
    [...text.matchAll(shape)].flatMap((match): Secret[] => {
      const bounds = match.indices?.[1];
      return bounds === undefined ? [] : [{ start: bounds[0], end: bounds[1], kind: "password" }];
    }),
  );
}

/** Values given to a name that says they are secret: files, JSON, code, environments, arguments. */
export function findAssignments(searched: Searched): Secret[] {
  const named: Secret[] = [];
  const hints = Array.from(searched.lower.matchAll(HINT), ({ index }) => index);
  for (const at of outsideOf(hints, named)) {
    const secret = secretAt(searched, at);
    if (secret !== undefined) named.push(secret);
  }
  return [...named, ...commandSecrets(searched)];
}
