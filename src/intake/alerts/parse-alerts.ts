import { createHash } from "node:crypto";
import type { Alert } from "../alert.ts";
import type { AlertMapping } from "./alert-mapping.ts";
import { type FieldPath, pickValues } from "./field-path.ts";
import { findStatusCode, readStatusCode } from "./find-status-code.ts";
import { readTime } from "./read-time.ts";

/** What one request holds. Nothing is dropped in silence: what is no alert is in one of the other lists. */
export interface ParsedAlerts {
  readonly alerts: readonly Alert[];
  /** Why each test send or other event was passed over. */
  readonly ignored: readonly string[];
  /** What is wrong with alerts that cannot be understood: `alerts[0].status is missing`. */
  readonly problems: readonly string[];
}

const MAX_ALERTS = 5000;
const MAX_CANDIDATES = 30;
const MAX_TEXT = 2000;
/** A fingerprint that is kept as it is; any other is kept as its hash. */
const PLAIN = /^[\x20-\x7e]{1,200}$/;

/** Pure. A body of any shape gives an answer, never an exception. */
export function parseAlerts(
  mapping: AlertMapping,
  body: unknown,
  { source }: { readonly source: string },
): ParsedAlerts {
  const whole = ignoredBecause(mapping, { pick: (path) => pickValues(body, path) }, "body");
  if (whole !== undefined) return { alerts: [], ignored: [whole], problems: [] };
  if (mapping.alerts === undefined)
    return sortOut([readAlert(mapping, { body, source, path: "", item: body })]);
  const list = pickValues(body, mapping.alerts.slice(0, -2))[0];
  if (!Array.isArray(list)) return problem(`${mapping.alerts.slice(0, -2) || "the body"} is not a list`);
  if (list.length > MAX_ALERTS) return problem(`${mapping.alerts} has more than ${MAX_ALERTS} alerts`);
  return sortOut(list.map((item, index) => readAlert(mapping, { body, source, item, path: `[${index}]` })));
}

type Read =
  | { readonly kind: "alert"; readonly alert: Alert }
  | { readonly kind: "ignored" | "problem"; readonly why: string };

interface Fields {
  pick(path: FieldPath): readonly unknown[];
}

/** One alert of the list at `mapping.alerts`, or the body itself. */
function readAlert(
  mapping: AlertMapping,
  { body, item, path, source }: { body: unknown; item: unknown; path: string; source: string },
): Read {
  const fields = fieldsOf(mapping, { body, item });
  const place = (field: string) => placeOf(mapping, field, path);
  const ignored = ignoredBecause(mapping, fields, "alert");
  if (ignored !== undefined) return { kind: "ignored", why: ignored };

  const status = readStatus(mapping, fields, place);
  if (status.kind !== "known") return status;
  const fingerprint = readFingerprint(mapping, fields);
  if (fingerprint === undefined) {
    const { fields: names, labels } = mapping.fingerprint;
    const others = labels === undefined ? "" : `, and ${place(labels)} holds no labels`;
    return { kind: "problem", why: `${names.map(place).join(" or ")} is missing${others}` };
  }
  const { startedAt: time, statusCode } = mapping;
  const startedAt = time && first(fields, time.fields, (value) => readTime(value, time.format));
  const code =
    first(fields, statusCode.fields ?? [], readStatusCode) ??
    first(fields, statusCode.texts ?? [], (value) => findStatusCode(readText(value) ?? ""));
  return {
    kind: "alert",
    alert: {
      source,
      status: status.status,
      fingerprint,
      candidates: texts(fields, mapping.candidates).slice(0, MAX_CANDIDATES),
      title: first(fields, mapping.name, readText) ?? mapping.title,
      ...(code === undefined ? {} : { statusCode: code }),
      ...(startedAt === undefined ? {} : { startedAt }),
    },
  };
}

/** Paths that begin with the list's mean this alert, all others the body. */
function fieldsOf(
  { alerts }: AlertMapping,
  { body, item }: { readonly body: unknown; readonly item: unknown },
): Fields {
  return {
    pick(path) {
      if (alerts === undefined || !path.startsWith(alerts)) return pickValues(body, path);
      return pickValues(item, path.slice(alerts.length + 1));
    },
  };
}

