/**
 * Whether an absolute path fits a shell glob of a configuration's include: `*`, `?` and `[abc]`, none of which
 * crosses a slash; a leading dot must be written out. Linear in path and pattern segment by segment.
 */
export function matchesGlob(path: string, glob: string): boolean {
  const names = path.split("/");
  const patterns = glob.split("/");
  return (
    names.length === patterns.length &&
    patterns.every((pattern, index) => segmentMatches(names[index] ?? "", pattern))
  );
}

/** True when an include names one file, so that its absence is an error of the product. */
export function isPlainPath(glob: string): boolean {
  return !/[*?[]/.test(glob);
}

function segmentMatches(name: string, pattern: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  const parts = tokens(pattern);
  let at = 0;
  let part = 0;
  let starPart = -1;
  let starAt = 0;
  while (at < name.length) {
    const token = parts[part];
    if (token === "*") {
      starPart = part;
      starAt = at;
      part += 1;
    } else if (token !== undefined && tokenMatches(token, name.charAt(at))) {
      at += 1;
      part += 1;
    } else if (starPart >= 0) {
      starAt += 1;
      at = starAt;
      part = starPart + 1;
    } else {
      return false;
    }
  }
  while (parts[part] === "*") part += 1;
  return part === parts.length;
}

function tokens(pattern: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const close = pattern.charAt(at) === "[" ? pattern.indexOf("]", at + 2) : -1;
    found.push(close < 0 ? pattern.charAt(at) : pattern.slice(at, close + 1));
    if (close >= 0) at = close;
  }
  return found;
}

function tokenMatches(token: string, character: string): boolean {
  if (token === "?") return true;
  if (token.length === 1) return token === character;
  const negated = token.charAt(1) === "!" || token.charAt(1) === "^";
  const set = token.slice(negated ? 2 : 1, -1);
  for (let at = 0; at < set.length; at += 1) {
    const isRange = set.charAt(at + 1) === "-" && at + 2 < set.length;
    const from = set.charAt(at);
    const to = isRange ? set.charAt(at + 2) : from;
    if (character >= from && character <= to) return !negated;
    if (isRange) at += 2;
  }
  return negated;
}
