import { isIP } from "node:net";
import { type ConsoleKey, isSame } from "./console-key.ts";
import type { RateLimit } from "./rate-limit.ts";
import { type SignedHandler, textAnswer, type WebAnswer, type WebRequest } from "./web-message.ts";

/** How a route knows that it may answer. There is no other way in. */
export type GuardName =
  | "none"
  | "console-key"
  | "loopback-or-token"
  | "alert-proof"
  | "slack-signature"
  | "discord-signature";

/** Undefined lets the request pass; an answer ends it. */
export type Guard = (request: WebRequest) => Promise<WebAnswer | undefined>;

/** The same for every reason, so that nobody learns which part was wrong. */
const UNPROVEN = textAnswer(401, "Not proven.");

/**
 * The console, for browsers: its cookie, or once the key of the start-up address, which is taken out of the address. A page of
 * another origin can neither ask for a change nor, by a name that it lets point to us, be taken for us.
 */
export function createConsoleGuard(options: {
  readonly key: ConsoleKey;
  /** `host[:port]` we are known as beside addresses and `localhost`. */
  readonly publicHost: string | undefined;
  /** HTML for whoever comes without key. */
  readonly signedOutPage: string;
}): Guard {
  const { key, publicHost, signedOutPage } = options;
  return async (request) => {
    if (!isOurHost(request.header("host"), publicHost)) return textAnswer(421, "Not a name of this server.");
    const candidate = request.query.get("key");
    if (request.path === "/" && request.method === "GET" && candidate !== null && key.isKey(candidate)) {
      return { status: 303, headers: { location: "/", "set-cookie": key.makeCookie() } };
    }
    if (!key.isSignedIn(request.header("cookie"))) {
      return request.path === "/"
        ? { status: 401, headers: { "content-type": "text/html; charset=utf-8" }, body: signedOutPage }
        : UNPROVEN;
    }
    return isSameOrigin(request, publicHost)
      ? undefined
      : textAnswer(403, "Only the console's own page may ask.");
  };
}

/**
 * For readers of metrics: the token, or without one a program of this machine. Behind a reverse proxy everybody seems to be of this
 * machine, so nobody is trusted for it.
 */
export function createMetricsGuard(options: {
  readonly token: string | undefined;
  readonly isProxied: boolean;
}): Guard {
  const { token, isProxied } = options;
  return async (request) => {
    const [, bearer] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(request.header("authorization") ?? "") ?? [];
    if (bearer !== undefined && token !== undefined && isSame(bearer, token)) return undefined;
    const isForwarded = ["forwarded", "x-forwarded-for", "via"].some(
      (name) => request.header(name) !== undefined,
    );
    const isLocal = isLoopback(request.remoteAddress) && isOurHost(request.header("host"), undefined);
    return isLocal && !isForwarded && !isProxied && bearer === undefined ? undefined : UNPROVEN;
  };
}

/** For senders that sign or carry a secret. `perSource` counts what is proven, `failures` what is not, by address. */
export function createSignedGuard(
  handler: SignedHandler,
  limits: { readonly perSource?: RateLimit; readonly failures: RateLimit },
): Guard {
  return async (request) => {
    if (!(await handler.isGenuine(request))) {
      return limits.failures.take(request.remoteAddress) ? UNPROVEN : tooMany();
    }
    const { source } = request.params;
    return source === undefined || limits.perSource?.take(source) !== false ? undefined : tooMany();
  };
}

function tooMany(): WebAnswer {
  return textAnswer(429, "Too many requests.", { "retry-after": "1", connection: "close" });
}

/** An address cannot be made to point to us by a foreign name server; a name can. */
function isOurHost(host: string | undefined, publicHost: string | undefined): boolean {
  if (host === undefined) return false;
  if (host === publicHost) return true;
  const name = host.replace(/:\d{1,5}$/, "").replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || isIP(name) !== 0;
}

/** Browsers say who asks; a POST must say so, and the page itself may be opened from anywhere. */
function isSameOrigin(request: WebRequest, publicHost: string | undefined): boolean {
  const site = request.header("sec-fetch-site");
  if (request.method === "GET")
    return request.path === "/" || site === undefined || ["same-origin", "none"].includes(site);
  const origin = request.header("origin");
  if (origin === undefined) return site === "same-origin";
  const from = URL.parse(origin)?.host;
  return from !== undefined && (from === request.header("host") || from === publicHost);
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}
