import { isReference } from "./harmless-values.ts";
import {
  BASE64,
  BLANK,
  beforeOnLine,
  charsOf,
  DOTTED_TOKEN,
  endBefore,
  endOfLine,
  endOfRun,
  insideOfList,
  type Searched,
  type Secret,
  TOKEN,
} from "./secret.ts";

/** Header fields, and the variables web servers make of them, whose whole value is secret. */
const NAMES = /authorization|cookie|x-api-key|x-auth-token|x-amz-security-token|x-csrf-token|php_auth_pw/g;

/** Where the value of a header ends: at the quote that was opened before it, else at the end of the line. */
function endOfHeader(text: string, from: number, quote: string | undefined): number {
  const end = endOfLine(text, from);
  let close = quote === undefined ? -1 : text.indexOf(quote, from);
  while (quote !== undefined && text[close - 1] === "\\") close = text.indexOf(quote, close + 1);
  return close >= 0 && close < end ? close : end;
}

/** What ends a value in an address, whose line goes on. */
const QUERY_END = charsOf(" \t\n\r&#\"'");
const COOKIE_END = charsOf(" \t\n\r&#?;,\"'");
/** What documents give a header that is not there. */
const NOTHING = /^(?:\[\s?\]|\{\s?\}|(?:null|nil|None|undefined)\b)/;
/** `'Authorization', 'Token x'` of a list, where `'Authorization', 'Accept'` are two names. */
const LISTED = /^,\s?b?(?=["'])(?!["'][A-Za-z-]+["'])/;

function quoteAt(text: string, at: number): string | undefined {
  const char = text[at];
  return char === '"' || char === "'" ? char : undefined;
}

function headerValue({ text, lower }: Searched, at: number, name: string): Secret | undefined {
  let start = at;
  for (const prefix of ["proxy-", "set-", "http_"])
    if (lower.endsWith(prefix, at)) start = at - prefix.length;
  const before = text[start - 1];
  // `$http_cookie` is a variable's name, `proxy_cookie_path` a directive's
  if (before === "$" || TOKEN[text.charCodeAt(start - 1)] === 1) return undefined;
  let index = at + name.length;
  const isQuoted = quoteAt(text, index) !== undefined;
  if (isQuoted) index++;
  const separator = endOfRun(text, index, BLANK);
  const isAssigned = text[separator] === ":" || text[separator] === "=";
  const isDirective = separator > index && beforeOnLine(lower, start).includes("header");
  const listed = isQuoted ? LISTED.exec(text.slice(separator, separator + 80)) : null;
  if (!isAssigned && !isDirective && listed === null) return undefined;
  const kind = name.includes("cookie") ? "cookie" : "authorization";
  index = separator + (isAssigned ? 1 : (listed?.[0].length ?? 0));
  if (text[separator] === "=" && (before === "?" || before === "&")) {
    const end = endBefore(text, index, QUERY_END);
    return end > index ? { start: index, end, kind } : undefined;
  }
  if (isAssigned && text[index] === ">") index++;
  index = endOfRun(text, index, BLANK);
  const list = insideOfList(text, index);
  if (list !== undefined) return { ...list, kind };
  if (isQuoted && NOTHING.test(text.slice(index, index + 8))) return undefined;
  const opened = quoteAt(text, index);
  if (opened !== undefined) index++;
  const quote = opened ?? (before === undefined ? undefined : quoteAt(before, 0));
  let end = endOfHeader(text, index, quote);
  if (isDirective && quote === undefined && text[end - 1] === ";") end--;
  // a variable says where the value comes from, not what it is
  if (end - index < 1 || isReference(text, index) || text[index] === ";") return undefined;
  return { start: index, end, kind };
}

function headerValues(searched: Searched): Secret[] {
  const secrets: Secret[] = [];
  for (const { index, 0: name } of searched.lower.matchAll(NAMES)) {
    // what stands within a value is gone with it
    if (index < (secrets.at(-1)?.end ?? 0)) continue;
    const secret = headerValue(searched, index, name);
    if (secret !== undefined) secrets.push(secret);
  }
  return secrets;
}

function isUserAndPassword(encoded: string): boolean {
  return /^[\x20-\x39\x3b-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(encoded, "base64").toString("latin1"));
}

/** `Bearer …` and `Basic …` without their header, `response="…"` of a Digest login. */
function schemes({ text, lower }: Searched): Secret[] {
  return [...lower.matchAll(/bearer |basic |response="/g)].flatMap(({ index, 0: scheme }): Secret[] => {
    const start = index + scheme.length;
    if (scheme === "bearer ") return bearerAt(text, start);
    if (scheme === "basic ") return basicAt(text, start);
    return beforeOnLine(lower, index).includes("digest") ? digestAt(text, start) : [];
  });
}

function bearerAt(text: string, start: number): Secret[] {
  const end = endOfRun(text, start, DOTTED_TOKEN);
  const isToken = end - start >= 20 || (end - start >= 8 && /[0-9]/.test(text.slice(start, end)));
  return isToken ? [{ start, end: endOfRun(text, start, BASE64_DOTTED), kind: "bearer" }] : [];
}

function basicAt(text: string, start: number): Secret[] {
  const end = endOfRun(text, start, BASE64);
  const isLogin = end - start >= 4 && end - start < 1024 && isUserAndPassword(text.slice(start, end));
  return isLogin ? [{ start, end, kind: "basic" }] : [];
}

function digestAt(text: string, start: number): Secret[] {
  const end = text.indexOf('"', start);
  return end > start && end - start <= 128 ? [{ start, end, kind: "digest" }] : [];
}

/** Cookies that are a login, by the names that frameworks give them; a log may show a visitor's without the header's name. */
const SESSION =
  /\b(?:phpsessid|jsessionid|asp\.net_sessionid|connect\.sid|laravel_session|wordpress_logged_in_[0-9a-f]{32})=/g;

function sessionCookies({ text, lower }: Searched): Secret[] {
  return [...lower.matchAll(SESSION)].flatMap(({ index, 0: name }): Secret[] => {
    const start = index + name.length;
    const end = endBefore(text, start, COOKIE_END);
    return end > start && !isReference(text.slice(start, end), 0) ? [{ start, end, kind: "cookie" }] : [];
  });
}

const BASE64_DOTTED = Uint8Array.from(BASE64, (isMember, code) => (isMember === 1 || code === 46 ? 1 : 0));

/** What HTTP carries to prove who asks. */
export function findHeaders(searched: Searched): Secret[] {
  return [...headerValues(searched), ...schemes(searched), ...sessionCookies(searched)];
}
