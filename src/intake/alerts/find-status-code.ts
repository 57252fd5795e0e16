/** Words before a number that make it a status code: `HTTP Error 503`, `Status: 502`, `status code 504`. */
const BEFORE = new Set([
  "http",
  "https",
  "error",
  "status",
  "code",
  "statuscode",
  "http_status",
  "returned",
  "answered",
  "answers",
  "returns",
  "response",
  "responded",
  "got",
]);
/** First words of the reason phrases of 4xx and 5xx: `502 - Bad Gateway`. */
const AFTER = new Set([
  "bad",
  "service",
  "gateway",
  "internal",
  "not",
  "forbidden",
  "unauthorized",
  "too",
  "web",
  "origin",
]);
const MAX_TEXT = 4096;

/** An HTTP status in a field that is meant for one: a number, or its digits alone. */
export function readStatusCode(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= 100 && number <= 599
    ? number
    : undefined;
}

/**
 * The first error status (4xx, 5xx) that prose speaks of. Three digits alone are not enough, `502 requests` are no answer: the
 * word before or behind must say so.
 */
export function findStatusCode(text: string): number | undefined {
  const words = wordsOf(text.slice(0, MAX_TEXT));
  for (const [index, word] of words.entries()) {
    if (!/^[45]\d\d$/.test(word)) continue;
    if (BEFORE.has(words[index - 1] ?? "") || AFTER.has(words[index + 1] ?? "")) return Number(word);
  }
  return undefined;
}

/** Runs of letters, digits and underscores; a number with a decimal point or comma stays one word. */
function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/\d+[.,]\d[\w.,]*|\w+/g) ?? [];
}
