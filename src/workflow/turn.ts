/** What a durable run does next: it is at its end, or it waits to be woken, at most this long. */
export type Turn = { readonly done: true } | { readonly done: false; readonly waitMs: number };

export const ENDED: Turn = { done: true };

export function waitFor(waitMs: number): Turn {
  return { done: false, waitMs: Math.max(0, Math.ceil(waitMs)) };
}
