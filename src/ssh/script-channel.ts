import type { Client, ClientChannel } from "ssh2";
import type { ScriptEnd, ScriptLimits } from "../collect/shell.ts";
import { takesInput } from "./forward.ts";
import { serverWords } from "./server-words.ts";
import type { WaitingShells } from "./waiting-shell.ts";

/**
 * Runs one script in a shell of its own. Standard input stays open while it runs: its end is what tells the far
 * side to kill everything, whether we close it or die. Never rejects.
 */
export function runScriptOnClient(
  { client, shells }: { readonly client: Client; readonly shells: WaitingShells },
  script: string,
  limits: ScriptLimits,
): Promise<ScriptEnd> {
  return new Promise((resolve) => {
    let channel: ClientChannel | undefined;
    let settled = false;
    let received = 0;

    const settle = (end: ScriptEnd) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      limits.signal?.removeEventListener("abort", onAbort);
      client.off("close", onLost);
      channel?.close();
      resolve(end);
    };
    const timer = setTimeout(() => settle({ kind: "deadline" }), limits.deadlineMs);
    const onAbort = () => settle({ kind: "aborted" });
    const onLost = () => settle({ kind: "lost", reason: "the connection broke" });
    // bytes are counted to the very end: a server that goes on after we stopped listening loses the connection
    const count = (chunk: Buffer) => {
      received += chunk.length;
      if (received <= limits.maxBytes) return;
      settle({ kind: "too-much-output" });
      client.destroy();
    };
    const onOutput = (chunk: Buffer) => {
      count(chunk);
      if (!settled && limits.onBytes(chunk)) settle({ kind: "closed", exitCode: null });
    };

    if (limits.signal?.aborted) return onAbort();
    limits.signal?.addEventListener("abort", onAbort, { once: true });
    client.once("close", onLost);
    const begin = (opened: ClientChannel) => {
      if (settled) return opened.close();
      channel = opened;
      let exitCode: number | null = null;
      opened.on("exit", (code: number | null) => {
        exitCode = code;
      });
      opened.on("data", onOutput);
      opened.stderr.on("data", count);
      opened.on("close", () => settle({ kind: "closed", exitCode }));
      if (!takesInput(opened)) return settle({ kind: "lost", reason: "the server takes no input" });
      opened.write(script);
    };
    shells
      .take()
      .then(begin)
      .catch((error: Error) => settle({ kind: "lost", reason: `no channel: ${serverWords(error.message)}` }));
  });
}
