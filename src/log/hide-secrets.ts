/** Shorter ones would hide parts of ordinary words. */
const MIN_LENGTH = 8;

/** Removes these values literally, and as they look in a URL, in base64 and in JSON. */
export function hideSecrets(secrets: readonly string[]): (text: string) => string {
  const shapes = new Set(secrets.filter(({ length }) => length >= MIN_LENGTH).flatMap(shapesOf));
  // the longest first: a value within another must not leave the rest of it
  const ordered = [...shapes].toSorted((a, b) => b.length - a.length);
  return (text) => ordered.reduce((shown, shape) => shown.replaceAll(shape, "[redacted:own]"), text);
}

function shapesOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString("base64");
  return [
    secret,
    encodeURIComponent(secret),
    base64,
    base64.replace(/=+$/, ""),
    bytes.toString("base64url"),
    JSON.stringify(secret).slice(1, -1),
  ];
}
