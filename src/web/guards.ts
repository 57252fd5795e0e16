import { isIP } from "node:net";
import { OperatorError } from "../operator-error.ts";
import { type ConsoleKey, isSame } from "./console-key.ts";
import type { RateLimit } from "./rate-limit.ts";
import { textAnswer, UNPROVEN, type WebAnswer, type WebRequest } from "./web-message.ts";

/**
 * How a route knows that it may answer. There is no other way in. `…-proof` and `…-signature`: over the raw body, by the handler, before
 * it reads any of it.
 */
export type GuardName =
  | "none"
  | "console-key"
  | "loopback-or-token"
  | "alert-proof"
  | "slack-signature"
  | "discord-signature";

/** Answers by `next` what may pass, and itself what may not. */
export type Guard = (request: WebRequest, next: () => Promise<WebAnswer>) => Promise<WebAnswer>;

const WRONG_NAME = textAnswer(
  421,
  "This server is not known by that name. Use its address, or set web.publicUrl.",
);

/**
 * The console, for browsers: its cookie, or once the key of the start-up address, which is taken out of the address. A page of
 * another origin can neither ask for a change nor, by a name that it lets point to us, be taken for us.
 */
export function createConsoleGuard(options: {
  readonly key: ConsoleKey;
  /** Where we are known as beside addresses and `localhost`. */
  readonly publicUrl: URL | null;
  /** HTML for whoever comes without key. */
  readonly signedOutPage: string;
}): Guard {
  const { key, publicUrl, signedOutPage } = options;
  const publicHost = publicUrl?.host;
  return async (request, next) => {
    const { url, headers } = request;
    if (!isOurHost(headers.get("host"), publicHost)) return WRONG_NAME;
    const candidate = url.searchParams.get("key");
    if (url.pathname === "/" && request.method === "GET" && candidate !== null && key.isKey(candidate)) {
      // a browser that came by our own address, which is http, would not send it back
      const secure = publicUrl?.protocol === "https:" && headers.get("host") === publicHost;
      return { status: 303, headers: { location: "/", "set-cookie": key.makeCookie({ secure }) } };
    }
    if (!key.isSignedIn(headers.get("cookie") ?? "")) {
      return url.pathname === "/"
        ? { status: 401, headers: { "content-type": "text/html; charset=utf-8" }, body: signedOutPage }
        : UNPROVEN;
    }
    return isSameOrigin(request, publicHost)
      ? next()
      : textAnswer(403, "Only the console's own page may ask.");
  };
}

const MIN_TOKEN_LENGTH = 16;
/** What a header carries as it is; a guess of any length is compared as a digest. */
const BEARER = /^Bearer ([\x21-\x7e]{1,512})$/i;

export class WeakMetricsTokenError extends OperatorError {
  readonly code = "METRICS_TOKEN_WEAK";
  readonly exitStatus = 78;
}

/**
 * For readers of metrics: the token, or without one a program of this machine. Behind a reverse proxy everybody seems to be of this
 * machine, so nobody is trusted for it.
 * @throws {WeakMetricsTokenError} for a token that could be guessed, or that no header can carry.
 */
export function createMetricsGuard(options: {
  readonly token: string | undefined;
  readonly isProxied: boolean;
}): Guard {
  const { token, isProxied } = options;
  if (token !== undefined) checkToken(token);
  return async ({ headers, remoteAddress }, next) => {
    const [, bearer] = BEARER.exec(headers.get("authorization") ?? "") ?? [];
    if (bearer !== undefined && token !== undefined && isSame(bearer, token)) return next();
    const isForwarded = ["forwarded", "x-forwarded-for", "via"].some((name) => headers.has(name));
    const isLocal = isLoopback(remoteAddress) && isOurHost(headers.get("host"), undefined);
    return isLocal && !isForwarded && !isProxied && bearer === undefined ? next() : UNPROVEN;
  };
}

function checkToken(token: string): void {
  const problem =
    token.length < MIN_TOKEN_LENGTH
      ? `has ${token.length} characters, and needs ${MIN_TOKEN_LENGTH} or more`
      : BEARER.test(`Bearer ${token}`)
        ? undefined
        : "is longer than 512 characters, or holds spaces or characters beyond ASCII, which headers do not carry";
  if (problem === undefined) return;
  throw new WeakMetricsTokenError(`DIAGNOSE502_METRICS_TOKEN ${problem}.`, {
    hint: "Make one with: openssl rand -hex 32. Or unset it: then only this machine reads /metrics.",
  });
}

/** For senders that sign or carry a secret: who fails too often is told to go away. */
export function createSenderGuard({ failures }: { readonly failures: RateLimit }): Guard {
  return async ({ remoteAddress }, next) => {
    const answer = await next();
    if (answer.status !== 401 || failures.take(remoteAddress)) return answer;
    return textAnswer(429, "Too many requests.", { "retry-after": "1", connection: "close" });
  };
}

/** An address cannot be made to point to us by a foreign name server; a name can. */
function isOurHost(host: string | null, publicHost: string | undefined): boolean {
  if (host === null) return false;
  if (host === publicHost) return true;
  const name = host.replace(/:\d{1,5}$/, "").replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || isIP(name) !== 0;
}

/** Browsers say who asks; a POST must say so, and the page itself may be opened from anywhere. */
function isSameOrigin({ method, url, headers }: WebRequest, publicHost: string | undefined): boolean {
  const site = headers.get("sec-fetch-site");
  if (method === "GET")
    return url.pathname === "/" || site === null || ["same-origin", "none"].includes(site);
  const origin = headers.get("origin");
  if (origin === null) return site === "same-origin";
  const from = URL.parse(origin)?.host;
  return from !== undefined && (from === headers.get("host") || from === publicHost);
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}
