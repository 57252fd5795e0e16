import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { secretProblem } from "../config/secret-problem.ts";
import { OperatorError } from "../operator-error.ts";

const COOKIE = "diagnose502_console";
/** A page that stays open longer asks for the start-up address again. */
const LIFETIME_MS = 24 * 60 * 60 * 1000;

export class WeakConsoleKeyError extends OperatorError {
  readonly code = "CONSOLE_KEY_WEAK";
  readonly exitStatus = 78;
}

/** Who holds the key of the start-up address gets a cookie; who has the cookie gets in. Neither can be made without the key. */
export interface ConsoleKey {
  isKey(candidate: string): boolean;
  /** Value of `Set-Cookie`; `secure`: for https alone. */
  makeCookie(options: { readonly secure: boolean }): string;
  /** Is there a cookie of ours, not older than a day, in this `Cookie` header? */
  isSignedIn(cookieHeader: string): boolean;
}

/** @throws {WeakConsoleKeyError} for a key that could be guessed. `now`: epoch ms. */
export function createConsoleKey(key: string, { now }: { readonly now: () => number }): ConsoleKey {
  const problem = secretProblem(key);
  if (problem !== undefined) {
    throw new WeakConsoleKeyError(`The key of the console, DIAGNOSE502_CONSOLE_KEY, ${problem}.`, {
      hint: "Unset it to get a new one at each start, or make one with: openssl rand -hex 32",
    });
  }
  const sign = (issuedAt: string) =>
    createHmac("sha256", key).update(`console cookie ${issuedAt}`).digest("base64url");

  function isValid(value: string): boolean {
    const [issuedAt = "", signature = ""] = value.split(".");
    if (!/^\d{1,15}$/.test(issuedAt) || !isSame(signature, sign(issuedAt))) return false;
    const ageMs = now() - Number(issuedAt);
    return ageMs >= 0 && ageMs < LIFETIME_MS;
  }

  return {
    isKey: (candidate) => isSame(candidate, key),
    makeCookie({ secure }) {
      const issuedAt = String(now());
      const attributes = ["Path=/", "HttpOnly", "SameSite=Strict", `Max-Age=${LIFETIME_MS / 1000}`];
      return [`${COOKIE}=${issuedAt}.${sign(issuedAt)}`, ...attributes, ...(secure ? ["Secure"] : [])].join(
        "; ",
      );
    },
    isSignedIn(header) {
      return header
        .split(";")
        .map((pair) => pair.trim())
        .filter((pair) => pair.startsWith(`${COOKIE}=`))
        .slice(0, 5)
        .some((pair) => isValid(pair.slice(COOKIE.length + 1)));
    },
  };
}

/** In a time that depends on neither: digests have one length. */
export function isSame(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
