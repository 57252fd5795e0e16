import type { Plan } from "../plan/plan.ts";
import type { ProbeOutcome, ProbeResult } from "../playbook/probe-result.ts";
import { FACTS, makeFrameScript } from "./frame-script.ts";
import { createFrameParser, type Frame } from "./frames.ts";
import { type HostFacts, parseHostFacts } from "./host-facts.ts";
import type { OnProgress } from "./progress.ts";
import { readFrame } from "./read-frame.ts";
import type { Redact } from "./redact.ts";
import type { ScriptEnd, ShellConnection } from "./shell.ts";

/** Output of one host and round, all looks together; what comes after it is not read. */
const MAX_HOST_BYTES = 512 * 1024;
/** Marks, headers and states. */
const FRAMING_BYTES = 64 * 1024;
const MAX_ROUND_MS = 20_000;

/** What one round on one host brought. */
export interface PlanRun {
  readonly results: readonly ProbeResult[];
  /** Why there will be no more from this connection; undefined when it is still good. */
  readonly lost?: string;
  /** Their clock minus ours. */
  readonly clockSkewMs?: number;
  readonly utcOffsetMinutes?: number;
}

function whyNoFrame(end: ScriptEnd): string {
  switch (end.kind) {
    case "closed":
      return "the script ended without this look's frame";
    case "deadline":
      return "the deadline struck first";
    case "too-much-output":
      return `the host printed more than ${MAX_HOST_BYTES / 1024} KiB`;
    case "lost":
      return end.reason;
    case "aborted":
      return "the diagnosis was stopped";
  }
}

/**
 * Runs the looks of one plan as one script over one connection. Never throws for a broken host; every look gets a
 * result, in the plan's order, after the facts.
 */
export async function runPlan(
  connection: ShellConnection,
  plan: Plan,
  options: {
    /** Epoch ms. */
    readonly now: () => number;
    readonly random: (bytes: number) => Buffer;
    readonly onProgress: OnProgress;
    /** For what takes longer than a look may. */
    readonly maxRoundMs?: number;
    readonly redact?: Redact;
    readonly signal?: AbortSignal;
  },
): Promise<PlanRun> {
  const { host, round, looks } = plan;
  const { now, onProgress, redact, signal, maxRoundMs = MAX_ROUND_MS } = options;
  const longestMs = looks.reduce((longest, look) => Math.max(longest, look.timeoutMs), 1000);
  const deadlineMs = Math.min(maxRoundMs, longestMs + 1000 + 2 * connection.rttMs + 500);
  const mark = options.random(16).toString("hex");
  const script = makeFrameScript(looks, { mark, limitSeconds: deadlineMs / 1000 + 1 });

  onProgress({ kind: "looking", host, round, looks: looks.map(({ id }) => id) });
  const parser = createFrameParser(mark, { maxBodyBytes: MAX_HOST_BYTES });
  const frames = new Map<string, Frame>();
  let factsAt = now();
  const end = await connection.runScript(script, {
    deadlineMs,
    maxBytes: MAX_HOST_BYTES + FRAMING_BYTES,
    ...(signal === undefined ? {} : { signal }),
    onBytes(chunk) {
      for (const frame of parser.push(chunk)) {
        if (frames.has(frame.id)) continue;
        frames.set(frame.id, frame);
        const look = looks[Number(frame.id)];
        if (frame.id === FACTS) factsAt = now();
        else if (look !== undefined) onProgress({ kind: "looked", host, round, look: look.id, ok: true });
      }
      return parser.ended;
    },
  });

  const factsFrame = frames.get(FACTS);
  const factsRead = readFacts(factsFrame);
  const { facts } = factsRead;
  const nowMs = facts.epochMs ?? now();
  const none: ProbeOutcome = { kind: "no-answer", reason: whyNoFrame(end) };
  const results = looks.map((look, index): ProbeResult => {
    const frame = frames.get(String(index));
    if (frame === undefined) onProgress({ kind: "looked", host, round, look: look.id, ok: false });
    const { probe, id, params } = look;
    const read =
      frame === undefined
        ? { outcome: none, output: "", truncated: false }
        : readFrame(look, frame.body, { facts, nowMs, ...(redact === undefined ? {} : { redact }) });
    return { probe, id, host, round, params, ...read };
  });
  const factsResult: ProbeResult = {
    probe: "host.facts",
    id: "host.facts",
    host,
    round,
    params: {},
    outcome: factsFrame === undefined ? none : { kind: "exited", exitCode: 0 },
    output: factsRead.text,
    truncated: false,
  };

  const lost = end.kind === "lost" || end.kind === "too-much-output" ? whyNoFrame(end) : undefined;
  return {
    results: [factsResult, ...results],
    ...(lost === undefined ? {} : { lost }),
    ...(factsFrame === undefined ? {} : { utcOffsetMinutes: facts.utcOffsetMinutes }),
    ...(facts.epochMs === undefined
      ? {}
      : { clockSkewMs: Math.round(facts.epochMs - (factsAt - connection.rttMs / 2)) }),
  };
}

/** The look that the facts frame is read as: it has no words to be wrong about. */
const FACTS_LOOK = {
  id: "host.facts",
  probe: "host.facts",
  params: {},
  action: { kind: "run", argv: [] },
  as: "self",
  timeoutMs: 1000,
  maxBytes: 16_384,
} as const;

function readFacts(frame: Frame | undefined): { readonly facts: HostFacts; readonly text: string } {
  const unknown: HostFacts = { utcOffsetMinutes: 0, isRoot: false };
  if (frame === undefined) return { facts: unknown, text: "" };
  const { output } = readFrame(FACTS_LOOK, frame.body, { facts: unknown, nowMs: 0 });
  return { facts: parseHostFacts(output), text: output };
}
