import { isReference } from "./harmless-values.ts";
import { charsOf, endBefore, positionsOf, type Searched, type Secret } from "./secret.ts";

/** Names of query and fragment parameters that are secret in a URL, though harmless words elsewhere. */
const QUERY_KEY =
  /[?&#](?:key|sig|signature|code|state|session|sessionid|sid|hmac|jwt|x-amz-signature|x-goog-signature)=/g;

const USERINFO_END = charsOf(" \t\n\r/\"'<>`?#\\");
const VALUE_END = charsOf(" \t\n\r&#\"'<>`;,)}]\\");

/** The password of `scheme://user:password@host`; a long user alone is a token too. */
function userinfos({ text }: Searched): Secret[] {
  return [...positionsOf(text, "://")].flatMap((at): Secret[] => {
    const start = at + 3;
    const authority = text.slice(start, endBefore(text, start, USERINFO_END));
    // a password may hold an unescaped @: the last one before the path ends it
    const userinfo = authority.slice(0, Math.max(0, authority.lastIndexOf("@")));
    const end = start + userinfo.length;
    const password = userinfo.indexOf(":") + 1;
    if (password === 0) return userinfo.length >= 20 ? [{ start, end, kind: "token" }] : [];
    const isSecret = password < userinfo.length && !isReference(userinfo, password);
    return isSecret ? [{ start: start + password, end, kind: "password" }] : [];
  });
}

function queryValues({ text, lower }: Searched): Secret[] {
  return [...lower.matchAll(QUERY_KEY)].flatMap(({ index, 0: key }): Secret[] => {
    const start = index + key.length;
    const end = endBefore(text, start, VALUE_END);
    return end > start && !isReference(text.slice(start, end), 0) ? [{ start, end, kind: "query" }] : [];
  });
}

/** Secrets within URLs; the addresses in them stay. */
export function findUrlSecrets(searched: Searched): Secret[] {
  return [...userinfos(searched), ...queryValues(searched)];
}
