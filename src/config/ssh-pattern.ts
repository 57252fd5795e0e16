/** Whether `*` (any text) and `?` (one character) make `pattern` fit all of `text`. */
function matchesPattern(text: string, pattern: string): boolean {
  let textAt = 0;
  let patternAt = 0;
  let starAt = -1;
  let retryAt = 0;
  while (textAt < text.length) {
    const wanted = pattern.charAt(patternAt);
    if (wanted === "*") {
      starAt = patternAt++;
      retryAt = textAt;
    } else if (wanted === "?" || (wanted !== "" && wanted === text.charAt(textAt))) {
      patternAt++;
      textAt++;
    } else if (starAt !== -1) {
      patternAt = starAt + 1;
      textAt = ++retryAt;
    } else {
      return false;
    }
  }
  while (pattern.charAt(patternAt) === "*") patternAt++;
  return patternAt === pattern.length;
}

/** A list matches when one pattern does and no `!pattern` does. Source: ssh_config(5), PATTERNS. */
export function matchesPatternList(text: string, patterns: readonly string[]): boolean {
  const refused = patterns.some(
    (pattern) => pattern.startsWith("!") && matchesPattern(text, pattern.slice(1)),
  );
  return !refused && patterns.some((pattern) => !pattern.startsWith("!") && matchesPattern(text, pattern));
}
