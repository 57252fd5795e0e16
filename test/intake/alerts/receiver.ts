import { createHmac } from "node:crypto";
import { type AlertReceiver, createAlertReceiver } from "../../../src/intake/alerts/alert-receiver.ts";
import type { AlertSource } from "../../../src/intake/alerts/alert-source.ts";
import { headerProof } from "../../../src/intake/alerts/prove-sender.ts";
import { createMemoryInbox } from "./memory-inbox.ts";
import { shippedMapping } from "./shipped-mapping.ts";

export const TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
const KEY = "b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfef";

const SITES = [
  { name: "shop", url: "https://shop.example.com/" },
  { name: "blog", url: "https://blog.example.com/" },
];

/** What the bot says of itself, kept. */
interface Said {
  readonly fields: { readonly [name: string]: unknown };
  readonly message: string;
}

/** A receiver for `alertmanager` (token), `grafana` and `generic` (both signed), with a clock of its own. */
export function startReceiver(changes: { readonly now?: () => number } = {}) {
  const clock = { ms: Date.parse("2026-11-20T03:12:09Z") };
  const now = changes.now ?? (() => clock.ms);
  const memory = createMemoryInbox({ now });
  const said: Said[] = [];
  const results: string[] = [];
  let wakes = 0;
  const say = (fields: Said["fields"], message: string) => void said.push({ fields, message });
  const receiver: AlertReceiver = createAlertReceiver({
    ...{ sources: makeSources(), sites: SITES, inbox: memory.inbox, now },
    clean: (text) => text.replaceAll("hunter2", "[redacted:password]"),
    wake: () => wakes++,
    onResult: (source, result) => void results.push(`${source} ${result}`),
    log: { info: say, warn: say },
  });
  return { receiver, memory, clock, said, results, wakes: () => wakes };
}

function makeSources(): readonly AlertSource[] {
  const token = headerProof("authorization", `Bearer ${TOKEN}`);
  return [
    { name: "alertmanager", mapping: shippedMapping("alertmanager"), proof: token },
    { name: "kuma", mapping: shippedMapping("uptime-kuma"), proof: token, site: "blog" },
    ...["grafana", "generic"].map((name) => signed(name)),
  ];
}

function signed(name: string): AlertSource {
  const mapping = shippedMapping(name);
  if (mapping.hmac === undefined) throw new TypeError(`${name} is not signed`);
  return { name, mapping, proof: { kind: "hmac", key: KEY, scheme: mapping.hmac } };
}

/** A request as the sender's own library would make it. */
export function makeRequest(
  source: string,
  body: unknown,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly signedAtMs?: number } = {},
) {
  const rawBody = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const headers = new Headers({
    "content-type": "application/json",
    ...proofHeaders(source, rawBody, options.signedAtMs),
    ...options.headers,
  });
  return { source, method: "POST", headers, rawBody };
}

function proofHeaders(
  source: string,
  rawBody: Buffer,
  signedAtMs: number | undefined,
): Record<string, string> {
  if (source !== "grafana" && source !== "generic") return { authorization: `Bearer ${TOKEN}` };
  const isGrafana = source === "grafana";
  const at = signedAtMs === undefined ? undefined : String(Math.floor(signedAtMs / 1000));
  const prefix = at === undefined ? "" : `${at}${isGrafana ? ":" : "."}`;
  const signature = createHmac("sha256", KEY).update(prefix).update(rawBody).digest("hex");
  return {
    ...(isGrafana ? { "x-grafana-alerting-signature": signature } : { "x-signature": `sha256=${signature}` }),
    ...(at === undefined ? {} : { [isGrafana ? "x-grafana-alerting-timestamp" : "x-timestamp"]: at }),
  };
}
