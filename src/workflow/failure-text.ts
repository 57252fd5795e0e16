import { OperatorError } from "../operator-error.ts";

/** What a person is told instead of an answer: what an operator can see to, or that the log says why. */
export function failureText(error: unknown): string {
  if (error instanceof OperatorError) return `${error.message} ${error.hint}`;
  return "That did not work, and it is my fault: the reason is in my log. Ask again in a moment.";
}
