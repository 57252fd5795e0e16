/**
 * Runs `task` with a signal that is aborted after `timeoutMs` or when `signal` is, and rejects then even if the task
 * never ends. A timer of our own: those of `AbortSignal.timeout` may be collected while somebody still waits.
 */
export async function withDeadline<Value>(
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  task: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const { timeoutMs, signal } = options;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const aborted = Promise.withResolvers<never>();
  const abort = (reason: unknown) => {
    controller.abort(reason);
    aborted.reject(reason);
  };
  const forward = () => abort(signal?.reason);
  const timer = setTimeout(() => abort(new DeadlineError()), timeoutMs);
  signal?.addEventListener("abort", forward, { once: true });
  try {
    return await Promise.race([task(controller.signal), aborted.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", forward);
  }
}

/** The time was up; whoever set it says what that means. */
export class DeadlineError extends Error {}
