import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { makeFrameScript } from "../../../src/collect/frame-script.ts";
import type { Look } from "../../../src/plan/plan.ts";
import type { Playbook, Probe } from "../../../src/playbook/playbook.ts";
import { listLookPatterns, makeScriptFrame } from "../../../src/remediate/harden/look-patterns.ts";
import { lookOf } from "../../../src/remediate/manager.ts";
import { identityWords } from "../../../src/remediate/read-identity.ts";

const MARK = "0123456789abcdef0123456789abcdef";
const LOOK: Probe = {
  title: "Something about a host",
  round: 2,
  on: "any",
  each: "service-unit",
  action: { kind: "run", argv: ["systemctl", "cat", "--", "{unit}"] },
  as: "prefer-root",
  timeoutMs: 5000,
  maxBytes: 1000,
};
const PROBES: Readonly<Record<string, Probe>> = {
  unit: LOOK,
  same: LOOK,
  http: {
    ...LOOK,
    each: "upstream-http",
    action: { kind: "run", argv: ["curl", "{scheme}://{ip}:{port}{path}", "Host: {authority}"] },
  },
  log: {
    ...LOOK,
    each: "service-log",
    action: { kind: "log", path: "{path}", timestamps: "iso" },
    as: "self",
  },
  files: {
    ...LOOK,
    each: "host",
    action: { kind: "files", globs: ["/etc/shop/*.conf"], only: ["listen"] },
    as: "root",
  },
  alive: {
    ...LOOK,
    each: "host",
    action: { kind: "run", argv: ["uptime", "it's"] },
    as: "self",
    whileRunning: ["shop"],
  },
};
const PLAYBOOK: Playbook = {
  id: "shop",
  title: "Shop",
  role: "upstream",
  detect: { comms: [], args: [], units: [], ports: [] },
  probes: PROBES,
  signatures: [],
  pages: [],
  remediations: {},
  defaults: {},
};
const PATTERNS = listLookPatterns([PLAYBOOK], { windowSeconds: 900 });

const scriptOf = (looks: readonly Look[]) => makeFrameScript(looks, { mark: MARK, limitSeconds: 21 });
const FRAME = makeScriptFrame();

/** The lines of these looks in a script of theirs. */
function linesOf(looks: readonly Look[]): readonly string[] {
  const from = FRAME.beforeMark.length + 1 + FRAME.beforeLooks.length;
  return scriptOf(looks)
    .split("\n")
    .slice(from, from + looks.length);
}

/** The number of quotes that each line must hold, by the first pattern that a shell matches it with; `none` where there is none. */
function matchesOf(lines: readonly string[]): readonly string[] {
  const cases = PATTERNS.map(({ pattern, quotes }) => `${pattern}) echo ${quotes} ;;\n`).join("");
  const script = `i=0\nwhile IFS= read -r line; do\ncase $line in\n${cases}*) echo none ;;\nesac\ni=$((i + 1))\ndone\n`;
  const { stdout } = spawnSync("/bin/sh", ["-c", script], {
    input: lines.map((line) => `${line}\n`).join(""),
    encoding: "utf8",
  });
  return stdout.trimEnd().split("\n");
}

test("around its looks, a script is the frame and the mark", () => {
  const looks = [lookOf("a", ["a"]), lookOf("b", ["facts |"])];
  for (const some of [[], looks.slice(1), looks]) {
    const { beforeMark, beforeLooks, afterLooks } = FRAME;
    const all = [...beforeMark, `M=${MARK} LIMIT=21`, ...beforeLooks, ...linesOf(some), ...afterLooks];
    assert.equal(`${all.join("\n")}\n`, scriptOf(some));
  }
});

