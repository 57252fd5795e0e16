import { randomBytes } from "node:crypto";
import type { Intent, ServiceRef } from "../../src/approval/intent.ts";
import { makeIntent } from "../../src/approval/make-intent.ts";
import type { ServiceReading } from "../../src/remediate/service-control.ts";

type Reading = Extract<ServiceReading, { readonly kind: "read" }>;

/** An approved intent for what was read. */
export function makeTestIntent(
  service: ServiceRef,
  reading: Reading,
  key = randomBytes(16).toString("hex"),
): Intent {
  const { identity, hostKey, risk, argv } = reading;
  const intent = makeIntent(
    {
      incident: 7,
      diagnosis: "d-0000000000000000",
      site: "shop",
      host: "app-1",
      hostKey,
      service,
      identity,
      risk,
      cause: "upstream-not-running",
      why: "it is down",
      argv,
    },
    { key, now: Date.now(), policy: { selfApproval: true, approvals: 1, expireAfterMs: 900_000 } },
  );
  return { ...intent, state: "sent", sentAt: intent.createdAt };
}
