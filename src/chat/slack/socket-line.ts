import { SocketModeReceiver } from "@slack/bolt";
import type { Log } from "../../workflow/log.ts";
import { createSlackLog } from "./slack-log.ts";
import { retryAfterMsOf } from "./surface-errors.ts";

const CALL_TIMEOUT_MS = 10_000;
/** From asking for an address to Slack's hello. */
const HELLO_WITHIN_MS = 20_000;
/** A connection that ends sooner than this did not work. */
const LASTING_MS = 10_000;
const MAX_WAIT_MS = 30_000;
const STOP_WITHIN_MS = 2000;

interface Connection {
  readonly ended: Promise<void>;
}

/** The connection to Slack, kept open until `stop`. */
export interface SocketLine {
  readonly receiver: SocketModeReceiver;
  /** Settles with the first attempt; from then on it is opened again whenever it ends. @throws what the first attempt failed with. */
  open(): Promise<void>;
  stop(): Promise<void>;
  /** 0 while it is open. */
  secondsWithoutSocket(): number;
}

/**
 * Reconnecting is ours: the library gives up for good, in an unhandled rejection, when Slack cannot be asked for a new address, and waits five
 * seconds where none are needed. So its own reconnecting is off, and its calls are not repeated.
 */
export function createSocketLine(deps: {
  readonly appToken: string;
  readonly apiUrl: string | undefined;
  readonly log: Log;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}): SocketLine {
  const { appToken, apiUrl, log, now, sleep } = deps;
  const logger = createSlackLog(log);
  const receiver = new SocketModeReceiver({
    appToken,
    logger,
    autoReconnectEnabled: false,
    // an object of its own: the library writes into it
    installerOptions: {
      clientOptions: {
        ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
        timeout: CALL_TIMEOUT_MS,
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
      },
    },
  });
  const { client } = receiver;
  const stopping = new AbortController();
  let closedAt: number | undefined = now();
  let keeping: Promise<void> | undefined;
  /** What Slack said at the last attempt; 0 when it said nothing. */
  let toldToWaitMs = 0;

  /** Opens once; `ended` resolves when the connection does. */
  async function connect(): Promise<Connection> {
    const end = Promise.withResolvers<void>();
    const onEnd = () => end.resolve();
    client.once("disconnected", onEnd);
    const timer = setTimeout(() => void client.disconnect(), HELLO_WITHIN_MS);
    toldToWaitMs = 0;
    try {
      await client.start();
    } catch (error) {
      toldToWaitMs = retryAfterMsOf(error) ?? 0;
      client.off("disconnected", onEnd);
      // what is half open would be a second connection later
      void client.disconnect();
      throw error ?? new Error("the connection ended before Slack said hello");
    } finally {
      clearTimeout(timer);
    }
    closedAt = undefined;
    return { ended: end.promise };
  }

  async function keep(first: Connection | undefined): Promise<void> {
    let connection = first;
    let failures = 0;
    while (!stopping.signal.aborted) {
      const openedAt = now();
      if (connection !== undefined) {
        await connection.ended;
        closedAt = now();
      }
      const hasLasted = connection !== undefined && now() - openedAt >= LASTING_MS;
      failures = hasLasted ? 0 : failures + 1;
      // at once after a good one: Slack ends each connection every few hours
      const isFirstEnd = connection !== undefined && failures <= 1;
      const waitMs = Math.max(toldToWaitMs, Math.min(MAX_WAIT_MS, 500 * 2 ** failures));
      if (!isFirstEnd) await sleep(waitMs, stopping.signal);
      if (!stopping.signal.aborted) connection = await connectOrWarn();
    }
  }

  async function connectOrWarn(): Promise<Connection | undefined> {
    try {
      return await connect();
    } catch (error) {
      log.warn(
        { surface: "slack", reason: String(error), seconds: secondsWithoutSocket() },
        "no connection to Slack",
      );
      return undefined;
    }
  }

  function secondsWithoutSocket(): number {
    return closedAt === undefined ? 0 : Math.max(0, Math.round((now() - closedAt) / 1000));
  }

  return {
    receiver,
    secondsWithoutSocket,
    async open() {
      try {
        keeping = keep(await connect());
      } catch (error) {
        keeping = keep(undefined);
        throw error;
      }
    },
    async stop() {
      stopping.abort();
      const left = new AbortController();
      const patience = sleep(STOP_WITHIN_MS, left.signal);
      await Promise.race([Promise.all([client.disconnect(), keeping]), patience]);
      left.abort();
    },
  };
}
