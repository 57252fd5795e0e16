import { spawn } from "node:child_process";

export interface Finished {
  /** Null when a signal ended it, the time limit's SIGKILL included. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs one program to its end. Never throws for what the program did. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [program = "", ...args] = argv;
  const { promise, resolve, reject } = Promise.withResolvers<Finished>();
  const child = spawn(program, args, {
    stdio: "pipe",
    timeout: options.timeoutMs ?? 30_000,
    killSignal: "SIGKILL",
    ...(options.env ? { env: options.env } : {}),
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.on("error", () => undefined); // it may exit without reading
  child.stdin.end(options.input ?? "");
  child.on("error", reject);
  child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  return promise;
}

/** The standard output of a program that must succeed. @throws {Error} with its output when it does not. */
export async function mustRun(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await run(argv, options);
  if (exitCode !== 0) {
    throw new Error(`${argv.join(" ").slice(0, 200)} ended with ${exitCode}: ${(stderr || stdout).trim()}`);
  }
  return stdout;
}
