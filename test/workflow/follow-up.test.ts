import assert from "node:assert/strict";
import { test } from "node:test";
import type { PublicHttp } from "../../src/collect/public-probe.ts";
import { createFollowUp } from "../../src/workflow/follow-up.ts";

const SSH_ADDRESS = "10.8.0.5";

/** How visitors, and requests to the proxy's SSH address, are answered; null: not at all. */
async function askOnce(answers: { readonly visitors: number | null; readonly proxy: number | null }) {
  const http: PublicHttp = {
    async sample(_url, { address }) {
      const status = address === undefined ? answers.visitors : answers.proxy;
      return {
        via: address === undefined ? "public" : { pinned: address },
        at: "2026-11-20T12:00:00.000Z",
        status,
        ...(status === null
          ? { error: { phase: "connect", code: "ECONNREFUSED", message: "refused" } as const }
          : {}),
        phasesMs: { total: 1 },
        headers: {},
        bodyStart: "",
      };
    },
  };
  const incident = { site: "shop", url: "https://shop.example.com/" };
  const hosts = { proxies: [], upstreams: [], dependencies: [] };
  const followUp = createFollowUp({
    http,
    sites: {
      names: [],
      find: () => undefined,
      requestOf: async () => ({ ...incident, ...hosts, pinnedAddresses: [SSH_ADDRESS] }),
      placesOf: () => [],
    },
    redact: (text) => text,
  });
  return await followUp(incident, { signal: AbortSignal.timeout(20_000) });
}

for (const [fact, answers, expected] of [
  ["a proxy whose SSH address serves nothing", { visitors: 200, proxy: null }, { good: 4, asked: 4 }],
  ["a proxy that shows another page there", { visitors: 200, proxy: 404 }, { good: 4, asked: 4 }],
  ["a proxy that passes on the site there", { visitors: 200, proxy: 200 }, { good: 4, asked: 4 }],
  [
    "a proxy that answers 502 there, which the edge hides",
    { visitors: 200, proxy: 502 },
    { good: 4, asked: 6 },
  ],
  ["visitors without an answer", { visitors: null, proxy: 200 }, { good: 0, asked: 4 }],
  ["visitors with a 502", { visitors: 502, proxy: null }, { good: 0, asked: 4 }],
] as const) {
  test(`whether a site is well again: ${fact}`, async () => {
    assert.deepEqual(await askOnce(answers), expected);
  });
}
