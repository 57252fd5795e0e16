import { pino } from "pino";
import { cleanText } from "../collect/clean-text.ts";
import type { Redact } from "../collect/redact.ts";

const MAX_TEXT = 4096;
const MAX_DEPTH = 4;
const MAX_ITEMS = 50;

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

type Fields = { readonly [name: string]: unknown };
type Write = (fields: Fields, message: string) => void;

/**
 * A log of one JSON object a line. Nothing in it is a secret, of others or of ours, that `redact` knows. Errors are their name, code,
 * message and hint; their stacks only at level `debug`.
 */
export function createLog(options: {
  readonly level: LogLevel;
  /** With the secrets that we were given ourselves. */
  readonly redact: Redact;
  readonly write: (line: string) => void;
}): { readonly debug: Write; readonly info: Write; readonly warn: Write; readonly error: Write } {
  const { level, redact, write } = options;
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: "message",
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );

  function clean(text: string): string {
    const visible = cleanText(Buffer.from(text), { maxLineLength: MAX_TEXT });
    return redact(visible).slice(0, MAX_TEXT);
  }

  /** Plain JSON of at most so many parts, each text of it clean. */
  function plain(value: unknown, depthLeft: number): unknown {
    if (typeof value === "string") return clean(value);
    if (typeof value === "bigint") return String(value);
    if (typeof value !== "object" || value === null) return value;
    if (depthLeft === 0) return "[…]";
    if (value instanceof Error) return plain(factsOf(value), depthLeft);
    if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => plain(item, depthLeft - 1));
    return Object.fromEntries(
      Object.entries(value)
        .slice(0, MAX_ITEMS)
        .map(([name, item]) => [
          clean(name),
          SECRET_NAME.test(name) ? "[redacted:name]" : plain(item, depthLeft - 1),
        ]),
    );
  }

  function factsOf(error: Error): object {
    const { name, message, cause, stack } = error;
    return {
      name,
      ...("code" in error ? { code: error.code } : {}),
      message,
      ...("hint" in error ? { hint: error.hint } : {}),
      ...(cause === undefined ? {} : { cause }),
      ...(level === "debug" ? { stack } : {}),
    };
  }

  const writeAt =
    (at: "debug" | "info" | "warn" | "error"): Write =>
    (fields, message) => {
      if (log.isLevelEnabled(at)) log[at](plain(fields, MAX_DEPTH), clean(message));
    };
  return { debug: writeAt("debug"), info: writeAt("info"), warn: writeAt("warn"), error: writeAt("error") };
}

/** Names of fields whose value nobody needs to read. */
const SECRET_NAME = /token|secret|passw|authorization|cookie|credential|private_?key|api_?key/i;
