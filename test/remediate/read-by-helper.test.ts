import assert from "node:assert/strict";
import { test } from "node:test";
import { lookOf } from "../../src/remediate/manager.ts";
import { judgeHelped, makeHelperLooks } from "../../src/remediate/read-by-helper.ts";
import { type Answer, BOOT_ID, makeRun } from "./make-run.ts";

const HELPER = "/usr/local/lib/diagnose502/restart";
const ID = "eac7c2ae5e4e502ec1182c43e0123df0ba785f8ac9e1cb0034f3af0aef0e7ff9";
const INVOCATION = `${ID}@2026-11-21T06:53:21.915778572Z`;
const WEB = { manager: "docker", container: "web" } as const;
const NOT_THERE: Answer = [{ kind: "missing", what: HELPER }];
const OPTIONS = { resetBudget: false, proxyUnits: [], neverRestart: ["precious.service"] };

/** What the helper answers about a service. */
function known(fields: string): string {
  return `Last login: today\ndiagnose502 known reset=no ${fields}\n`;
}

/** A login that reaches the helper by sudo, or is root. */
function runOf(answer: Answer, uid = 1000) {
  const answers =
    uid === 0 ? { helper: answer, "sudo-helper": NOT_THERE } : { helper: NOT_THERE, "sudo-helper": answer };
  return makeRun(answers, { uid });
}

const SERVICES = [
  { service: WEB, name: "web", word: "docker:web" },
  { service: { manager: "compose", project: "p", service: "api" }, name: "api", word: "compose:p/api" },
  { service: { manager: "pm2", user: "deploy", app: "shop" }, name: "shop", word: "pm2:deploy/shop" },
  { service: { manager: "supervisor", program: "jobs" }, name: "jobs", word: "supervisor:jobs" },
] as const;

for (const { service, name, word } of SERVICES) {
  test(`${word} is asked of the helper, directly and by sudo`, () => {
    assert.deepEqual(makeHelperLooks(service), [
      lookOf("helper", [HELPER, "check", word]),
      lookOf("sudo-helper", ["sudo", "-n", HELPER, "check", word]),
    ]);
  });

  test(`${word} may be restarted by the helper, as it answered`, () => {
    const answer = known(`id=${name}-1 invocation=${INVOCATION} state=running why_not=none`);
    const words = [HELPER, word, "{key}", INVOCATION];
    const read = {
      kind: "read",
      identity: { id: `${name}-1`, invocation: INVOCATION, bootId: BOOT_ID },
      risk: { takesAlong: [], startsLeft: null, resetsBudget: false },
      argv: ["sudo", "-n", ...words],
      state: "running",
      helper: true,
    };
    assert.deepEqual(judgeHelped(service, runOf(answer), OPTIONS), read);
    assert.deepEqual(judgeHelped(service, runOf(answer, 0), OPTIONS), { ...read, argv: words });
  });

  test(`${word} is not restarted when the config lists a unit of that name`, () => {
    const answer = known(`id=${name} invocation=${INVOCATION} state=running why_not=none`);
    assert.deepEqual(
      judgeHelped(service, runOf(answer), { ...OPTIONS, neverRestart: ["other.service", `${name}.service`] }),
      {
        kind: "refused",
        why: `${name} is on the list neverRestart of the config`,
        hint: "Restart it by hand if it must be; this bot never does.",
      },
    );
  });
}

test("a helper that says little leaves the service's own name, and no start that is known", () => {
  assert.deepEqual(judgeHelped(WEB, runOf("diagnose502 known\n"), OPTIONS), {
    kind: "read",
    identity: { id: "web", invocation: "none", bootId: BOOT_ID },
    risk: { takesAlong: [], startsLeft: null, resetsBudget: false },
    argv: ["sudo", "-n", HELPER, "docker:web", "{key}", "none"],
    state: "unknown",
    helper: true,
  });
});

test("what must never be touched is not, in a container either", () => {
  assert.deepEqual(judgeHelped({ manager: "docker", container: "redis" }, runOf(""), OPTIONS), {
    kind: "refused",
    why: "redis is a database, cache or queue",
    hint: "Restart it by hand if it must be; this bot never does.",
  });
});

test("a container is known by the parts of its name, and one that only uses a database may be restarted", () => {
  const judge = (name: string) =>
    judgeHelped({ manager: "docker", container: name }, runOf("diagnose502 known\n"), OPTIONS).kind;
  for (const name of ["shop-postgres-1", "shop-db-1", "nginx-proxy"])
    assert.equal(judge(name), "refused", name);
  for (const name of ["shop-web-1", "shop-redis-worker-1"]) assert.equal(judge(name), "read", name);
});

const REASONS: readonly (readonly [whyNot: string, because: string])[] = [
  ["missing", "its manager does not know it, or does not answer"],
  ["several", "it has several containers: one at a time cannot be told apart"],
  ["job", "something starts or stops it right now"],
  ["stopped", "it was stopped or paused on purpose"],
  ["masked", "masked"],
  ["constructor", "constructor"],
];

for (const [whyNot, because] of REASONS) {
  test(`a service of which the helper says ${whyNot} is refused: ${because}`, () => {
    const answer = known(`id=web invocation=${INVOCATION} state=exited why_not=${whyNot}`);
    assert.deepEqual(judgeHelped(WEB, runOf(answer), OPTIONS), {
      kind: "refused",
      why: `docker:web cannot be restarted now: ${because}`,
      hint: "Restart it by hand.",
    });
  });
}

const UNREADABLE: readonly (readonly [fact: string, answer: Answer, because: string])[] = [
  ["a host without the helper", NOT_THERE, `${HELPER} is not there`],
  ["sudo that wants a password", [1, "sudo: a password is required\n"], "sudo: a password is required"],
  ["a helper that does not know the service", [3, "diagnose502 denied\n"], "diagnose502 denied"],
  ["a helper that says something else", "diagnose502 done\n", "diagnose502 done"],
  ["a helper that failed", [1, known("why_not=none").trim()], "diagnose502 known reset=no why_not=none"],
  ["a helper that says nothing", "", "it ended with 0"],
];

for (const [fact, answer, because] of UNREADABLE) {
  test(`${fact} leaves the service unreadable`, () => {
    assert.deepEqual(judgeHelped(WEB, runOf(answer), OPTIONS), {
      kind: "unreadable",
      why: `the helper on the host cannot be asked about docker:web: ${because}`,
      hint: "Install what diagnose502 harden prints for this host; services of this kind need it.",
    });
  });
}
