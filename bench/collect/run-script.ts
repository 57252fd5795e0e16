import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { makeFrameScript } from "../../src/collect/frame-script.ts";
import { looksOf } from "./looks.ts";

const LIMIT_SECONDS = 30;

/**
 * Gives the script with all looks of `host` to a program that runs it there; waits until the program has ended.
 * @throws {Error} when an answer is missing.
 */
export async function runScript(argv: readonly string[], host: string): Promise<void> {
  const looks = looksOf(host);
  const mark = randomBytes(16).toString("hex");
  const [program = "", ...args] = argv;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  let complaint = "";
  child.stdout.setEncoding("latin1").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  child.stdin.on("error", () => undefined);
  // left open: the far side takes its end for a lost client
  child.stdin.write(makeFrameScript(looks, { mark, limitSeconds: LIMIT_SECONDS }));
  child.on("error", reject);
  child.on("close", () => {
    const frames = output.split(`${mark} `).length - 1;
    // the looks, the facts and the end
    if (frames === looks.length + 2) resolve();
    else reject(new Error(`${program} brought ${frames} frames of ${host}: ${complaint.slice(-500)}`));
  });
  await promise;
}
