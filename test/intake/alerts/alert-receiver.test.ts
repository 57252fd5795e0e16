import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { MAX_ALERT_BYTES } from "../../../src/intake/alerts/alert-receiver.ts";
import { makeRequest, startReceiver, TOKEN } from "./receiver.ts";
import { sampleBody } from "./shipped-mapping.ts";

const FIRING = {
  status: "firing",
  alerts: [
    {
      status: "firing",
      labels: { alertname: "Shop502", instance: "https://shop.example.com/" },
      annotations: { summary: "502 Bad Gateway, password=hunter2" },
      startsAt: "2026-11-20T03:11:00Z",
      fingerprint: "f00d",
    },
  ],
};

test("a proven alert is stored with its site, then the run is woken, then the sender is told", async () => {
  const { receiver, memory, wakes } = startReceiver();
  const { status, body } = await receiver.handle(makeRequest("alertmanager", FIRING));
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(body), { stored: 1 });
  assert.equal(wakes(), 1);
  assert.deepEqual(memory.kept, [
    {
      site: "shop",
      alert: {
        source: "alertmanager",
        status: "firing",
        fingerprint: "f00d",
        candidates: ["https://shop.example.com/"],
        title: "502 Bad Gateway, password=[redacted:password]",
        statusCode: 502,
        startedAt: "2026-11-20T03:11:00.000Z",
      },
    },
  ]);
});

test("a fingerprint that holds a secret is kept as a digest, the same each time", async () => {
  const { receiver, memory } = startReceiver();
  for (const summary of ["first", "second"]) {
    const fingerprint = "redis://app:hunter2@10.0.0.5";
    const alerts = [{ status: "firing", fingerprint, labels: {}, annotations: { summary } }];
    assert.equal((await receiver.handle(makeRequest("alertmanager", { alerts }))).status, 200);
  }
  const [first, second] = memory.kept.map(({ alert }) => alert.fingerprint);
  assert.match(first ?? "", /^[0-9a-f]{64}$/);
  assert.equal(first, second);
});

test("an alert of no site is stored too, and the sender is told", async () => {
  const { receiver, memory } = startReceiver();
  const { status, body } = await receiver.handle(
    makeRequest("alertmanager", sampleBody("alertmanager-firing")),
  );
  assert.equal(status, 200);
  assert.equal(JSON.parse(body).withoutSite.length, 2);
  assert.deepEqual(
    memory.kept.map(({ site }) => site),
    [undefined, undefined],
  );
});

test("a source that speaks of one site alone needs no other hint", async () => {
  const { receiver, memory } = startReceiver();
  await receiver.handle(makeRequest("kuma", sampleBody("uptime-kuma-down-port-monitor")));
  assert.deepEqual(
    memory.kept.map(({ site }) => site),
    ["blog"],
  );
});

test("a test send is answered 2xx, said, and stored nowhere", async () => {
  const { receiver, memory, said, wakes } = startReceiver();
  const { status } = await receiver.handle(
    makeRequest("kuma", { heartbeat: null, monitor: null, msg: "Test" }),
  );
  assert.deepEqual([status, memory.kept.length, wakes(), said.length], [200, 0, 0, 1]);
});

test("what is passed over beside an alert that is stored is said too", async () => {
  const { receiver, said } = startReceiver();
  const noData = { status: "firing", labels: { alertname: "DatasourceNoData" } };
  const { body } = await receiver.handle(makeRequest("alertmanager", { alerts: [...FIRING.alerts, noData] }));
  const { stored, ignored } = JSON.parse(body);
  assert.equal(stored, 1);
  assert.match(ignored.join(), /^Grafana could not ask its data source/);
  assert.deepEqual(said[0]?.fields, { source: "alertmanager", count: 1, why: ignored });
});

test("when nothing can be stored the sender is asked to come back, and its retry is not taken for a repeat", async () => {
  const { receiver, memory, wakes } = startReceiver();
  memory.break();
  assert.equal((await receiver.handle(makeRequest("alertmanager", FIRING))).status, 503);
  assert.equal(wakes(), 0);
  memory.mend();
  assert.equal((await receiver.handle(makeRequest("alertmanager", FIRING))).status, 200);
  assert.equal(memory.kept.length, 1);
});

