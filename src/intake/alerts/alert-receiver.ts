import { createHash } from "node:crypto";
import type { AlertInbox } from "../alert.ts";
import type { AlertSource } from "./alert-source.ts";
import { deliveryKey } from "./delivery-key.ts";
import { matchSite } from "./match-site.ts";
import { parseAlerts } from "./parse-alerts.ts";
import { parseBody } from "./parse-body.ts";
import { isProven, NO_PROOF, signedTime } from "./prove-sender.ts";
import { createRateLimit } from "./rate-limit.ts";

interface AlertRequest {
  /** From the address: `/alerts/<source>`. */
  readonly source: string;
  readonly method: string;
  readonly headers: { get(name: string): string | null };
  /** As it came, at most {@link MAX_ALERT_BYTES}: whoever reads it from the network stops there. */
  readonly rawBody: Uint8Array;
}

/** For the sender. 5xx says "send again", 4xx "never send this again". */
export interface AlertResponse {
  readonly status: number;
  /** JSON. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What became of a request. */
export type AlertResult = "stored" | "repeat" | "ignored" | "refused";

export interface AlertReceiver {
  handle(request: AlertRequest): Promise<AlertResponse>;
  /** A request whose body was not read, since `why`: its alerts are lost, unless it only broke off and comes again. `source` may be foreign. */
  countUnread(source: string, why: string): void;
}

interface ReceiverLog {
  info(fields: { readonly [name: string]: unknown }, message: string): void;
  warn(fields: { readonly [name: string]: unknown }, message: string): void;
}

interface ReceiverOptions {
  readonly sources: readonly AlertSource[];
  readonly sites: readonly { readonly name: string; readonly url: string }[];
  readonly inbox: Pick<AlertInbox, "store">;
  /** Foreign text as it may be kept: cleaned and redacted. */
  readonly clean: (text: string) => string;
  /** Called when something new was stored. */
  readonly wake: () => void;
  /** Told what became of each request; `source` is foreign when it is not ours. */
  readonly onResult?: (source: string, result: AlertResult) => void;
  readonly now: () => number;
  readonly log: ReceiverLog;
}

/** Alerts with pictures' links, and events with stack traces, reach 200 KiB and more. */
export const MAX_ALERT_BYTES = 1024 * 1024;

/** Of one source. Not every sender tries again, so a storm of one's own monitoring must fit. */
const PER_SECOND = 100;
const BURST = 1000;
const MAX_TITLE = 300;
const MAX_CANDIDATE = 300;
const MAX_SAID = 5;
const MINUTE_MS = 60_000;

/**
 * Proof first, on the raw bytes; then shape; then stored; and only then a 2xx. Without proof every request gets the same 401, whatever is
 * wrong with it.
 */
export function createAlertReceiver(options: ReceiverOptions): AlertReceiver {
  const { sources, inbox, sites, clean, wake, now, log } = options;
  const isWithinRate = createRateLimit({ perSecond: PER_SECOND, burst: BURST, now });
  const countRefused = createRefusalCount({ now, log });

  async function receive(source: AlertSource, { headers, rawBody }: AlertRequest): Promise<AlertResponse> {
    if (!isWithinRate(source.name)) {
      log.warn({ source: source.name }, "more alerts than can be taken; the sender was asked to come back");
      return answer(503, { error: "too many alerts at once; send again" }, { "retry-after": "10" });
    }
    const parsed = parseBody(rawBody);
    if (!parsed.ok) return refuse(source, [parsed.problem]);
    const { alerts, ignored, problems } = parseAlerts(source.mapping, parsed.value, { source: source.name });
    if (alerts.length === 0 && problems.length > 0) return refuse(source, problems);
    if (problems.length > 0) {
      log.warn({ source: source.name, problems: cleaned(problems) }, "some alerts could not be understood");
    }
    if (ignored.length > 0 || alerts.length === 0) {
      const count = ignored.length;
      log.info({ source: source.name, count, why: cleaned(ignored) }, "alerts of a sender were passed over");
    }
    if (alerts.length === 0) return answer(200, { stored: 0, ignored: cleaned(ignored) });

    const found = alerts.map((alert) => {
      const site = source.site ?? matchSite(alert, sites);
      const kept = {
        ...alert,
        fingerprint: cleanFingerprint(alert.fingerprint),
        title: clean(alert.title).trimStart().slice(0, MAX_TITLE).toWellFormed(),
        candidates: alert.candidates.map((text) =>
          clean(text).trimStart().slice(0, MAX_CANDIDATE).toWellFormed(),
        ),
      };
      return { alert: kept, ...(site === undefined ? {} : { site }) };
    });
    const key = deliveryKey(source.mapping, {
      ...{ headers, rawBody, alerts, body: parsed.value, now: now() },
      signedAt: signedTime(source.proof, headers),
    });
    const stored = await inbox.store({ source: source.name, key }, found).catch((error: unknown) => {
      log.warn(
        { source: source.name, reason: error instanceof Error ? error.message : String(error) },
        "alerts could not be stored; the sender was asked to come back",
      );
    });
    if (stored === undefined) return answer(503, { error: "cannot be stored now; send again" });
    if (stored.isRepeat) return answer(200, { stored: 0, repeat: true });
    wake();
    const withoutSite = found.filter(({ site }) => site === undefined).map(({ alert }) => alert.title);
    return answer(200, {
      stored: found.length,
      ...(ignored.length === 0 ? {} : { ignored: cleaned(ignored) }),
      ...(problems.length === 0 ? {} : { problems: cleaned(problems) }),
      ...(withoutSite.length === 0 ? {} : { withoutSite: withoutSite.slice(0, MAX_SAID) }),
    });
  }

  function refuse(source: AlertSource, problems: readonly string[]): AlertResponse {
    log.warn(
      { source: source.name, problems: cleaned(problems) },
      "a sender's request could not be understood",
    );
    return answer(400, { error: "not understood", problems: cleaned(problems) });
  }

  /** One that may not be kept as it is keeps only its sameness. */
  function cleanFingerprint(fingerprint: string): string {
    return clean(fingerprint) === fingerprint
      ? fingerprint
      : createHash("sha256").update(fingerprint).digest("hex");
  }

  function cleaned(texts: readonly string[]): readonly string[] {
    return [...new Set(texts)].slice(0, MAX_SAID).map((text) => clean(text).slice(0, MAX_TITLE));
  }

  return {
    async handle(request) {
      const response = await take(request);
      options.onResult?.(request.source, resultOf(response));
      return response;
    },
    countUnread(source, why) {
      countRefused(find(source)?.name, why);
      options.onResult?.(source, "refused");
    },
  };

  function find(source: string): AlertSource | undefined {
    return sources.find(({ name }) => name === source);
  }

  function turnAway(source: string | undefined, { status, error, headers }: Fault): AlertResponse {
    countRefused(source, error);
    return answer(status, { error }, headers);
  }

  async function take(request: AlertRequest): Promise<AlertResponse> {
    const { headers, rawBody } = request;
    const source = find(request.source);
    if (rawBody.byteLength > MAX_ALERT_BYTES) {
      return turnAway(source?.name, { status: 413, error: "larger than 1 MiB" });
    }
    if (!isProven(source?.proof ?? NO_PROOF, { headers, rawBody, now: now() }) || source === undefined) {
      countRefused(source?.name, "no proof of their sender");
      return answer(401, { error: "unauthorized" });
    }
    const fault = findFault(request);
    return fault === undefined ? await receive(source, request) : turnAway(source.name, fault);
  }
}

interface Fault {
  readonly status: 405 | 413 | 415;
  readonly error: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Why a proven request is not read. */
function findFault({ method, headers }: AlertRequest): Fault | undefined {
  if (method !== "POST") {
    return { status: 405, error: "alerts are sent by POST", headers: { allow: "POST" } };
  }
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") return { status: 415, error: "no content encoding is accepted" };
  if (!isJsonType(headers.get("content-type") ?? "")) {
    return { status: 415, error: "content-type must be application/json" };
  }
  return undefined;
}

/** By our own answer, for whoever counts. */
function resultOf({ status, body }: AlertResponse): AlertResult {
  if (status !== 200) return "refused";
  const { stored, repeat = false }: { readonly stored: number; readonly repeat?: boolean } = JSON.parse(body);
  if (repeat) return "repeat";
  return stored > 0 ? "stored" : "ignored";
}

/** `application/json`, `application/vnd.x+json; charset=utf-8`. */
function isJsonType(contentType: string): boolean {
  const [type = ""] = contentType.toLowerCase().split(";", 1);
  return (
    type.trim() === "application/json" || (type.startsWith("application/") && type.trim().endsWith("+json"))
  );
}

function answer(status: number, body: object, headers: Readonly<Record<string, string>> = {}): AlertResponse {
  return { status, body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
}

/** Refusals are said once a minute with their number: a guesser must not be able to fill the log. `why` is one of a few words of ours. */
function createRefusalCount({ now, log }: Pick<ReceiverOptions, "now" | "log">) {
  const counts = new Map<string, { readonly count: number; readonly saidAt: number }>();
  return (name: string | undefined, why: string) => {
    const key = JSON.stringify([name, why]);
    const { count, saidAt } = counts.get(key) ?? { count: 0, saidAt: Number.NEGATIVE_INFINITY };
    const isDue = now() - saidAt >= MINUTE_MS;
    counts.set(key, isDue ? { count: 0, saidAt: now() } : { count: count + 1, saidAt });
    if (!isDue) return;
    log.warn(
      { source: name ?? "unknown", count: count + 1 },
      `requests to the alert intake were refused: ${why}`,
    );
  };
}
