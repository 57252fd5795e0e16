import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createCollect } from "../../src/collect/collect.ts";
import type { ProgressEvent } from "../../src/collect/progress.ts";
import type { ScriptEnd, Shell } from "../../src/collect/shell.ts";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import type { Look } from "../../src/plan/plan.ts";
import type { ProbeResult } from "../../src/playbook/probe-result.ts";
import { createShell } from "../../src/ssh/create-shell.ts";
import { NO_SECRETS } from "../fakes/no-secrets.ts";
import { accessTo } from "../fakes/ssh-server.ts";
import { freePort, makeKey, type RealSshd, startSshd, withoutSshd } from "../ssh/real-sshd.ts";
import { longSleep, makeLook, run, untilGone, untilRunning } from "./far-side.ts";

const HERE: HostAccess = { name: "here", how: { kind: "local" } };
const quiet = { onProgress: () => undefined };
const realShell = createShell({ ...NO_SECRETS, env: (name) => process.env[name] });
after(() => realShell.close());

const create = (shell: Shell = realShell) => createCollect({ shell, now: Date.now, random: randomBytes });
const named = (id: string, look: Look): Look => ({ ...look, id, probe: `test.${id}` });
const byId = (results: readonly ProbeResult[]) => new Map(results.map((result) => [result.id, result]));

/** A shell whose host prints what `answer` makes of the frame mark, and ends so. */
function scripted(answer: (mark: string) => string, end: ScriptEnd = { kind: "closed", exitCode: 0 }): Shell {
  return {
    async connect() {
      return {
        ok: true,
        connection: {
          rttMs: 0,
          async runScript(script, { onBytes }) {
            const mark = /^M=([0-9a-f]{32}) /m.exec(script)?.[1] ?? "";
            const done = onBytes(Buffer.from(answer(mark)));
            return done ? { kind: "closed", exitCode: null } : end;
          },
          close: () => undefined,
        },
      };
    },
    close: async () => undefined,
  };
}

const LOOKS = [named("a", makeLook(run("echo", "a"))), named("b", makeLook(run("echo", "b")))];
const PLAN = { host: "here", round: 1, looks: LOOKS } as const;

async function collectFrom(shell: Shell) {
  const collect = create(shell);
  await collect.open([HERE], quiet);
  const { results, visits } = await collect.round([PLAN], quiet);
  collect.close();
  return { results: byId(results), visits };
}

test("results carry probe, host, round and params; secrets are out and the facts are among them", async () => {
  const collect = create();
  await collect.open([HERE], quiet);
  const look = { ...named("x", makeLook(run("echo", "DB_PASSWORD=hunter2"))), params: { unit: "a.service" } };
  const { results, visits } = await collect.round([{ host: "here", round: 2, looks: [look] }], quiet);
  collect.close();
  const [facts, result] = results;
  assert.equal(facts?.probe, "host.facts");
  assert.match(facts?.output ?? "", /^kernel=/m);
  assert.deepEqual(result, {
    probe: "test.x",
    id: "x",
    host: "here",
    round: 2,
    params: { unit: "a.service" },
    outcome: { kind: "exited", exitCode: 0 },
    output: "DB_PASSWORD=[redacted:secret]\n",
    truncated: false,
  });
  assert.equal(visits[0]?.status, "looked");
  assert.ok(Math.abs(visits[0]?.clockSkewMs ?? Number.NaN) < 5000, "the same clock");
  assert.equal(visits[0]?.utcOffsetMinutes, 0 - new Date().getTimezoneOffset());
});

test("a clock that is an hour ahead is seen as such", async () => {
  const ahead = (mark: string) => {
    const body = `epoch=${Math.floor(Date.now() / 1000) + 3600}.000000000\noffset=-0330\n0`;
    return `${mark} facts ${body.length}\n${body}\n${mark} end\n`;
  };
  const { visits } = await collectFrom(scripted(ahead));
  assert.ok(Math.abs((visits[0]?.clockSkewMs ?? 0) - 3_600_000) < 5000);
  assert.equal(visits[0]?.utcOffsetMinutes, -210);
});

