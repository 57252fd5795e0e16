import type { Terminal } from "../config/terminal.ts";

/** Standard output or standard error. */
export interface Output {
  readonly terminal: Terminal;
  readonly stream: NodeJS.WritableStream;
  write(text: string): void;
}

export function makeOutput(stream: NodeJS.WritableStream, terminal: Terminal): Output {
  return { terminal, stream, write: (text) => void stream.write(text) };
}
