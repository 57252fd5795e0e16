import { isHarmlessValue, isSaid } from "./harmless-values.ts";
import {
  BASE64,
  BLANK,
  beforeOnLine,
  charsOf,
  endBefore,
  endOfLine,
  endOfRun,
  insideOfList,
  outsideOf,
  type Searched,
  type Secret,
  startOfRun,
} from "./secret.ts";
import { isSecretName } from "./secret-names.ts";

/** Found in every name that could be secret; `key` only together with a word of {@link KEYS}. */
const HINT = /pass|pwd|[_.-]pw|secret|token|credential|salt|auth|key/g;

const NAME = charsOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");
const OPENERS = charsOf("\"'([<");
const CLOSERS = charsOf("\"'])");
const BARE_END = charsOf(" \t\n\r&\"'<>`;,)}]|\\");

/** How a name is given its value. */
interface Assigned {
  readonly valueAt: number;
  /** `=`, `:`, `,`, or blank for `--password x` and `fastcgi_param NAME x`. */
  readonly by: string;
  /** Whether a quote or bracket closes behind the name, before the value. */
  readonly isNameClosed: boolean;
}

/** Set by a blank where they begin a line. */
const DIRECTIVES = ["requirepass", "masterauth", "authldapbindpassword", "secure_link_secret"];
const SETTERS = ["_param", "setenv", "env", "set_header", "export", "arg"];

