/**
 * The one base of errors an operator can act on. `code` is for programs, `message` says what happened,
 * `hint` says what to do next. Anything else that is thrown is a bug.
 */
export abstract class OperatorError extends Error {
  abstract readonly code: string;
  readonly hint: string;

  constructor(message: string, options: { readonly hint: string; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
  }
}