test("the same bytes again are a repeat: answered 2xx, stored once, nobody woken", async () => {
  const { receiver, memory, clock, wakes } = startReceiver();
  await receiver.handle(makeRequest("alertmanager", FIRING));
  for (const seconds of [1, 299, 599]) {
    clock.ms += seconds * 1000;
    const { status, body } = await receiver.handle(makeRequest("alertmanager", FIRING));
    assert.deepEqual([status, JSON.parse(body)], [200, { stored: 0, repeat: true }]);
  }
  assert.deepEqual([memory.kept.length, wakes()], [1, 1]);
});

test("an alert that fires anew with the same words is not taken for a repeat", async () => {
  const { receiver, memory, clock } = startReceiver();
  const beat = (status: number) => ({ monitor: { id: 1 }, heartbeat: { status } });
  for (const status of [0, 1, 0]) {
    await receiver.handle(makeRequest("kuma", beat(status)));
    clock.ms += 61_000;
  }
  assert.deepEqual(
    memory.kept.map(({ alert }) => alert.status),
    ["firing", "resolved", "firing"],
  );
});

test("a recorded signature is worth nothing: joined while it is fresh, refused when it is old", async () => {
  const { receiver, memory, clock } = startReceiver();
  const body = { status: "firing", key: "a", site: "shop" };
  const recorded = makeRequest("generic", body, { signedAtMs: clock.ms });
  assert.equal((await receiver.handle(recorded)).status, 200);
  clock.ms += 120_000;
  assert.deepEqual(JSON.parse((await receiver.handle(recorded)).body), { stored: 0, repeat: true });
  clock.ms += 181_000;
  assert.equal((await receiver.handle(recorded)).status, 401);
  assert.equal(memory.kept.length, 1);
});

test("a signature without its required time is refused, and so is one signed in the future", async () => {
  const { receiver, clock } = startReceiver();
  const body = { status: "firing", key: "a" };
  assert.equal((await receiver.handle(makeRequest("generic", body))).status, 401);
  const future = makeRequest("generic", body, { signedAtMs: clock.ms + 301_000 });
  assert.equal((await receiver.handle(future)).status, 401);
});

test("a signed time cannot be added or taken away", async () => {
  const { receiver, clock } = startReceiver();
  const plain = makeRequest("grafana", FIRING);
  assert.equal((await receiver.handle(plain)).status, 200);
  plain.headers.set("x-grafana-alerting-timestamp", String(Math.floor(clock.ms / 1000)));
  assert.equal((await receiver.handle(plain)).status, 401);
  const timed = makeRequest("grafana", FIRING, { signedAtMs: clock.ms });
  timed.headers.delete("x-grafana-alerting-timestamp");
  assert.equal((await receiver.handle(timed)).status, 401);
});

const UNPROVEN = [
  { title: "no header", request: makeRequest("alertmanager", FIRING, { headers: { authorization: "" } }) },
  {
    title: "another token",
    request: makeRequest("alertmanager", FIRING, { headers: { authorization: "Bearer x" } }),
  },
  { title: "an unknown source", request: makeRequest("nobody", FIRING) },
  {
    title: "a token where a signature is due",
    request: { ...makeRequest("alertmanager", FIRING), source: "grafana" },
  },
  {
    title: "bytes that are no JSON",
    request: makeRequest("alertmanager", Buffer.from("{"), { headers: { authorization: "" } }),
  },
  {
    title: "another content type",
    request: makeRequest("alertmanager", FIRING, {
      headers: { authorization: "", "content-type": "text/html" },
    }),
  },
];

test("every request without proof gets the same answer, whatever else is wrong with it", async () => {
  for (const { title, request } of UNPROVEN) {
    const { receiver, memory } = startReceiver();
    const response = await receiver.handle(request);
    assert.deepEqual(
      response,
      { status: 401, body: '{"error":"unauthorized"}', headers: { "content-type": "application/json" } },
      title,
    );
    assert.equal(memory.kept.length, 0);
  }
});

