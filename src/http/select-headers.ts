/** Policies for browsers: long, and no hint at who answered. */
const UNTELLING = new Set([
  "accept-ch",
  "content-security-policy",
  "content-security-policy-report-only",
  "critical-ch",
  "cross-origin-embedder-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "feature-policy",
  "nel",
  "permissions-policy",
  "report-to",
  "reporting-endpoints",
  "strict-transport-security",
]);

/** Headers that may carry what only the visitor should have. */
const SECRET = /cookie|auth|token|secret|session|api-?key|signature|csrf|xsrf/;

const MAX_HEADERS = 50;

/**
 * The headers that may tell who answered, lower-case; several of one name are joined by a comma. Left out are the query
 * of a redirect, and headers that carry secrets.
 */
export function selectHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const selected: [string, string][] = [];
  for (const [key, value] of Object.entries(headers)) {
    const name = key.toLowerCase();
    if (value === undefined || UNTELLING.has(name) || SECRET.test(name)) continue;
    if (selected.length === MAX_HEADERS) break;
    const text = typeof value === "string" ? value : value.join(", ");
    selected.push([name, name === "location" ? withoutQuery(text) : text]);
  }
  return Object.fromEntries(selected);
}

function withoutQuery(url: string): string {
  const [path = ""] = url.split(/[?#]/, 1);
  return path;
}