function placeOf({ alerts }: AlertMapping, field: FieldPath, index: string): string {
  return alerts !== undefined && field.startsWith(alerts)
    ? `${alerts.slice(0, -2)}${index}${field.slice(alerts.length)}`
    : field;
}

/** A rule whose fields are all the body's is asked once, of the body; the others of each alert. */
function ignoredBecause(
  { ignore, alerts }: AlertMapping,
  fields: Fields,
  scope: "body" | "alert",
): string | undefined {
  const rule = ignore.find(({ when }) => {
    const isOfAlert = alerts !== undefined && Object.keys(when).some((path) => path.startsWith(alerts));
    if (isOfAlert !== (scope === "alert")) return false;
    return Object.entries(when).every(([path, wanted]) => {
      const values = fields.pick(path).filter((value) => value !== null);
      if (wanted === "absent") return values.length === 0;
      const allowed = [wanted].flat().map(String);
      return values.some((value) => allowed.includes(String(readScalar(value))));
    });
  });
  return rule?.why;
}

function readStatus(
  { status: { fields: paths, values, default: fallback } }: AlertMapping,
  fields: Fields,
  place: (field: string) => string,
):
  | { readonly kind: "known"; readonly status: Alert["status"] }
  | { readonly kind: "ignored" | "problem"; readonly why: string } {
  const seen = first(fields, paths, readScalar);
  const meanings = new Map(Object.entries(values).map(([value, meaning]) => [value.toLowerCase(), meaning]));
  const meaning = meanings.get(String(seen ?? "").toLowerCase()) ?? fallback;
  const where = paths.map(place).join(" or ");
  if (meaning === "ignored") {
    return { kind: "ignored", why: `${where} says neither that it fires nor that it is over` };
  }
  if (meaning !== undefined) return { kind: "known", status: meaning };
  const allowed = Object.keys(values).join(", ");
  const what = seen === undefined ? "is missing" : `is ${JSON.stringify(shorten(String(seen), 40))}`;
  return { kind: "problem", why: `${where} ${what}; expected one of ${allowed}` };
}

function readFingerprint({ fingerprint: { fields: paths, labels } }: AlertMapping, fields: Fields) {
  const parts = paths.map((path) => first(fields, [path], readText));
  if (parts.every((part) => part !== undefined)) {
    const joined = parts.join("/");
    return PLAIN.test(joined) ? joined : sha256(joined);
  }
  const values = labels === undefined ? [] : fields.pick(labels);
  const pairs = values.flatMap((value) => (isRecord(value) ? Object.entries(value) : []));
  if (pairs.length === 0) return undefined;
  return sha256(JSON.stringify(pairs.sort(([a], [b]) => (a < b ? -1 : 1))));
}

function sortOut(reads: readonly Read[]): ParsedAlerts {
  return {
    alerts: reads.flatMap((read) => (read.kind === "alert" ? [read.alert] : [])),
    ignored: reads.flatMap((read) => (read.kind === "ignored" ? [read.why] : [])),
    problems: reads.flatMap((read) => (read.kind === "problem" ? [read.why] : [])),
  };
}

function problem(why: string): ParsedAlerts {
  return { alerts: [], ignored: [], problems: [why] };
}

/** The first value at any of the paths that can be read as what is wanted. */
function first<T>(
  fields: Fields,
  paths: readonly FieldPath[],
  read: (value: unknown) => T | undefined,
): T | undefined {
  for (const path of paths) {
    for (const value of fields.pick(path)) {
      const wanted = read(value);
      if (wanted !== undefined) return wanted;
    }
  }
  return undefined;
}

function texts(fields: Fields, paths: readonly FieldPath[]): readonly string[] {
  const found = paths.flatMap((path) => fields.pick(path)).flatMap((value) => readText(value) ?? []);
  return [...new Set(found)];
}

function readScalar(value: unknown): string | number | boolean | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : undefined;
}

/** Without blanks around it; but of several lines the first keeps them, since redaction must see where a full line was broken. */
function readText(value: unknown): string | undefined {
  const text = String(readScalar(value) ?? "").trimEnd();
  const read = shorten(text.includes("\n") ? text : text.trimStart(), MAX_TEXT);
  return read === "" ? undefined : read;
}

/** Never half of a character. */
function shorten(text: string, maxLength: number): string {
  return text.slice(0, maxLength).toWellFormed();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
