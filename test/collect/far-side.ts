import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { FAR_PATH, makeFrameScript } from "../../src/collect/frame-script.ts";
import { createFrameParser, type Frame } from "../../src/collect/frames.ts";
import { type HostFacts, parseHostFacts } from "../../src/collect/host-facts.ts";
import { type ReadFrame, readFrame } from "../../src/collect/read-frame.ts";
import type { Look, LookAction } from "../../src/plan/plan.ts";

/** The shells that hosts have as `sh`, as far as this machine has them. */
export const SHELLS = [
  { name: "dash", argv: ["/bin/dash"] },
  { name: "bash", argv: ["/bin/bash", "--posix"] },
  { name: "busybox", argv: ["/bin/busybox", "sh"] },
].filter(({ argv }) => existsSync(argv[0] ?? ""));

const MARK = "0123456789abcdef0123456789abcdef";
const NOBODY = 65534;

export function makeLook(action: LookAction, parts: Partial<Look> = {}): Look {
  return {
    id: "look",
    probe: "test.look",
    params: {},
    action,
    as: "self",
    timeoutMs: 5000,
    maxBytes: 65536,
    ...parts,
  };
}

export function run(...argv: string[]): LookAction {
  return { kind: "run", argv };
}

export interface FarSide {
  readonly shell?: readonly string[];
  /** Replaces the directories programs are looked for in. */
  readonly path?: string;
  readonly limitSeconds?: number;
  /** Not as root even if the tests run as root. */
  readonly unprivileged?: boolean;
  /** Called with what the far shell is, once something was printed. */
  readonly onStart?: (far: { closeInput(): void }) => void;
}

/** Runs a script as a far sshd would: session of its own, script on an input that stays open. */
export async function runFar(
  looks: readonly Look[],
  options: FarSide = {},
): Promise<{
  readonly frames: ReadonlyMap<string, Frame>;
  readonly ended: boolean;
  readonly exitCode: number | null;
}> {
  const { shell = ["/bin/sh"], limitSeconds = 20 } = options;
  const script = makeFrameScript(looks, { mark: MARK, limitSeconds });
  const demote =
    options.unprivileged === true && process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const [program = "", ...args] = shell;
  const child = spawn(program, [...args, "-s"], {
    cwd: "/",
    detached: true,
    env: {
      PATH: options.path ?? "/usr/bin:/bin",
      LANG: "de_DE.UTF-8",
      LC_MESSAGES: "de_DE.UTF-8",
      TMPDIR: "/nonexistent",
    },
    stdio: ["pipe", "pipe", "inherit"],
    ...demote,
  });
  const parser = createFrameParser(MARK, { maxBodyBytes: 1_048_576 });
  const frames = new Map<string, Frame>();
  child.stdin.on("error", () => undefined);
  child.stdin.write(options.path === undefined ? script : script.replace(`${FAR_PATH}:`, `${options.path}:`));
  let started = false;
  child.stdout.on("data", (chunk: Buffer) => {
    for (const frame of parser.push(chunk)) frames.set(frame.id, frame);
    if (!started) options.onStart?.({ closeInput: () => child.stdin.end() });
    started = true;
  });
  const exitCode = await new Promise<number | null>((resolve) => child.once("close", resolve));
  child.stdin.destroy();
  return { frames, ended: parser.ended, exitCode };
}

/** Runs looks and reads their frames, in order; undefined where none came. */
export async function lookFar(
  looks: readonly Look[],
  options: FarSide = {},
): Promise<(ReadFrame | undefined)[]> {
  const { frames } = await runFar(looks, options);
  const facts: HostFacts = parseHostFacts(frames.get("facts")?.body.toString() ?? "");
  return looks.map((look, index) => {
    const frame = frames.get(String(index));
    return frame === undefined
      ? undefined
      : readFrame(look, frame.body, { facts, nowMs: facts.epochMs ?? 0 });
  });
}

/** Command lines of living processes that hold `text`. */
function livingWith(text: string): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^[0-9]+$/.test(pid)) return [];
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return line.split("\0").includes(text) ? [line.replaceAll("\0", " ")] : [];
    } catch {
      return [];
    }
  });
}

/** Resolves once no process has `text` as one of its words; killing takes the kernel a moment. */
export async function untilGone(text: string): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (livingWith(text).length === 0) return;
    await delay(10);
  }
  throw new Error(`still running: ${livingWith(text).join(" | ")}`);
}

/** Resolves once a process has `text` as one of its words. */
export async function untilRunning(text: string): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (livingWith(text).length > 0) return;
    await delay(10);
  }
  throw new Error(`never ran: ${text}`);
}

let unique = process.pid * 1000;

/** A number of seconds nobody else sleeps. */
export function longSleep(): string {
  unique += 1;
  return String(unique + 100_000);
}
