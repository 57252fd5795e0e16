import type { Intent } from "../approval/intent.ts";

/** Nothing more will happen to it: it ended, and where it was done its proof is decided. */
export function isSettled({ state, verification }: Intent): boolean {
  switch (state) {
    case "awaiting":
    case "approved":
    case "sent":
      return false;
    case "done":
      return verification !== undefined && verification.status !== "running";
    case "refused":
    case "not-done":
    case "unknown":
    case "denied":
    case "expired":
    case "superseded":
      return true;
  }
}
