import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { BotOrders, Told } from "./bot-orders.ts";

const PROCESS = join(import.meta.dirname, "bot-process.ts");

/** One process of a bot. */
export interface BotLife {
  readonly told: readonly Told[];
  /** Resolves when it told something of this kind, or has ended without. */
  until(kind: Told["kind"]): Promise<void>;
  /** People have had enough: what is approved is brought to its end, and it ends. */
  settle(): void;
  /** Lets it go on after it was stopped. */
  resume(): void;
  /** kill -9; harmless when it is dead. */
  kill(): void;
  readonly ended: Promise<{ readonly exitCode: number | null; readonly stderr: string }>;
}

export function startBotLife(
  orders: BotOrders,
  options: {
    /** Namespace it lives in. */
    readonly network?: string;
    /** Program that starts it and watches it. */
    readonly through?: readonly string[];
    /** Directory for compiled code: a bot is started thousands of times. */
    readonly cache: string;
    readonly onTold?: (told: Told) => void;
  },
): BotLife {
  const { network, through = [], cache, onTold } = options;
  const [program = "", ...args] = [
    ...(network === undefined ? [] : ["nsenter", `--net=/run/netns/${network}`]),
    ...through,
    ...[process.execPath, "--disable-warning=ExperimentalWarning", PROCESS, JSON.stringify(orders)],
  ];
  const child = spawn(program, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: cache },
  });
  const told: Told[] = [];
  const waiting = new Map<Told["kind"], () => void>();
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-4000);
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const one: Told = JSON.parse(line);
    told.push(one);
    onTold?.(one);
    waiting.get(one.kind)?.();
  });
  const ended = once(child, "close").then(([exitCode]) => ({ exitCode, stderr }));
  return {
    told,
    async until(kind) {
      if (told.some((one) => one.kind === kind)) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.set(kind, resolve);
      await Promise.race([promise, ended]);
    },
    settle: () => void child.stdin.on("error", () => undefined).end(),
    resume: () => void child.kill("SIGCONT"),
    kill: () => void child.kill("SIGKILL"),
    ended,
  };
}