const REFUSED = [
  { title: "GET", change: { method: "GET" }, status: 405 },
  { title: "more than 1 MiB", change: { rawBody: Buffer.alloc(MAX_ALERT_BYTES + 1) }, status: 413 },
  { title: "a compressed body", headers: { "content-encoding": "gzip" }, status: 415 },
  { title: "a form", headers: { "content-type": "application/x-www-form-urlencoded" }, status: 415 },
  { title: "half a body", change: { rawBody: Buffer.from('{"alerts":') }, status: 400 },
  { title: "bytes that are no UTF-8", change: { rawBody: Buffer.from([0x22, 0xff, 0x22]) }, status: 400 },
  {
    title: "deep nesting",
    change: { rawBody: Buffer.from(`${"[".repeat(33)}${"]".repeat(33)}`) },
    status: 400,
  },
  { title: "a million brackets", change: { rawBody: Buffer.alloc(1_000_000, "[") }, status: 400 },
  {
    title: "a prototype",
    change: { rawBody: Buffer.from('{"alerts":[{"__proto__":{"status":"firing"}}]}') },
    status: 400,
  },
  { title: "another shape", change: { rawBody: Buffer.from("[]") }, status: 400 },
] as const;

for (const { title, status, ...rest } of REFUSED) {
  test(`${title} is refused with ${status}, and nothing is stored`, async () => {
    const { receiver, memory } = startReceiver();
    const headers = "headers" in rest ? rest.headers : {};
    const request = {
      ...makeRequest("alertmanager", FIRING, { headers }),
      ...("change" in rest ? rest.change : {}),
    };
    assert.equal((await receiver.handle(request)).status, status);
    assert.equal(memory.kept.length, 0);
  });
}

test("a refused shape names the field", async () => {
  const { receiver } = startReceiver();
  const { body } = await receiver.handle(
    makeRequest("alertmanager", { alerts: [{ status: "on", fingerprint: "a" }] }),
  );
  assert.deepEqual(JSON.parse(body).problems, [
    'alerts[0].status or status is "on"; expected one of firing, resolved',
  ]);
});

