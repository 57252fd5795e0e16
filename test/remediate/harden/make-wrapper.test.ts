import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { ScriptFrame } from "../../../src/remediate/harden/look-patterns.ts";
import { makeWrapper } from "../../../src/remediate/harden/make-wrapper.ts";

const START = "exec sh -c 'it'";
const MARK = "0123456789abcdef0123456789abcdef";
const FRAME: ScriptFrame = {
  beforeMark: ["say() { printf '%s\\n' \"$*\" >&2; }", 'log() { say log "$@"; }'],
  beforeLooks: ["echo |", "{"],
  afterLooks: [":", "}", 'echo "$M $LIMIT $(umask) $LC_ALL"; (: <&3) 2>/dev/null && echo open; cat'],
};
const PATTERNS = [
  { pattern: `'say '"'"*"'"' '"'"*"'"' |'`, quotes: 4 },
  { pattern: `'say '"'"*"'"' |'`, quotes: 2 },
  { pattern: `'log'" $i ""'"*"'"' |'`, quotes: 2 },
];

const directory = mkdtempSync(join(tmpdir(), "d502-key-"));
after(() => rmSync(directory, { recursive: true }));

/** Writes the wrapper where `logger` and `nice` only write down how they were called. */
function place(name: string, frame = FRAME): string {
  const bin = join(directory, `${name}-bin`);
  mkdirSync(bin);
  const programs = {
    logger: 'echo "logger $*" >>"$LOG"',
    nice: 'echo "nice $1 $2 $3 $4" >>"$LOG"; shift 2; exec "$@"',
  };
  const wrapper = makeWrapper({ frame, patterns: PATTERNS, startCommand: START });
  const files = { [join(bin, "logger")]: programs.logger, [join(bin, "nice")]: programs.nice };
  for (const [path, text] of Object.entries(files)) {
    writeFileSync(path, `#!/bin/sh\nLOG=${directory}/log\n${text}\n`);
    chmodSync(path, 0o755);
  }
  const path = join(directory, name);
  writeFileSync(path, wrapper.replace("PATH=", `PATH=${bin}:`));
  chmodSync(path, 0o755);
  return path;
}

const LOCKED = place("locked");

interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** How other programs were called. */
  readonly log: string;
}

function send(lines: readonly string[], { command = START, wrapper = LOCKED } = {}): Ran {
  const log = join(directory, "log");
  rmSync(log, { force: true });
  const { status, stdout, stderr } = spawnSync(wrapper, {
    input: lines.map((line) => `${line}\n`).join(""),
    env: command === "" ? {} : { SSH_ORIGINAL_COMMAND: command },
    cwd: directory,
    encoding: "utf8",
  });
  return { exitCode: status, stdout, stderr, log: existsSync(log) ? readFileSync(log, "utf8") : "" };
}

const { beforeMark, beforeLooks, afterLooks } = FRAME;
const markLine = `M=${MARK} LIMIT=21`;
/** A script of the bot's, with these looks in it. */
const script = (...looks: readonly string[]) => [
  ...beforeMark,
  markLine,
  ...beforeLooks,
  ...looks,
  ...afterLooks,
];
const DONE = { exitCode: 0, log: "nice -n 10 sh -c\n" };
const OUT = `${MARK} 21 0077 C\n`;

function assertDenied(ran: Ran, why: string): void {
  assert.deepEqual(ran, {
    exitCode: 126,
    stdout: "",
    stderr: `diagnose502: denied: ${why}\n`,
    log: `logger -t diagnose502 -p auth.notice wrapper: denied: ${why}\n`,
  });
}

const RUN: readonly (readonly [what: string, looks: readonly string[], said: string])[] = [
  ["a script without looks", [], ""],
  ["looks out of the list", ["say 'a' |", "log 1 '/var/log/a.log' |"], "a\nlog 1 /var/log/a.log\n"],
  ["a value that is a pattern of files", ["say '*' |"], "*\n"],
  ["a look of several values", ["say 'a' 'b' |"], "a b\n"],
  ["values that a shell would read as more", ["say '* $(id) `id` \\n ; #' |"], "* $(id) `id` \\n ; #\n"],
  ["a value of 3992 letters", [`say '${"a".repeat(3992)}' |`], `${"a".repeat(3992)}\n`],
];

for (const [what, looks, said] of RUN) {
  test(`run as it is, nicely: ${what}`, () => {
    const ran = send(script(...looks));
    const stderr = ran.stderr.split("\n").toSorted().join("\n").trim();
    assert.deepEqual({ ...ran, stderr }, { ...DONE, stdout: OUT, stderr: said.trim() });
  });
}

test("200 looks are run, 201 are not", () => {
  const looks = (count: number) => Array.from({ length: count }, () => "say 'a' |");
  assert.equal(send(script(...looks(200))).stdout, OUT);
  assertDenied(send(script(...looks(201))), "too many looks");
});

