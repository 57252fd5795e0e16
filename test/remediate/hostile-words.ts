import fc from "fast-check";

/** What some shell somewhere takes for more than text. */
const SIGNS = [
  ..."'\"\\$`;&|*?~!#()<>[]{}^%=-+:@,/ \t\r\u001b\u007f",
  ...["''", "'\\''", "\\'", "$(id)", "`id`", `\${IFS}`, "$0", "&&", "||", ">>", "<<END", "{a,b}", "[!a]"],
  ...["-n", "--", "~root", "../", "{key}", "%s", "\\n", "\\0", "END", "a", "0", "é", "€", "\u00a0"],
  ...["\u202e", "\u200b", "\u2028", "\ufeff", "\u{1f4a3}"],
];

/** One word that no shell may change: printable, unprintable, in every script, or put together of signs. */
export const hostileWord = fc
  .oneof(
    { weight: 4, arbitrary: fc.array(fc.constantFrom(...SIGNS), { maxLength: 10 }).map((of) => of.join("")) },
    { weight: 2, arbitrary: fc.string({ unit: "binary-ascii", maxLength: 30 }) },
    { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }) },
  )
  .filter((text) => !/[\0\n]/.test(text) && text.isWellFormed());
