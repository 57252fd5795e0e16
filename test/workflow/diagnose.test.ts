import assert from "node:assert/strict";
import { test } from "node:test";
import type { Collect } from "../../src/collect/collect.ts";
import type { Evidence, PublicSample } from "../../src/collect/evidence.ts";
import type { ProgressEvent } from "../../src/collect/progress.ts";
import type { PublicHttp, SampleOptions } from "../../src/collect/public-probe.ts";
import { OperatorError } from "../../src/operator-error.ts";
import { createDiagnose } from "../../src/workflow/diagnose.ts";
import { makeEvidence, NGINX_502, STOPPED, sample } from "../classify/evidence.ts";
import { playbooks } from "../topology/site.ts";

/** Hosts that answer with recorded evidence, and a site that answers when asked to; `events` is what happened, in order. */
function makeEdges(given: {
  readonly evidence?: Evidence;
  readonly answer?: (options: SampleOptions) => Promise<PublicSample>;
  readonly open?: () => Promise<void>;
}) {
  const { evidence = makeEvidence(STOPPED), answer = async () => sample(502, NGINX_502) } = given;
  const events: string[] = [];
  const looks: string[] = [];
  const collect: Collect = {
    async open(hosts) {
      events.push(`open ${hosts.map(({ name }) => name).join()}`);
      await given.open?.();
      return evidence.visits;
    },
    async round(plans) {
      const round = plans[0]?.round;
      events.push(`round ${round}`);
      if (round === 2) looks.push(...plans.flatMap((plan) => plan.looks.map(({ probe }) => probe)));
      return {
        results: evidence.results.filter((result) => result.round === round),
        visits: evidence.visits,
      };
    },
    close() {
      events.push("close");
    },
  };
  const http: PublicHttp = {
    async sample(_url, options) {
      const one = await answer(options);
      events.push("sampled");
      return one;
    },
  };
  let clock = Date.parse(evidence.startedAt) - 20;
  const now = () => {
    clock += 20;
    return clock;
  };
  const diagnose = createDiagnose({ createCollect: () => collect, http, playbooks, now });
  const progress: ProgressEvent[] = [];
  const controller = new AbortController();
  const run = () =>
    diagnose(evidence.request, {
      onProgress: (event) => void progress.push(event),
      signal: controller.signal,
    });
  return { run, events, looks, progress, controller };
}

/** A request that ends only with its signal, as the edge promises. */
function hangs({ signal }: SampleOptions): Promise<PublicSample> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
}

test("a diagnosis looks twice, and asks the site before the second round reads the logs", async () => {
  const { run, events, progress } = makeEdges({});
  const { diagnosis, evidence, target } = await run();
  assert.deepEqual(
    events.filter((event) => event !== "sampled"),
    ["open edge-1,origin-1", "round 1", "round 2", "close"],
  );
  assert.equal(events.lastIndexOf("sampled") < events.indexOf("round 2"), true);
  assert.equal(diagnosis.cause?.id, "upstream-not-running");
  assert.equal(diagnosis.durationMs, 20);
  assert.equal(evidence.startedAt, makeEvidence().startedAt);
  assert.deepEqual([...new Set(evidence.results.map(({ round }) => round))], [1, 2]);
  assert.equal(target.proxies[0]?.host, "edge-1");
  assert.deepEqual(progress.at(-1), { kind: "classifying" });
});

test("whether the application wants TLS after all is tried only when the site fails", async () => {
  for (const [status, isTried] of [
    [200, false],
    [502, true],
  ] as const) {
    const { run, looks } = makeEdges({ answer: async () => sample(status, NGINX_502) });
    await run();
    assert.equal(looks.includes("linux-host.upstream-handshake"), isTried);
    assert.ok(looks.includes("nginx.error-log"));
  }
});

test("a site that does not answer holds the second round up for 2.5 s at most, and counts as failing", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const answers: (() => void)[] = [];
  const { run, events, looks } = makeEdges({
    answer: () => new Promise((resolve) => answers.push(() => resolve(sample(504, NGINX_502)))),
  });
  const running = run();
  while (!events.includes("round 1")) await new Promise(setImmediate);
  await new Promise(setImmediate);
  t.mock.timers.tick(2499);
  await new Promise(setImmediate);
  assert.ok(!events.includes("round 2"));
  t.mock.timers.tick(1);
  while (!events.includes("round 2")) await new Promise(setImmediate);
  assert.ok(!events.includes("sampled"));
  assert.ok(looks.includes("linux-host.upstream-handshake"));
  for (const answer of answers) answer();
  const { evidence } = await running;
  assert.ok(evidence.samples.every(({ status }) => status === 504));
});

test("whoever gives up gets the reason, and the connections are closed", async () => {
  const { run, events, controller } = makeEdges({ answer: hangs });
  const running = run();
  controller.abort(new Error("interrupted"));
  await assert.rejects(running, /interrupted/);
  assert.equal(events.at(-1), "close");
});

test("a host key that is not the host's stops everything before a look is taken", async () => {
  const wrongKey = new (class extends OperatorError {
    override readonly code = "HOST_KEY_MISMATCH";
  })("edge-1 presented another key.", { hint: "Stop." });
  const { run, events, controller } = makeEdges({
    answer: hangs,
    open: async () => {
      throw wrongKey;
    },
  });
  await assert.rejects(run(), wrongKey);
  assert.deepEqual(events, ["open edge-1,origin-1", "close"]);
  // the request that still waits must not end the process later
  controller.abort();
  await new Promise(setImmediate);
});

test("a host that cannot be reached is named as a gap, and the others still give a verdict", async () => {
  const failure = { kind: "timed-out", reason: "192.0.2.20:22 did not answer.", hint: "Check it." } as const;
  const seen = makeEvidence({ ...STOPPED, visits: { "origin-1": { status: "unreachable", failure } } });
  const evidence = { ...seen, results: seen.results.filter(({ host }) => host === "edge-1") };
  const { diagnosis } = await makeEdges({ evidence }).run();
  assert.deepEqual(diagnosis.notChecked, [
    { check: "ssh", host: "origin-1", reason: failure.reason, fix: failure.hint },
  ]);
  assert.notEqual(diagnosis.outcome, "healthy");
  assert.equal(diagnosis.client.status, 502);
  assert.equal(diagnosis.remediation, null);
});
