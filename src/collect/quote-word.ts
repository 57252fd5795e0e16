import { OperatorError } from "../operator-error.ts";

/** A word of a command that cannot be sent: no shell can carry it unchanged, or it could end a line. */
export class UnquotableWordError extends OperatorError {
  readonly code = "UNQUOTABLE_WORD";

  constructor(word: string) {
    super(`A word of a command holds a NUL or a newline: ${JSON.stringify(word.slice(0, 80))}.`, {
      hint: "Correct the playbook or the configured name: words of a command are single lines.",
    });
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * One word for a POSIX shell, back unchanged as one argument whatever it holds.
 * @throws {UnquotableWordError} on NUL or newline.
 */
export function quoteWord(word: string): string {
  if (word.includes("\0") || word.includes("\n")) throw new UnquotableWordError(word);
  return quote(word);
}

/**
 * Text for a program's standard input, as one shell word; newlines are allowed.
 * @throws {UnquotableWordError} on NUL.
 */
export function quoteText(text: string): string {
  if (text.includes("\0")) throw new UnquotableWordError(text);
  return quote(text);
}

/**
 * A path in which `*`, `?` and `[…]` stay patterns and everything else is literal.
 * @throws {UnquotableWordError} on NUL or newline.
 */
export function quoteGlob(glob: string): string {
  return glob
    .split(/([*?[\]])/)
    .filter((part) => part !== "")
    .map((part) => (part.length === 1 && "*?[]".includes(part) ? part : quoteWord(part)))
    .join("");
}
