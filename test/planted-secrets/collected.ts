import type { Diagnosis } from "../../src/classify/diagnosis.ts";
import { readFrame } from "../../src/collect/read-frame.ts";
import type { Look } from "../../src/plan/plan.ts";
import { makeDiagnosis, NOON } from "../store/sample-records.ts";

/** The log of an application, as a look brings it. */
const LOG_LOOK: Look = {
  id: "node-systemd.log",
  probe: "node-systemd.log",
  params: {},
  action: { kind: "log", path: "/var/log/app.log", windowSeconds: 900, timestamps: "none" },
  as: "self",
  timeoutMs: 1000,
  maxBytes: 1_000_000,
};
const BEFORE = "2026-11-20T11:59:58Z app listening on 3000\n";
const AFTER = "\n2026-11-20T11:59:59Z GET / 502";

/** What collecting keeps of a text that stands between two lines of a log. */
export function collect(text: Buffer): string {
  const body = Buffer.concat([Buffer.from(BEFORE), text, Buffer.from(`${AFTER}\n0`)]);
  const facts = { utcOffsetMinutes: 0, isRoot: false };
  return readFrame(LOG_LOOK, body, { facts, nowMs: NOON }).output;
}

/** Redaction that takes everything away would hide every secret too. */
export function keepsItsNeighbours(output: string): boolean {
  return output.startsWith(BEFORE) && output.endsWith(AFTER);
}

/** A fault that quotes these texts. */
export function quoting(texts: readonly string[]): Diagnosis {
  const diagnosis = makeDiagnosis();
  const findings = texts.map((quote, index) => ({
    id: `f${index}`,
    check: "service-log",
    host: "origin-1",
    summary: "The application said this.",
    quote,
  }));
  const evidence = findings.map(({ id }) => id);
  return { ...diagnosis, findings, cause: diagnosis.cause && { ...diagnosis.cause, evidence } };
}

/** As JSON, with the backslashes that the text itself has. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value).replaceAll("\\\\", "\\");
}