/** `"name": "DB_PASSWORD", "value": "x"` of containers, `name="password" value="x"` of XML. */
const NAMES = /\bname["']?\s?[:=]\s?["']?$/;
const NAMED_VALUE = /^["']?,?\s{1,60}["']?value["']?\s?[:=]\s{0,4}/;

function namedValueAfter({ text, lower }: Searched, start: number, end: number): Assigned | undefined {
  const value = NAMED_VALUE.exec(lower.slice(end, end + 90));
  if (value === null || !NAMES.test(beforeOnLine(lower, start))) return undefined;
  return { valueAt: endOfRun(text, end + value[0].length, BLANK), by: " ", isNameClosed: true };
}

/** `<password>x</password>`, with a namespace and attributes too. */
const ELEMENT = /^(?:\s[^<>\n]{0,120})?>(?=[^<\n]{1,300}<)/;

function elementAfter({ text }: Searched, start: number, end: number): Assigned | undefined {
  if (!/<(?:[\w-]{1,40}:)?$/.test(text.slice(Math.max(0, start - 42), start))) return undefined;
  const tag = ELEMENT.exec(text.slice(end, end + 430));
  return tag === null ? undefined : { valueAt: end + tag[0].length, by: "<", isNameClosed: true };
}

/** nginx gives a variable its value, or compares it with one. */
const VARIABLE_SET = /^\s+["']?([^\s"';$][^\s"';]*)/;
/** Where `proxy_pass $auth_backend` goes, and what a status is compared with. */
const NO_SECRET = /^(?:[a-z]+:|\/|[\w.-]+:[0-9]{2,5}(?:\/|$)|[0-9.]+$)/;
const VARIABLE_COMPARED = /^\s*!?=\s*["']?([^\s"')]+)/;

/** `set $api_token x;`, `if ($http_x_token != "x") {`; elsewhere a `$` before a name gives it no value. */
function variableValue({ text }: Searched, start: number, end: number): Secret | undefined {
  const before = beforeOnLine(text, start - 1).trimEnd();
  const shape = before.endsWith("if (") ? VARIABLE_COMPARED : VARIABLE_SET;
  if (!/\b(?:set|if \()$/.test(before) || !isSecretName(text.slice(start, end))) return undefined;
  const given = shape.exec(text.slice(end, end + 300));
  const value = given?.[1] ?? "";
  if (given === null || isHarmlessValue(value) || NO_SECRET.test(value)) return undefined;
  const valueEnd = end + given[0].length;
  return { start: valueEnd - value.length, end: valueEnd, kind: "secret" };
}

function assignmentAfter(searched: Searched, start: number, end: number): Assigned | undefined {
  const { text, lower } = searched;
  const closed = endOfRun(text, end, CLOSERS);
  const at = endOfRun(text, closed, BLANK);
  const char = text[at];
  const isNameClosed = closed > end;
  const named = namedValueAfter(searched, start, end) ?? elementAfter(searched, start, end);
  if (named !== undefined) return named;
  if (char === "=" || char === ":" || (char === "," && isNameClosed && isArgument(text, start))) {
    const isArrow = char === "=" && text[at + 1] === ">";
    // `==` compares, `::` qualifies, `:=` and `://` are something else
    if (text[at + 1] === char || text.startsWith("//", at + 1)) return undefined;
    return { valueAt: endOfRun(text, at + (isArrow ? 2 : 1), BLANK), by: char, isNameClosed };
  }
  if (at === closed || isNameClosed) return undefined;
  const isOption = text.startsWith("--", start);
  const before = beforeOnLine(lower, start).trimEnd();
  const isSet = SETTERS.some((setter) => before.endsWith(setter));
  const isDirective = before === "" && DIRECTIVES.some((name) => lower.startsWith(name, start));
  return (isOption && text[at] !== "-") || isSet || isDirective
    ? { valueAt: at, by: " ", isNameClosed }
    : undefined;
}

/** `define('NAME', …`, not `in "/etc/.htpasswd", …` and not `event="BadPassword", …`. */
function isArgument(text: string, start: number): boolean {
  const before = beforeOnLine(text, start);
  const isQuoted = before.endsWith('"') || before.endsWith("'");
  return isQuoted && !/[=:]$/.test(before.slice(0, -1).trimEnd());
}

/** `Some("x")` of Rust, `b'x'` of Python, `("x")`. */
const WRAPPER = /^(?:(?:Some)?\(|[bru]{1,2})(?=["'])/;

/** Where a value starts and ends: quoted, to the end of a line that is one assignment, or one bare word. */
function valueBounds(
  text: string,
  nameAt: number,
  { valueAt, ...rest }: Assigned,
): { start: number; end: number } {
  const { by, isNameClosed } = rest;
  const eol = endOfLine(text, valueAt);
  if (by === "<") return { start: valueAt, end: Math.min(eol, text.indexOf("<", valueAt)) };
  const closeOf = (quote: string, from: number) => {
    let close = text.indexOf(quote, from);
    while (text[close - 1] === "\\") close = text.indexOf(quote, close + 1);
    return close < 0 ? eol : Math.min(close, eol);
  };
  const list = insideOfList(text, valueAt);
  if (list !== undefined) return list;
  const wrapper = WRAPPER.exec(text.slice(valueAt, valueAt + 8));
  if (wrapper !== null) return valueBounds(text, nameAt, { ...rest, valueAt: valueAt + wrapper[0].length });
  const quote = text[valueAt];
  if (quote === '"' || quote === "'") return { start: valueAt + 1, end: closeOf(quote, valueAt + 1) };
  // Environment="NAME=value": the quote before the name ends the value
  const around = text[nameAt - 1];
  if (!isNameClosed && (around === '"' || around === "'"))
    return { start: valueAt, end: closeOf(around, valueAt) };
  const indent = beforeOnLine(text, nameAt).trim();
  const isWholeLine = (by === "=" || by === ":") && (indent === "" || indent === "-" || indent === "export");
  return { start: valueAt, end: isWholeLine ? eol : endBefore(text, valueAt, BARE_END) };
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

function secretAt(searched: Searched, hintAt: number): Secret | undefined {
  const { text } = searched;
  const start = startOfRun(text, hintAt, NAME);
  const end = endOfRun(text, hintAt, NAME, 100);
  if (end - start > 80 || text.startsWith("[redacted:", start - "[redacted:".length)) return undefined;
  if (text[start - 1] === "$") return variableValue(searched, start, end);
  const assigned = assignmentAfter(searched, start, end);
  if (assigned === undefined) return randomWordAfter(text, start, end);
  if (!isSecretName(text.slice(start, end))) return undefined;
  if (assigned.by === ":" && isSaid(searched, start, end)) return undefined;
  const value = valueBounds(text, start, assigned);
  const content = text.slice(value.start, Math.min(value.end, value.start + 40)).trim();
  return isHarmlessValue(content) ? undefined : { ...value, kind: "secret" };
}

/** `'…', '…', '` of a stack trace of PHP: address and user of a database, before its password. */
const FIRST_TWO = "\\((?:Object\\(mysqli\\), )?(?:'[^'\\n]{0,200}'|[^',\\n]{1,60}), '[^'\\n]{0,200}', ";
const PHP_CALLS = {
  "pdo->__construct": "pdo->__construct",
  createpdoconnection: "createpdoconnection",
  mysqli: "mysqli(?:_(?:real_)?connect|->\\w{4,20})",
  ldap_bind: "ldap_bind",
};

/**
 * `-pPASS` of database clients, `-u user:pass` of HTTP clients, `IDENTIFIED BY 'x'` and `PASSWORD 'x'` of SQL, users of HAProxy, and what
 * stack traces of PHP show of a call.
 */
const COMMANDS: readonly { readonly hint: string; readonly shape: RegExp }[] = [
  { hint: "mysql", shape: /mysql[a-z]{0,12} [^\n]{0,200}?(?<=[\s"'])-p["']?([^\s"']{1,200})/g },
  { hint: "mariadb", shape: /mariadb[a-z-]{0,12} [^\n]{0,200}?(?<=[\s"'])-p["']?([^\s"']{1,200})/g },
  { hint: "redis-cli", shape: /redis-cli [^\n]{0,200}?(?<=\s)-a ["']?([^\s"']{1,200})/g },
  { hint: "sshpass", shape: /sshpass -p ?([^\s]{1,200})/g },
  { hint: "curl", shape: /curl [^\n]{0,400}?(?:-u|--user) ?["']?[^\s:"']{1,100}:([^\s"']{1,200})/g },
  { hint: "identified ", shape: /identified (?:by|with \w{1,40} (?:by|as)) ["']([^"'\n]{1,300})["']/gi },
  { hint: "password '", shape: /password '([^'\n]{1,300})'/gi },
  { hint: "password('", shape: /password\('([^'\n]{1,300})'/gi },
  { hint: "pwd=", shape: /;\s?pwd=([^;\s"'/][^;\s"']{0,200})/gi },
  { hint: "insecure-password ", shape: /insecure-password ([^\s]{1,200})/g },
  { hint: "stats auth ", shape: /stats auth [^\s:]{1,100}:([^\s]{1,200})/g },
  ...Object.entries(PHP_CALLS).map(([hint, call]) => ({
    hint,
    shape: new RegExp(`${call}${FIRST_TWO}'([^'\\n]{1,300})'`, "gi"),
  })),
];

const ANY_COMMAND = new RegExp(COMMANDS.map(({ hint }) => hint.replace("(", "\\(")).join("|"));

function commandSecrets({ text, lower }: Searched): Secret[] {
  if (!ANY_COMMAND.test(lower)) return [];
  return COMMANDS.filter(({ hint }) => lower.includes(hint)).flatMap(({ shape }) =>
    Array.from(text.matchAll(shape), ({ index, 0: command, 1: secret = "" }): Secret => {
      const start = index + command.lastIndexOf(secret);
      return { start, end: start + secret.length, kind: "password" };
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
