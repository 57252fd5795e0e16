import { OperatorError } from "../operator-error.ts";

/** What standard error says when a command did not come to an end. */
export function renderError(error: unknown): string {
  if (error instanceof OperatorError) return `diagnose502: ${error.message}\n${indent(error.hint)}\n`;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `diagnose502: this is a bug, please report it with these lines:\n${stack}\n`;
}

function indent(hint: string): string {
  return hint
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}
