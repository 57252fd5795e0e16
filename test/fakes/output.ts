import { Writable } from "node:stream";
import { makeOutput, type Output } from "../../src/cli/output.ts";
import type { Terminal } from "../../src/config/terminal.ts";

/** An output that keeps what is written to it. */
export function makeFakeOutput(terminal: Partial<Terminal> = {}): {
  readonly output: Output;
  text(): string;
} {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  const output = makeOutput(stream, {
    isTerminal: false,
    width: 80,
    unicode: true,
    colours: false,
    ...terminal,
  });
  return { output, text: () => chunks.join("") };
}