const HELPER = "/usr/local/lib/diagnose502/restart";
const RESTART = { timeoutMs: 200_000, maxBytes: 16_384 };
const ASK = { timeoutMs: 30_000 };
const look = (parts: Partial<Look>): Look => ({
  ...lookOf("look", [], { timeoutMs: 5000, maxBytes: 1000 }),
  ...parts,
});
const run = (...argv: readonly string[]) => ({ kind: "run", argv }) as const;
const SENT: readonly (readonly [what: string, look: Look])[] = [
  [
    "a look of a playbook's",
    look({ action: run("systemctl", "cat", "--", "shop@1.service"), as: "prefer-root" }),
  ],
  [
    "one with several values",
    look({
      action: run("curl", "https://[2001:db8::5]:3000/a", "Host: shop.example.com"),
      as: "prefer-root",
    }),
  ],
  [
    "a log",
    look({ action: { kind: "log", path: "/var/log/shop.log", timestamps: "iso", windowSeconds: 900 } }),
  ],
  ["files", look({ action: { kind: "files", globs: ["/etc/shop/*.conf"], only: ["listen"] }, as: "root" })],
  ["a program while another runs", look({ action: run("uptime", "it's"), whileRunning: ["shop"] })],
  [
    "what is asked of systemd about a unit",
    lookOf("sudo", ["sudo", "-n", "-l", "systemctl", "restart", "--", "shop.service"]),
  ],
  ["how a unit is now", lookOf("now", identityWords("shop.service"))],
  ...[["sudo", "-n", HELPER], [HELPER]].flatMap((words): (readonly [string, Look])[] => [
    [`a restart by ${words[0]}`, lookOf("restart", [...words, "shop.service", MARK, MARK], RESTART)],
    [
      `a restart by ${words[0]} that resets the budget`,
      lookOf("restart", [...words, "shop.service", MARK, MARK, "reset-budget"], RESTART),
    ],
    [`a question by ${words[0]}`, lookOf("status", [...words, "status", "shop.service", MARK], ASK)],
    [`forgetting by ${words[0]}`, lookOf("forget", [...words, "forget", "shop.service", MARK])],
  ]),
];

for (const [what, sent] of SENT) {
  test(`in the list, wherever it stands in its script: ${what}`, () => {
    const lines = linesOf([sent, sent]);
    const quotes = lines.map((line) => `${line.split("'").length - 1}`);
    assert.deepEqual(matchesOf(lines), quotes);
  });
}

const NOT_SENT: readonly (readonly [what: string, look: Look])[] = [
  ["another program", look({ action: run("id") })],
  ["another word", look({ action: run("systemctl", "edit", "--", "shop.service"), as: "prefer-root" })],
  ["another user", look({ action: run("systemctl", "cat", "--", "shop.service"), as: "root" })],
  [
    "more time",
    look({ action: run("systemctl", "cat", "--", "shop.service"), as: "prefer-root", timeoutMs: 6000 }),
  ],
  [
    "more output",
    look({ action: run("systemctl", "cat", "--", "shop.service"), as: "prefer-root", maxBytes: 1001 }),
  ],
  [
    "a longer window",
    look({ action: { kind: "log", path: "/var/log/shop.log", timestamps: "iso", windowSeconds: 1000 } }),
  ],
  ["other files", look({ action: { kind: "files", globs: ["/etc/*.conf"], only: ["listen"] }, as: "root" })],
  ["a program whatever runs", look({ action: run("uptime", "it's") })],
  [
    "a restart with more time",
    lookOf("restart", [HELPER, "shop.service", MARK, MARK], { ...RESTART, timeoutMs: 201_000 }),
  ],
];

for (const [what, sent] of NOT_SENT) {
  test(`not in the list: ${what}`, () => {
    assert.deepEqual(matchesOf(linesOf([sent])), ["none"]);
  });
}

test("a line is matched in its own place only", () => {
  const [first = "", second = ""] = linesOf(
    [look({ action: run("uptime", "it's"), whileRunning: ["shop"] })].flatMap((one) => [one, one]),
  );
  assert.deepEqual(matchesOf([second, first]), ["none", "none"]);
});

test("each pattern is listed once, those of the most quotes first", () => {
  const patterns = PATTERNS.map(({ pattern }) => pattern);
  assert.equal(new Set(patterns).size, patterns.length);
  const quotes = PATTERNS.map((one) => one.quotes);
  assert.deepEqual(
    quotes,
    quotes.toSorted((a, b) => b - a),
  );
  assert.equal(listLookPatterns([PLAYBOOK, PLAYBOOK], { windowSeconds: 900 }).length, patterns.length);
});
