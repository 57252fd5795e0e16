import { spawn } from "node:child_process";
import type { ScriptEnd, ScriptLimits, Shell } from "../collect/shell.ts";
import { START_COMMAND } from "./start-command.ts";

/** Only these of our variables reach the child: the rest may be secrets. */
const PASSED_ON = ["PATH", "HOME", "USER", "LOGNAME"];

function runHere(
  environment: Record<string, string>,
  script: string,
  limits: ScriptLimits,
  running: Set<() => void>,
): Promise<ScriptEnd> {
  return new Promise((resolve) => {
    // detached: a session of its own, which the script's watchdog kills as one when its input ends
    const child = spawn("sh", ["-c", START_COMMAND], { cwd: "/", env: environment, detached: true });
    let received = 0;
    let settled = false;
    const settle = (end: ScriptEnd) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      running.delete(onClose);
      limits.signal?.removeEventListener("abort", onAbort);
      child.stdin.destroy();
      if (end.kind !== "closed") child.stdout.destroy();
      child.stderr.destroy();
      resolve(end);
    };
    const timer = setTimeout(() => settle({ kind: "deadline" }), limits.deadlineMs);
    const onAbort = () => settle({ kind: "aborted" });
    const onClose = () => settle({ kind: "lost", reason: "the connection was closed" });
    running.add(onClose);
    const count = (chunk: Buffer) => {
      received += chunk.length;
      if (received > limits.maxBytes) settle({ kind: "too-much-output" });
    };
    child.stdin.on("error", () => undefined);
    child.once("error", (error) => settle({ kind: "lost", reason: error.message }));
    child.once("close", (exitCode) => settle({ kind: "closed", exitCode }));
    child.stderr.on("data", count);
    child.stdout.on("data", (chunk: Buffer) => {
      count(chunk);
      if (!settled && limits.onBytes(chunk)) settle({ kind: "closed", exitCode: null });
    });
    if (limits.signal?.aborted) return onAbort();
    limits.signal?.addEventListener("abort", onAbort, { once: true });
    child.stdin.write(script);
  });
}

/** This machine, by the same scripts as any other. */
export function createLocalShell({ env }: { readonly env: (name: string) => string | undefined }): Shell {
  const environment: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = env(name);
    if (value !== undefined) environment[name] = value;
  }
  const open = new Set<() => void>();

  return {
    async connect() {
      const running = new Set<() => void>();
      const close = () => {
        open.delete(close);
        for (const stop of running) stop();
      };
      open.add(close);
      const runScript = (script: string, limits: ScriptLimits) =>
        runHere(environment, script, limits, running);
      return { ok: true, connection: { rttMs: 0, hostKey: "local", runScript, close } };
    },
    async close() {
      for (const close of open) close();
    },
  };
}
