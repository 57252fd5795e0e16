import { write } from "node:fs";
import { isMainThread, Worker, workerData } from "node:worker_threads";

/** The event loop says so often that it turns, and the watchdog looks as often, until it is too late. */
const BEATS = 30;
/** So long it tries to say why. */
const LAST_WORDS_MS = 1000;
/** What a thread that only counts needs, MiB. */
const MEMORY = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, codeRangeSizeMb: 4 };

interface Orders {
  /** [0]: turns of the event loop that were seen; [1]: nothing, to wait at. */
  readonly beats: Int32Array;
  readonly beatMs: number;
}

/**
 * Kills this process when its event loop has not turned for `afterMs`: whoever started it starts it again, and what was under way is taken up.
 * The time is counted by a thread of its own that stops when the process does, so that a paused machine is not a wedged one.
 */
export function startWatchdog({
  afterMs,
  onFailure,
}: {
  readonly afterMs: number;
  /** Nobody watches any more. */
  readonly onFailure: (error: unknown) => void;
}): { stop(): Promise<void> } {
  const beats = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const beatMs = afterMs / BEATS;
  const beating = setInterval(() => Atomics.add(beats, 0, 1), beatMs).unref();
  const orders: Orders = { beats, beatMs };
  const worker = new Worker(import.meta.filename, {
    workerData: orders,
    env: {},
    execArgv: [],
    resourceLimits: MEMORY,
  });
  worker.on("error", onFailure);
  worker.unref();
  return {
    async stop() {
      clearInterval(beating);
      await worker.terminate();
    },
  };
}

function watch({ beats, beatMs }: Orders): void {
  let seen = Atomics.load(beats, 0);
  let missed = 0;
  while (missed < BEATS) {
    Atomics.wait(beats, 1, 0, beatMs);
    const now = Atomics.load(beats, 0);
    missed = now === seen ? missed + 1 : 0;
    seen = now;
  }
  const message = `the event loop has not turned for ${(missed * beatMs) / 1000} s: the process kills itself`;
  const end = () => process.kill(process.pid, "SIGKILL");
  // not by this thread: it would wait for good at a full pipe, and a log that nobody reads may be what the process hangs at
  write(2, `${JSON.stringify({ level: "error", time: new Date().toISOString(), message })}\n`, end);
  setTimeout(end, LAST_WORDS_MS);
}

if (!isMainThread) watch(workerData);
