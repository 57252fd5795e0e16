import { type AnyAuthMethod, Client, type ParsedKey } from "ssh2";
import type { ConnectFailure } from "../collect/shell.ts";
import type { OperatorError } from "../operator-error.ts";
import { CIPHERS, KEY_EXCHANGES, MACS, orderHostKeyAlgorithms } from "./algorithms.ts";
import { failureOfError, makeConnectFailure } from "./connect-failure.ts";
import type { Countdown } from "./countdown.ts";
import type { Stream } from "./forward.ts";
import { fingerprintOf, type HostKeyPolicy } from "./host-key-policy.ts";
import type { LoginPace } from "./login-pace.ts";
import { pipelineLogin } from "./pipeline-login.ts";
import { signAtOnce } from "./sign-at-once.ts";

/** Bytes a server may send before the login is through: banners have no other bound. */
const MAX_LOGIN_BYTES = 512 * 1024;
const KEEPALIVE = { keepaliveInterval: 5000, keepaliveCountMax: 3 };

interface LoginParts {
  readonly user: string;
  readonly policy: HostKeyPolicy;
  /** Of these the first signs at once. */
  readonly keys: readonly ParsedKey[];
  readonly methods: AnyAuthMethod[];
  /** Names the host in failures. */
  readonly where: string;
  /** Stands still until it is our turn. */
  readonly countdown: Countdown;
  readonly pace: LoginPace;
}

type LoginOutcome =
  | { readonly ok: true; readonly client: Client; readonly hostKey: string }
  | { readonly ok: false; readonly failure: ConnectFailure };

/**
 * Logs in over a stream that is already connected, when it is its turn. Nothing but public keys is offered, and nothing is forwarded.
 * @throws {OperatorError} on a host key that is not the host's.
 */
export async function login(stream: Stream, parts: LoginParts): Promise<LoginOutcome> {
  const { countdown, pace } = parts;
  const place = pace.enter();
  countdown.pause();
  const failure = await untilTurn(place.turn, stream, parts);
  countdown.resume();
  try {
    return failure === undefined ? await logInNow(stream, parts) : { ok: false, failure };
  } finally {
    place.leave();
  }
}

/** Gives why there will be no login; undefined when the turn has come. */
function untilTurn(
  turn: Promise<void>,
  stream: Stream,
  { where, countdown: { signal } }: LoginParts,
): Promise<ConnectFailure | undefined> {
  return new Promise((resolve) => {
    const settle = (failure?: ConnectFailure) => {
      signal.removeEventListener("abort", onAbort);
      stream.off("error", onError);
      stream.off("close", onClose);
      resolve(failure);
    };
    const onAbort = () => {
      settle(makeConnectFailure("timed-out", where));
      stream.on("error", () => undefined);
      stream.destroy();
    };
    const onError = (error: unknown) => settle(failureOfError(error, where));
    const onClose = () => settle(makeConnectFailure("closed-early", where));
    stream.once("error", onError);
    stream.once("close", onClose);
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    turn.then(() => settle());
  });
}

function logInNow(stream: Stream, parts: LoginParts): Promise<LoginOutcome> {
  const { user, policy, keys, methods, where } = parts;
  const { signal } = parts.countdown;
  const client = new Client();
  return new Promise((resolve, reject) => {
    let untrusted: OperatorError | null = null;
    let hostKey = "";
    let received = 0;
    const count = (chunk: Buffer) => {
      received += chunk.length;
      if (received > MAX_LOGIN_BYTES)
        fail(makeConnectFailure("closed-early", where, { saw: "it sent no end of text" }));
    };
    const done = () => {
      signal.removeEventListener("abort", onAbort);
      stream.off("data", count);
    };
    const fail = (failure: ConnectFailure) => {
      done();
      // stays for ever: an error event without a listener would take the process down
      client.on("error", () => undefined);
      stream.destroy();
      if (untrusted === null) resolve({ ok: false, failure });
      else reject(untrusted);
    };
    const onAbort = () =>
      fail(makeConnectFailure("timed-out", where, { saw: "the SSH handshake did not end" }));
    client.once("error", (error) => fail(failureOfError(error, where)));
    client.once("close", () => fail(makeConnectFailure("closed-early", where)));
    client.once("ready", () => {
      done();
      client.on("error", () => undefined);
      resolve({ ok: true, client, hostKey });
    });
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    client.connect({
      sock: stream,
      username: user,
      authHandler: methods,
      algorithms: {
        kex: KEY_EXCHANGES,
        cipher: CIPHERS,
        hmac: MACS,
        compress: ["none"],
        serverHostKey: orderHostKeyAlgorithms(policy.knownTypes),
      },
      // synchronous on purpose: the library takes a promise for a yes
      hostVerifier: (key: Buffer): boolean => {
        untrusted = policy.judge(key);
        hostKey = fingerprintOf(key);
        return untrusted === null;
      },
      readyTimeout: 0,
      ...KEEPALIVE,
    });
    signAtOnce(client, keys);
    pipelineLogin(client, keys);
    stream.on("data", count);
  });
}