test("a storm beyond all bounds is asked to come back, and only that source", async () => {
  const { receiver, memory, clock } = startReceiver();
  const statuses = new Map<number, number>();
  for (let index = 0; index < 1200; index++) {
    const request = makeRequest("kuma", { monitor: { id: index }, heartbeat: { status: 0 } });
    const { status } = await receiver.handle(request);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  assert.deepEqual(
    [...statuses],
    [
      [200, 1000],
      [503, 200],
    ],
  );
  assert.equal((await receiver.handle(makeRequest("alertmanager", FIRING))).status, 200);
  clock.ms += 1000;
  assert.equal(
    (await receiver.handle(makeRequest("kuma", { monitor: { id: "x" }, heartbeat: { status: 0 } }))).status,
    200,
  );
  assert.equal(memory.kept.length, 1002);
});

test("a guesser cannot fill the log: refusals are counted and said once a minute", async () => {
  const { receiver, said, clock } = startReceiver();
  const guess = makeRequest("alertmanager", FIRING, { headers: { authorization: "Bearer guess" } });
  for (let index = 0; index < 500; index++) await receiver.handle(guess);
  assert.equal(said.length, 1);
  clock.ms += 60_000;
  await receiver.handle(guess);
  assert.deepEqual(said.at(-1)?.fields, { source: "alertmanager", count: 500 });
  assert.ok(!JSON.stringify(said).includes("guess"));
});

test("alerts that are lost because nobody can read them are said and counted, each reason for itself", async () => {
  const { receiver, said, results, clock } = startReceiver();
  const guess = makeRequest("alertmanager", FIRING, { headers: { authorization: "Bearer guess" } });
  await receiver.handle(guess);
  for (let index = 0; index < 3; index++) receiver.countUnread("alertmanager", "too large.");
  receiver.countUnread("foreign", "too large.");
  await receiver.handle({ ...makeRequest("alertmanager", FIRING), method: "PUT" });
  const refused = "requests to the alert intake were refused:";
  assert.deepEqual(said, [
    { fields: { source: "alertmanager", count: 1 }, message: `${refused} no proof of their sender` },
    { fields: { source: "alertmanager", count: 1 }, message: `${refused} too large.` },
    { fields: { source: "unknown", count: 1 }, message: `${refused} too large.` },
    { fields: { source: "alertmanager", count: 1 }, message: `${refused} alerts are sent by POST` },
  ]);
  clock.ms += 60_000;
  receiver.countUnread("alertmanager", "too large.");
  assert.deepEqual(said.at(-1)?.fields, { source: "alertmanager", count: 3 });
  assert.deepEqual(results, [
    "alertmanager refused",
    ...Array(3).fill("alertmanager refused"),
    "foreign refused",
    ...Array(2).fill("alertmanager refused"),
  ]);
});

test("no altered request is accepted: 100,000 of them", async () => {
  const { receiver, memory, clock } = startReceiver();
  const body = Buffer.from(JSON.stringify({ status: "firing", key: "a", startedAt: "2026-11-20T03:11:00Z" }));
  const signed = makeRequest("generic", body, { signedAtMs: clock.ms });
  const signature = signed.headers.get("x-signature") ?? "";
  const time = signed.headers.get("x-timestamp") ?? "";
  const flip = (bytes: Buffer, at: number, bit: number) => {
    const copy = Buffer.from(bytes);
    const index = at % copy.length;
    copy[index] = (copy[index] ?? 0) ^ (1 << bit);
    return copy;
  };
  const isHeaderValue = (text: string) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
  const isAltered = (text: string) => isHeaderValue(text) && text.trim() !== signature;
  const altered = fc.oneof(
    fc.tuple(fc.nat(), fc.nat(7)).map(([at, bit]) => ({ rawBody: flip(body, at, bit) })),
    fc.nat(body.length - 1).map((length) => ({ rawBody: body.subarray(0, length) })),
    fc.uint8Array({ minLength: 1, maxLength: 20 }).map((more) => ({ rawBody: Buffer.concat([body, more]) })),
    fc.constant({ rawBody: Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1)) }),
    fc
      .tuple(fc.nat(), fc.nat(6))
      .map(([at, bit]) => flip(Buffer.from(signature), at, bit).toString("latin1"))
      .filter(isAltered)
      .map((text) => ({ signature: text })),
    fc.nat(signature.length - 1).map((length) => ({ signature: signature.slice(0, length) })),
    fc
      .string()
      .filter(isAltered)
      .map((text) => ({ signature: text })),
    fc
      .integer({ min: -1000, max: 1000 })
      .filter((s) => s !== 0)
      .map((s) => ({ time: String(Number(time) + s) })),
    // the same bytes at another time, and what another key signed
    fc.integer({ min: 301_000, max: 40 * 86_400_000 }).map((later) => ({ later })),
    fc.string({ minLength: 1 }).map((other) => ({
      signature: `sha256=${createHmac("sha256", other).update(`${time}.`).update(body).digest("hex")}`,
    })),
    fc.constantFrom("", " ", `0${time}`, `${time}.0`, `+${time}`, "NaN").map((text) => ({ time: text })),
  );
  let refused = 0;
  for (const change of fc.sample(altered, 100_000)) {
    const headers = new Headers(signed.headers);
    if ("signature" in change) headers.set("x-signature", change.signature);
    if ("time" in change) headers.set("x-timestamp", change.time);
    const signedAt = clock.ms;
    if ("later" in change) clock.ms += change.later;
    const { status } = await receiver.handle({ ...signed, ...change, headers });
    clock.ms = signedAt;
    assert.equal(status, 401, JSON.stringify(change));
    refused++;
  }
  assert.equal(refused, 100_000);
  assert.equal(memory.kept.length, 0);
  assert.equal((await receiver.handle(signed)).status, 200);
});

test("no altered token is accepted", async () => {
  const { receiver } = startReceiver();
  const words = [
    TOKEN,
    `bearer ${TOKEN}`,
    `Bearer  ${TOKEN}`,
    `Bearer ${TOKEN.toUpperCase()}`,
    `Bearer ${TOKEN.slice(1)}`,
    `Bearer ${TOKEN}0`,
    `Basic ${TOKEN}`,
  ];
  for (const authorization of words) {
    assert.equal(
      (await receiver.handle(makeRequest("alertmanager", FIRING, { headers: { authorization } }))).status,
      401,
    );
  }
});

test("no proven body makes the receiver throw, and each is answered 2xx or 4xx", async () => {
  const { receiver } = startReceiver();
  const body = fc
    .oneof(fc.json({ maxDepth: 6 }), fc.string({ unit: "binary" }))
    .map((text) => Buffer.from(text));
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom("alertmanager", "kuma"), async (rawBody, source) => {
      const { status } = await receiver.handle(makeRequest(source, rawBody));
      assert.ok([200, 400].includes(status), String(status));
    }),
    { numRuns: 900 },
  );
});
