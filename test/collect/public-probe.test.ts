import assert from "node:assert/strict";
import { test } from "node:test";
import type { PublicSample } from "../../src/collect/evidence.ts";
import { collectSamples, type PublicHttp, type SampleOptions } from "../../src/collect/public-probe.ts";

const URL = "https://shop.example.com/";

function makeSample(changes: Partial<PublicSample> = {}): PublicSample {
  return {
    via: "public",
    at: "2026-11-20T03:12:09.120Z",
    status: 502,
    phasesMs: { total: 1 },
    headers: {},
    bodyStart: "",
    ...changes,
  };
}

function answering(sample: PublicSample, asked: SampleOptions[] = []): PublicHttp {
  return {
    sample: async (_url, options) => {
      asked.push(options);
      return { ...sample, via: options.address === undefined ? "public" : { pinned: options.address } };
    },
  };
}

test("the URL is asked four times where DNS leads, and twice at each pinned address", async () => {
  const asked: SampleOptions[] = [];
  const seen: unknown[] = [];
  const samples = await collectSamples({
    http: answering(makeSample(), asked),
    url: URL,
    pinnedAddresses: ["192.0.2.1", "[2001:db8::1]:8443"],
    onProgress: (event) => seen.push(event),
  });
  const vias = [
    "public",
    "public",
    "public",
    "public",
    "192.0.2.1",
    "192.0.2.1",
    "[2001:db8::1]:8443",
    "[2001:db8::1]:8443",
  ];
  assert.deepEqual(
    samples.map(({ via }) => (via === "public" ? via : via.pinned)),
    vias,
  );
  assert.deepEqual(
    asked.map(({ address }) => address ?? "public"),
    vias,
  );
  assert.ok(
    asked.every(({ timeoutMs, connectTimeoutMs }) => timeoutMs === 8000 && connectTimeoutMs === 4000),
  );
  assert.deepEqual(seen[0], { kind: "sampled", url: URL, status: 502 });
  assert.equal(seen.length, 8);
});

test("all samples are under way before the first is answered", async () => {
  let underWay = 0;
  const allUnderWay = Promise.withResolvers<void>();
  const http: PublicHttp = {
    sample: async () => {
      underWay++;
      if (underWay === 6) allUnderWay.resolve();
      await allUnderWay.promise;
      return makeSample();
    },
  };
  assert.equal((await collectSamples({ http, url: URL, pinnedAddresses: ["192.0.2.1"] })).length, 6);
});

test("what the site says is cleaned, redacted and only then cut", async () => {
  const key = "AKIAIOSFODNN7EXAMPLE";
  const hostile = `\u001b[2J\u202e${"x".repeat(4089)} ${key}`;
  const [sample] = await collectSamples({
    http: answering(
      makeSample({
        bodyStart: hostile,
        headers: { server: `a\u001b[31mb`, "x-debug": key },
        error: { phase: "response", code: "X", message: "not\u0007 HTTP" },
        tls: {
          protocol: "TLSv1.3",
          cipher: "TLS_AES_128_GCM_SHA256",
          subject: "CN=\u001b]0;pwned\u0007shop",
          issuer: "CN=\u202eca",
          names: ["sho\u200bp.test"],
          notAfter: "2026-11-20T03:12:09.000Z",
          trusted: false,
          problem: "X: \u0000y",
        },
      }),
    ),
    url: URL,
    pinnedAddresses: [],
  });
  assert.ok(sample);
  assert.equal(sample.bodyStart.length, 4096);
  assert.equal(sample.bodyStart.slice(4088), "x [redac");
  assert.doesNotMatch(JSON.stringify(sample), /AKIA|\\u00|[\u202e\u200b]/);
  assert.equal(sample.headers.server, "ab");
  assert.equal(sample.error?.message, "not HTTP");
  assert.equal(sample.tls?.subject, "CN=shop");
  assert.deepEqual(sample.tls?.names, ["shop.test"]);
});

test("what must not be shown is removed from what the site answers", async () => {
  const [sample] = await collectSamples({
    http: answering(makeSample({ headers: { server: "a tulip" }, bodyStart: "one tulip" })),
    url: URL,
    pinnedAddresses: [],
    redact: (text) => text.replaceAll("tulip", "[gone]"),
  });
  assert.equal(sample?.headers.server, "a [gone]");
  assert.equal(sample.bodyStart, "one [gone]");
});
