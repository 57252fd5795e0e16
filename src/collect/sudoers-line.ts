/**
 * The line that lets `user` run exactly these words as root. Quotes and `!` mean nothing there, and an escape before them is an error: to
 * sudo before a quote, to sudo-rs before either. A backslash is read twice, as an escape and in a pattern. A program alone may be given
 * any words, so `""` says that there are none.
 * Source: sudoers(5), "Other special characters and reserved words"; sudo, plugins/sudoers/toke.l, GOTCMND.
 */
export function makeSudoersLine(user: string, argv: readonly string[]): string {
  const words = argv.map((word) =>
    word.replaceAll("\\", "\\\\\\\\").replaceAll(/[,:=* ?[\]#]/g, (sign) => `\\${sign}`),
  );
  if (words.length === 1) words.push('""');
  return `${user} ALL=(root) NOPASSWD:NOSETENV: ${words.join(" ")}`;
}