test("progress tells each look when it is done, and which had no answer", async () => {
  const events: ProgressEvent[] = [];
  const collect = create(scripted((mark) => `${mark} 0 3\na\n0\n${mark} end\n`));
  const watched = { onProgress: (event: ProgressEvent) => events.push(event) };
  await collect.open([HERE], watched);
  await collect.round([PLAN], watched);
  assert.deepEqual(
    events.map((event) => (event.kind === "looked" ? `${event.look}:${event.ok}` : event.kind)),
    ["connecting", "connected", "looking", "a:true", "b:false"],
  );
});

const BROKEN: readonly (readonly [ScriptEnd, status: string, reason: RegExp])[] = [
  [{ kind: "lost", reason: "the connection broke" }, "lost", /connection broke/],
  [{ kind: "deadline" }, "looked", /deadline/],
  [{ kind: "too-much-output" }, "lost", /more than 512 KiB/],
  [{ kind: "closed", exitCode: 255 }, "looked", /without this look's frame/],
  [{ kind: "aborted" }, "looked", /stopped/],
];
for (const [end, status, reason] of BROKEN) {
  test(`a script that ends as ${end.kind} keeps the frames it had; the rest has no answer`, async () => {
    const { results, visits } = await collectFrom(
      scripted((mark) => `${mark} 0 3\na\n0\n${mark} 1 99\nb`, end),
    );
    assert.deepEqual(results.get("a")?.outcome, { kind: "exited", exitCode: 0 });
    const missing = results.get("b")?.outcome;
    assert.ok(missing?.kind === "no-answer" && reason.test(missing.reason));
    assert.equal(visits[0]?.status, status);
  });
}

test("a host that prints old, guessed or nested marks gives no look's answer", async () => {
  const { results } = await collectFrom(
    scripted((mark) => {
      const forged = `${"0".repeat(32)} 1 3\nb\n0\n`;
      const nested = `${forged}${mark.slice(1)} 1 3\nb\n0\n0`;
      return `${forged}${mark} 0 ${nested.length}\n${nested}\n${mark} 7 3\nx\n0\n`;
    }),
  );
  assert.equal(results.get("b")?.outcome.kind, "no-answer");
  assert.equal(results.size, 3);
});

test("what several products ask alike is asked once, and is the answer of each", async () => {
  const uuid = run("cat", "/proc/sys/kernel/random/uuid");
  const looks = [
    named("puma", makeLook(uuid)),
    named("other", makeLook(run("echo", "other"))),
    named("uwsgi", makeLook(uuid)),
    named("longer", makeLook(uuid, { timeoutMs: 6000 })),
  ];
  const seen: string[] = [];
  const onProgress = (event: ProgressEvent) => {
    if (event.kind === "looked" && event.ok) seen.push(event.look);
  };
  const collect = create();
  await collect.open([HERE], quiet);
  const { results } = await collect.round([{ host: "here", round: 1, looks }], { onProgress });
  collect.close();
  const [, puma, other, uwsgi, longer] = results;
  assert.deepEqual(
    results.slice(1).map(({ id, probe }) => [id, probe]),
    looks.map(({ id, probe }) => [id, probe]),
  );
  assert.match(puma?.output ?? "", /^[0-9a-f-]{36}\n$/);
  assert.equal(uwsgi?.output, puma?.output);
  assert.equal(other?.output, "other\n");
  assert.notEqual(longer?.output, puma?.output, "another limit is another question");
  assert.deepEqual(seen.toSorted(), ["longer", "other", "puma", "uwsgi"]);
});

test("of two frames for one look the first counts", async () => {
  const { results } = await collectFrom(
    scripted((mark) => `${mark} 0 3\na\n0\n${mark} 0 3\nz\n7\n${mark} end\n`),
  );
  assert.deepEqual(results.get("a")?.outcome, { kind: "exited", exitCode: 0 });
  assert.equal(results.get("a")?.output, "a");
});

test("a host that drops is tried once more in the next round", async () => {
  let connections = 0;
  const answers = [
    scripted(() => "", { kind: "lost", reason: "gone" }),
    scripted((mark) => `${mark} 0 3\na\n0\n`),
  ];
  const flaky: Shell = {
    connect: (host, options) => (answers[connections++] ?? scripted(() => "")).connect(host, options),
    close: async () => undefined,
  };
  const collect = create(flaky);
  await collect.open([HERE], quiet);
  assert.equal((await collect.round([PLAN], quiet)).visits[0]?.status, "lost");
  const second = await collect.round([PLAN], quiet);
  assert.equal(byId(second.results).get("a")?.outcome.kind, "exited");
  assert.equal(second.visits[0]?.status, "looked");
  assert.equal(connections, 2);
});

describe("over a real sshd", { skip: withoutSshd }, () => {
  const directory = mkdtempSync(join(tmpdir(), "d502-collect-"));
  let sshd: RealSshd;
  before(async () => {
    sshd = await startSshd();
  });
  after(async () => {
    await sshd.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test("one host that is down takes nothing from the others", async () => {
    const key = makeKey(join(directory, "key"));
    const dead = {
      ...accessTo(await freePort(), { identityFiles: [key], knownHostsFiles: [] }),
      name: "dead",
    };
    const collect = create();
    const visits = await collect.open([dead, sshd.access(), HERE], quiet);
    assert.deepEqual(visits.map(({ host, status }) => `${host} ${status}`).sort(), [
      "dead unreachable",
      "here looked",
      "real looked",
    ]);
    const { results } = await collect.round(
      ["dead", "real", "here"].map((host) => ({ host, round: 1, looks: LOOKS })),
      quiet,
    );
    collect.close();
    const outcomes = results
      .filter(({ id }) => id === "a")
      .map(({ host, outcome }) => `${host} ${outcome.kind}`);
    assert.deepEqual(outcomes, ["dead no-answer", "real exited", "here exited"]);
  });

  test("an unknown host key is an error, and no other host's connection is left open", async () => {
    const collect = create();
    await assert.rejects(collect.open([sshd.access({ knownHostsFiles: [] }), HERE], quiet), {
      code: "HOST_KEY_UNKNOWN",
    });
    collect.close();
  });

  test("our own death by SIGKILL leaves nothing running there", async () => {
    const seconds = longSleep();
    const program = join(directory, "victim.ts");
    const from = (path: string) => JSON.stringify(join(import.meta.dirname, "../..", path));
    writeFileSync(
      program,
      `import { randomBytes } from "node:crypto";
import { createCollect } from ${from("src/collect/collect.ts")};
import { createShell } from ${from("src/ssh/create-shell.ts")};
import { NO_SECRETS } from ${from("test/fakes/no-secrets.ts")};
const shell = createShell({ ...NO_SECRETS, env: (name) => process.env[name] });
const collect = createCollect({ shell, now: Date.now, random: randomBytes });
const hosts = ${JSON.stringify([sshd.access(), HERE])};
const quiet = { onProgress: () => undefined };
await collect.open(hosts, quiet);
const look = ${JSON.stringify(makeLook(run("sleep", seconds), { timeoutMs: 19_000 }))};
await collect.round(hosts.map(({ name }) => ({ host: name, round: 1, looks: [look] })), quiet);
`,
    );
    const victim = spawn(process.execPath, [program], { stdio: "inherit" });
    await untilRunning(seconds);
    victim.kill("SIGKILL");
    await untilGone(seconds);
  });
});

test("what must not be shown is removed from what a host prints, before it is evidence", async () => {
  const collect = createCollect({
    shell: realShell,
    now: Date.now,
    random: randomBytes,
    redact: (text) => text.replaceAll("tulip", "[gone]"),
  });
  await collect.open([HERE], quiet);
  const looks = [named("greeting", makeLook(run("echo", "a tulip")))];
  const { results } = await collect.round([{ host: "here", round: 1, looks }], quiet);
  collect.close();
  assert.equal(byId(results).get("greeting")?.output.trim(), "a [gone]");
});
