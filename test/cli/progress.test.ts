import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { renderProgress, sayEvent } from "../../src/cli/render-progress.ts";
import { showProgress } from "../../src/cli/show-progress.ts";
import type { ProgressEvent } from "../../src/collect/progress.ts";
import { addProgress, NO_PROGRESS } from "../../src/report/progress-state.ts";
import { displayWidth } from "../../src/report/wrap-text.ts";
import { makeFakeOutput } from "../fakes/output.ts";

const PLAIN = { width: 60, unicode: true, colours: false };

const LOOKING: readonly ProgressEvent[] = [
  { kind: "connecting", host: "edge-1" },
  { kind: "connecting", host: "origin-1" },
  { kind: "sampled", url: "https://shop.example.com/", status: 502 },
  { kind: "connected", host: "edge-1", ms: 41.4 },
  { kind: "looking", host: "edge-1", round: 1, looks: ["nginx.config", "host.journal", "host.disk"] },
  { kind: "looked", host: "edge-1", round: 1, look: "nginx.config", ok: true },
  { kind: "sampled", url: "https://shop.example.com/", status: 502 },
  { kind: "sampled", url: "https://shop.example.com/", status: null },
];

function render(events: readonly ProgressEvent[], { nowMs = 0, width = PLAIN.width } = {}): string {
  const state = events.reduce((before, event) => addProgress(before, event, 0), NO_PROGRESS);
  return renderProgress(state, { ...PLAIN, width }, nowMs);
}

test("each host and the public URL have one line", () => {
  assert.equal(
    render(LOOKING),
    `  edge-1      looked 1/3
  origin-1    connecting
  public URL  answered 502 (2 times), no answer`,
  );
});

test("a look that takes long is named until it answers", () => {
  assert.match(render(LOOKING, { nowMs: 900 }), /looked 1\/3, waits for journal, disk$/m);
  const answered: ProgressEvent = {
    kind: "looked",
    host: "edge-1",
    round: 1,
    look: "host.journal",
    ok: true,
  };
  assert.match(render([...LOOKING, answered], { nowMs: 900 }), /looked 2\/3, waits for disk$/m);
});

test("the second round adds to the first", () => {
  const again: ProgressEvent = { kind: "looking", host: "edge-1", round: 2, looks: ["nginx.error-log"] };
  assert.match(render([...LOOKING, again]), /edge-1 +looked 1\/4$/m);
});

test("a host that is not reached or lost says why", () => {
  assert.match(
    render([
      ...LOOKING,
      {
        kind: "unreachable",
        host: "origin-1",
        failure: { kind: "refused", reason: "192.0.2.20 port 22 refused.", hint: "Is sshd running?" },
      },
    ]),
    /^ {2}origin-1 {4}not reached: 192\.0\.2\.20 port 22 refused\.$/m,
  );
  assert.match(
    render([...LOOKING, { kind: "lost", host: "edge-1", reason: "the connection was reset" }]),
    /edge-1 +lost at 1\/3: the connection was reset/,
  );
});

test("no line reaches the terminal's edge, whatever hosts and looks are called", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(text, text, text, fc.integer({ min: 40, max: 120 }), (host, look, reason, width) => {
      const events: ProgressEvent[] = [
        { kind: "connecting", host },
        { kind: "looking", host, round: 1, looks: [look, look] },
        { kind: "connecting", host: `${host}2` },
        { kind: "lost", host: `${host}2`, reason },
      ];
      const lines = render(events, { width, nowMs: 5000 }).split("\n");
      assert.equal(lines.length, 2);
      for (const line of lines) {
        assert.ok(displayWidth(line) < width);
        assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f]/);
      }
    }),
  );
});

test("verbose says each event in a lasting line", async () => {
  const { output, text } = makeFakeOutput({ isTerminal: true });
  const progress = await showProgress({ stderr: output, verbose: true });
  for (const event of LOOKING) progress.onProgress(event);
  progress.close();
  assert.equal(text(), LOOKING.map((event) => `${sayEvent(event)}\n`).join(""));
  assert.match(text(), /^edge-1: connected in 41 ms$/m);
});

test("without a terminal nothing is said", async () => {
  const { output, text } = makeFakeOutput({ isTerminal: false });
  const progress = await showProgress({ stderr: output, verbose: false });
  for (const event of LOOKING) progress.onProgress(event);
  progress.close();
  assert.equal(text(), "");
});

test("on a terminal the lines are drawn in place and gone at the end", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval", "Date"] });
  const { output, text } = makeFakeOutput({ isTerminal: true, width: 60 });
  const progress = await showProgress({ stderr: output, verbose: false });
  for (const event of LOOKING) progress.onProgress(event);
  t.mock.timers.tick(1000);
  assert.match(text(), /edge-1 +looked 1\/3/);
  const drawn = text().length;
  progress.close();
  assert.ok(text().slice(drawn).includes("\x1b[2K"), "the lines are erased");
  t.mock.timers.tick(1000);
  assert.doesNotMatch(text().slice(drawn), /looked/);
});