test("what follows the script is the script's own input", () => {
  assert.equal(send([...script(), "more"]).stdout, `${OUT}more\n`);
});

test("a frame may end with its looks", () => {
  const wrapper = place("short", { beforeMark: ["echo hello"], beforeLooks: ["echo |"], afterLooks: [":"] });
  const ran = send(["echo hello", markLine, "echo |", ":", "more"], { wrapper });
  assert.deepEqual(ran, { ...DONE, stdout: "hello\n", stderr: "" });
});

test("a host without nice runs it all the same", () => {
  rmSync(join(directory, "without"), { force: true });
  const path = join(directory, "without");
  writeFileSync(path, readFileSync(LOCKED, "utf8").replace(/PATH=\S+/, `PATH=${directory}/without-bin`));
  mkdirSync(join(directory, "without-bin"));
  for (const name of ["sh", "cat"]) {
    const program = join(directory, "without-bin", name);
    writeFileSync(program, `#!/bin/sh\nexec /bin/${name} "$@"\n`);
    chmodSync(program, 0o755);
  }
  chmodSync(path, 0o755);
  assert.deepEqual(send(script(), { wrapper: path }), { exitCode: 0, stdout: OUT, stderr: "", log: "" });
});

for (const command of ["", "id", `${START} `, `x${START}`, `${START}\nid`]) {
  test(`denied: the command ${JSON.stringify(command)}`, () => {
    assertDenied(send(script(), { command }), "another command");
  });
}

const OTHER_SCRIPT = "another script than this version writes";
const DENIED: readonly (readonly [what: string, lines: readonly string[], why: string])[] = [
  ["another first line", ["id", ...script().slice(1)], OTHER_SCRIPT],
  ["a line less before the mark", script().slice(1), OTHER_SCRIPT],
  ["another line before the looks", script().with(3, "echo | id"), OTHER_SCRIPT],
  ["another line behind the looks", script().with(6, "} ; id"), OTHER_SCRIPT],
  ["another last line", script().with(-1, "id"), OTHER_SCRIPT],
  ["a line with blanks around it", script().with(0, ` ${beforeMark[0]}`), OTHER_SCRIPT],
  ...[
    `M=${MARK.toUpperCase()} LIMIT=21`,
    `M=${MARK}0 LIMIT=21`,
    `M=${MARK.slice(1)} LIMIT=21`,
    `M=${MARK} id LIMIT=21`,
    `N=${MARK} LIMIT=21`,
    `M=${MARK} LIMIT=1000`,
    "id",
  ].map((line) => [`the mark ${line}`, script().with(2, line), "a bad mark"] as const),
  ...["", "a1", "1x", "21 id"].map(
    (limit) => [`the limit ${limit}`, script().with(2, `M=${MARK} LIMIT=${limit}`), "a bad limit"] as const,
  ),
  ["another program", script("id |"), "another look"],
  ["a look with a blank before it", script(" say 'a' |"), "another look"],
  ["a look that ends early", script("say 'a'"), "another look"],
  [
    "a look at another place of the script",
    script("log 0 '/var/log/a' |", "log 0 '/var/log/a' |"),
    "another look",
  ],
  ["a value that ends its quotes", script("say 'a' 'b' 'c' |"), "a quote too many"],
  ["a value that is two of another look's", script("log 0 '/var/log/a' '/var/log/b' |"), "a quote too many"],
  ["a value that leads up", script("say 'a/../b' |"), "a way up"],
  ["a hidden file", script("log 0 '/var/log/.secret' |"), "a hidden file"],
  ["a file in a hidden directory", script("log 0 '/home/diag/.ssh/id' |"), "a hidden file"],
  ["a file that is no log", script("log 0 '/etc/shadow' |"), "no log"],
  ["a file whose path only holds a log's", script("log 0 '/etc/var/log/a' |"), "no log"],
  ["a line of 4001 letters", script(`say '${"a".repeat(3993)}' |`), "a long line"],
];

for (const [what, lines, why] of DENIED) {
  test(`denied: ${what}`, () => {
    assertDenied(send(lines), why);
  });
}

for (const below of ["/var/", "/srv/", "/opt/", "/home/", "/usr/local/", "/data/", "/app/", "/run/"]) {
  test(`logs may be anywhere below ${below}`, () => {
    const ran = send(script(`log 0 '${below}shop/a.log' |`, "say 'a' |"));
    assert.deepEqual([ran.exitCode, ran.stdout], [0, OUT]);
  });
}

test("a script that ends early runs nothing of it", () => {
  const whole = script("say 'a' |");
  for (const cut of [0, 1, 2, 3, 4, 5, 6, 8]) {
    assert.deepEqual(send(whole.slice(0, cut)), { exitCode: 0, stdout: "", stderr: "", log: "" }, `${cut}`);
  }
});
