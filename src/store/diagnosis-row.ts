import { z } from "zod";
import { CAUSES } from "../classify/cause.ts";
import type { Diagnosis } from "../classify/diagnosis.ts";

const Cause = z.enum(CAUSES);
const Texts = z.array(z.string());
const HopState = z.enum(["ok", "broken", "unknown"]);

/** A diagnosis as an earlier version may have stored it: what came later is optional in `Diagnosis`, or has a default here. */
export const DiagnosisRow: z.ZodType<Diagnosis> = z.object({
  schema: z.literal("diagnose502/1"),
  site: z.string(),
  url: z.string(),
  startedAt: z.string(),
  durationMs: z.number(),
  client: z.object({
    status: z.number().nullable(),
    mintedBy: z.enum(["edge", "proxy", "app", "none"]),
  }),
  outcome: z.enum(["fault", "healthy", "recovered", "not-a-gateway-error", "inconclusive"]),
  cause: z
    .object({
      id: Cause,
      confidence: z.number(),
      hop: z.enum(["edge->proxy", "proxy", "proxy->upstream", "upstream", "upstream->dependency", "none"]),
      summary: z.string(),
      restartHelps: z.enum(["yes", "briefly", "no"]),
      restartWhy: z.string(),
      evidence: Texts,
    })
    .nullable(),
  candidates: z.array(z.object({ id: Cause, confidence: z.number(), for: Texts, against: Texts })),
  findings: z.array(
    z.object({
      id: z.string(),
      check: z.string(),
      host: z.string(),
      summary: z.string(),
      quote: z.string().exactOptional(),
      at: z.string().exactOptional(),
    }),
  ),
  onset: z.object({
    first502At: z.string().exactOptional(),
    share: z.number().exactOptional(),
    perMinute: z
      .array(z.object({ at: z.string(), errors: z.number(), requests: z.number() }))
      .exactOptional(),
    lastChange: z.object({ what: z.string(), at: z.string() }).exactOptional(),
  }),
  remediation: z
    .object({
      kind: z.literal("restart-upstream"),
      host: z.string(),
      unit: z.string(),
      service: z
        .discriminatedUnion("kind", [
          z.object({ kind: z.literal("pm2"), app: z.string(), user: z.string().exactOptional() }),
          z.object({ kind: z.literal("docker"), container: z.string() }),
          z.object({ kind: z.literal("compose"), project: z.string(), service: z.string() }),
          z.object({ kind: z.literal("supervisor"), program: z.string() }),
        ])
        .exactOptional(),
      recommended: z.boolean(),
      why: z.string(),
    })
    .nullable(),
  advice: Texts,
  notChecked: z.array(
    z.object({ check: z.string(), host: z.string(), reason: z.string(), fix: z.string().exactOptional() }),
  ),
  hops: z.array(
    z.object({
      name: z.string(),
      host: z.string(),
      state: HopState,
      beside: z.literal(true).exactOptional(),
    }),
  ),
});

export const ExplanationRow = z.object({
  text: z.string(),
  nextLook: z.string().exactOptional(),
  model: z.string(),
});
