import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { makeFrameScript } from "../../src/collect/frame-script.ts";
import { parseHostFacts } from "../../src/collect/host-facts.ts";
import { longSleep, lookFar, makeLook, run, runFar, SHELLS, untilGone } from "./far-side.ts";

/** A group that may be proposed; files of root's own have one that may not. */
const ADM = 4;

const directory = mkdtempSync(join(tmpdir(), "d502-far-"));
chmodSync(directory, 0o755);
after(() => rmSync(directory, { recursive: true, force: true }));

const at = (name: string) => join(directory, name);
function write(name: string, text: string | Buffer): string {
  writeFileSync(at(name), text);
  return at(name);
}

/** A PATH with only these programs in it. */
function pathWith(
  name: string,
  programs: readonly string[],
  scripts: Readonly<Record<string, string>> = {},
): string {
  const path = at(name);
  mkdirSync(path);
  for (const program of programs) {
    symlinkSync(
      existsSync(`/usr/bin/${program}`) ? `/usr/bin/${program}` : `/bin/${program}`,
      join(path, program),
    );
  }
  for (const [program, text] of Object.entries(scripts)) {
    writeFileSync(join(path, program), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  return path;
}
const TOOLS = "sh cat head tail date id awk find ls readlink gzip sleep true echo env".split(" ");

for (const { name: id, argv: shell } of SHELLS) {
  describe(`looks under ${id}`, { concurrency: 2 }, () => {
    test("each look gives its output, errors merged, and its own exit status", async () => {
      const [good, bad, input, text] = await lookFar(
        [
          makeLook(run("sh", "-c", "echo out; echo err >&2")),
          makeLook(run("sh", "-c", "echo no; exit 7")),
          makeLook(run("cat")),
          makeLook({ kind: "run", argv: ["cat"], stdin: "it's\n$HOME" }),
        ],
        { shell },
      );
      assert.deepEqual(good, {
        outcome: { kind: "exited", exitCode: 0 },
        output: "out\nerr\n",
        truncated: false,
      });
      assert.deepEqual(bad, { outcome: { kind: "exited", exitCode: 7 }, output: "no\n", truncated: false });
      assert.equal(input?.output, "", "a look that reads its input gets none");
      assert.equal(text?.output, "it's\n$HOME");
    });

    test("output comes back to the byte: newlines at its end, none, nothing, a full look", async () => {
      const texts = ["a\\n\\n\\n", "Linux", "Linux\\n", "", "\\n", "x".repeat(4000)];
      const looks = texts.map((text) => makeLook(run("printf", text), { maxBytes: 4000 }));
      const { frames } = await runFar(looks, { shell });
      for (const [index, text] of texts.entries()) {
        assert.equal(frames.get(String(index))?.body.toString(), `${text.replaceAll("\\n", "\n")}\n0`);
      }
    });

    test("the facts say who we are there, what runs there and what time it is", async () => {
      const before = Date.now();
      const { frames } = await runFar([], { shell });
      const text = frames.get("facts")?.body.toString() ?? "";
      const facts = parseHostFacts(text);
      assert.ok(Math.abs((facts.epochMs ?? 0) - before) < 60_000);
      assert.equal(facts.isRoot, process.getuid?.() === 0);
      for (const key of ["kernel=", "os=", "boot_id=", "uptime=", "programs=timeout"])
        assert.ok(text.includes(key), key);
    });

    test("programs speak plain English there: no locale, pager or colour of the login, sbin in their PATH", async () => {
      const [said] = await lookFar([makeLook(run("env"))], { shell });
      assert.match(said?.output ?? "", /^LANG=C$/m);
      assert.match(said?.output ?? "", /^LC_CTYPE=C(\.UTF-8)?$/m);
      assert.doesNotMatch(said?.output ?? "", /^(?!LC_CTYPE)(LC_|LANGUAGE).*=./m);
      assert.match(said?.output ?? "", /^PAGER=cat$/m);
      assert.match(said?.output ?? "", /^NO_COLOR=1$/m);
      assert.match(said?.output ?? "", /^PATH=.*:\/usr\/sbin:/m);
    });

    test("of a file that only sudo can print, only the wanted lines come back", async () => {
      const locked = write(`locked-${id}`, "one\ntwo\n");
      chmodSync(locked, 0o000);
      const path = pathWith(`cat-${id}`, [...TOOLS, "timeout"], { sudo: 'printf "one\\ntwo\\n"' });
      const look = makeLook({ kind: "files", globs: [locked], only: ["tw"] }, { as: "prefer-root" });
      const [read] = await lookFar([look], { shell, path, unprivileged: true });
      assert.equal(read?.output, `# file ${locked}\ntwo\n`);
      assert.deepEqual(read?.outcome, { kind: "exited", exitCode: 0 });
    });

    test("a look that is only for a running program waits for nothing else: absent, it is missing", async () => {
      const [absent, present] = await lookFar(
        [
          makeLook(run("echo", "no"), { whileRunning: ["no.*such-daemon"] }),
          makeLook(run("echo", "yes"), {
            whileRunning: ["no-such", readFileSync("/proc/self/comm", "utf8").trim()],
          }),
        ],
        { shell },
      );
      assert.deepEqual(absent?.outcome, { kind: "missing", what: "echo" });
      assert.equal(present?.output, "yes\n");
    });

    test("what the looks themselves run does not count as the running program", async () => {
      const [program = "", ...words] = shell;
      const own = `${id}-d502`;
      symlinkSync(program, at(own));
      const look = makeLook(run("echo", "no"), { whileRunning: [own] });
      const [seen] = await lookFar([look], { shell: [at(own), ...words] });
      assert.deepEqual(seen?.outcome, { kind: "missing", what: "echo" });
    });

    test("a program that is not there is missing", async () => {
      const [plain, root] = await lookFar(
        [makeLook(run("no-such-program")), makeLook(run("no-such-program"), { as: "root" })],
        { shell },
      );
      assert.deepEqual(plain?.outcome, { kind: "missing", what: "no-such-program" });
      assert.deepEqual(root?.outcome, { kind: "missing", what: "no-such-program" });
    });

    test("so is one that env was to start, and what it sets is heard by the one that is there", async () => {
      const env = (...words: readonly string[]) => makeLook(run("env", "TZ=XYZ3", ...words));
      const [none, zone] = await lookFar([env("no-such-program", "x"), env("date", "+%Z")], { shell });
      assert.deepEqual(none?.outcome, { kind: "missing", what: "no-such-program" });
      assert.equal(zone?.output, "XYZ\n");
    });

    test("a look that ignores TERM is killed, and what others say does not wait for it", async () => {
      const seconds = longSleep();
      const [stuck, quick] = await lookFar(
        [
          makeLook(run("sh", "-c", `trap '' TERM; echo begun; sleep ${seconds}`), { timeoutMs: 1000 }),
          makeLook(run("echo", "quick")),
        ],
        { shell },
      );
      assert.deepEqual(stuck, {
        outcome: { kind: "timed-out", timeoutMs: 1000 },
        output: "begun\n",
        truncated: false,
      });
      assert.equal(quick?.output, "quick\n");
      await untilGone(seconds);
    });

    test("endless output is cut on the far side", async () => {
      const [yes] = await lookFar([makeLook(run("yes"), { maxBytes: 10_000 })], { shell });
      assert.equal(yes?.truncated, true);
      assert.ok((yes?.output.length ?? 0) <= 10_000);
      assert.match(yes?.output ?? "", /^(y\n)+$/);
    });

    test("when its input ends, everything it started is killed", async () => {
      const seconds = longSleep();
      const { ended } = await runFar([makeLook(run("sh", "-c", `trap '' TERM; sleep ${seconds}; true`))], {
        shell,
        onStart: (far) => far.closeInput(),
      });
      assert.equal(ended, false);
      await untilGone(seconds);
    });

    test("when its limit passes, everything it started is killed", async () => {
      const seconds = longSleep();
      const { ended, frames } = await runFar([makeLook(run("sleep", seconds), { timeoutMs: 60_000 })], {
        shell,
        limitSeconds: 1,
      });
      assert.equal(ended, false);
      assert.equal(frames.has("0"), false, "a look that we killed says nothing");
      await untilGone(seconds);
    });

    test("files are printed with their names; only wanted lines, only regular files", async () => {
      const name = `files-${id}`;
      mkdirSync(at(name));
      write(`${name}/a.conf`, "one\ntwo\n");
      write(`${name}/it's b.conf`, "two\nthree");
      execFileSync("mkfifo", [at(`${name}/c.conf`)]);
      const glob = at(`${name}/*.conf`);
      const [all, some, none, pipe] = await lookFar(
        [
          makeLook({ kind: "files", globs: [glob, at("absent")] }),
          makeLook({ kind: "files", globs: [glob], only: ["on", "thr"] }),
          makeLook({ kind: "files", globs: [at("absent/*")] }),
          makeLook({ kind: "files", globs: [at(`${name}/c.conf`)] }),
        ],
        { shell },
      );
      const a = `# file ${at(`${name}/a.conf`)}\n`;
      const b = `# file ${at(`${name}/it's b.conf`)}\n`;
      assert.equal(all?.output, `${a}one\ntwo\n${b}two\nthree\n`);
      assert.equal(some?.output, `${a}one\n${b}three\n`);
      assert.deepEqual(none?.outcome, { kind: "missing", what: at("absent/*") });
      assert.match(JSON.stringify(pipe?.outcome), /missing.*not a regular file/);
    });

    test("of a log the last minutes are read, from rotated neighbours too, and never all of it", async () => {
      const stamp = (secondsAgo: number) =>
        new Date(Date.now() - secondsAgo * 1000).toISOString().slice(0, 19);
      const log = (name: string) =>
        ({ kind: "log", path: at(name), windowSeconds: 900, timestamps: "iso" }) as const;
      write(`plain-${id}`, `${stamp(4000)} old\n${stamp(60)} new\n  at stack\n`);
      write(`huge-${id}`, `${`${stamp(30)} x`.padEnd(99, "x")}\n`.repeat(20_000));
      write(`rot-${id}`, `${stamp(10)} now\n`);
      write(`rot-${id}.1`, `${stamp(3000)} long ago\n${stamp(100)} just before\n`);
      write(`zip-${id}`, "");
      write(`zip-${id}.2.gz`, gzipSync(`${stamp(200)} packed\n`));
      write(`dated-${id}-20261120`, `${stamp(300)} dated\n`);
      const old = write(`stale-${id}.1`, `${stamp(20)} not touched for an hour, so not looked at\n`);
      utimesSync(old, Date.now() / 1000 - 3600, Date.now() / 1000 - 3600);
      write(`stale-${id}`, `${stamp(10)} now\n`);
      const names = ["plain", "huge", "rot", "zip", "dated", "stale", "gone"].map((name) => `${name}-${id}`);
      const [plain, huge, rotated, zipped, dated, stale, gone] = await lookFar(
        names.map((name) => makeLook(log(name))),
        { shell },
      );
      const words = (output = "") => output.split("\n").map((line) => line.slice(20));
      assert.deepEqual(plain?.output.split("\n").slice(1), ["  at stack", ""]);
      assert.deepEqual(words(plain?.output)[0], "new");
      assert.equal(huge?.truncated, true);
      assert.equal((huge?.output.length ?? 0) % 100, 0, "the line that was cut is dropped");
      assert.ok((huge?.output.length ?? 0) > 60_000);
      assert.deepEqual(words(rotated?.output), ["just before", "now", ""]);
      assert.deepEqual(words(zipped?.output)[0], "packed");
      assert.deepEqual(words(dated?.output)[0], "dated");
      assert.deepEqual(words(stale?.output), ["now", ""]);
      assert.deepEqual(gone?.outcome, { kind: "missing", what: at(`gone-${id}`) });
    });

    test("a FIFO, a device or a directory in place of a log is refused", async () => {
      const fifo = at(`fifo-${id}`);
      execFileSync("mkfifo", [fifo]);
      const log = (path: string) => makeLook({ kind: "log", path, windowSeconds: 900, timestamps: "none" });
      for (const read of await lookFar([log(fifo), log("/dev/zero"), log("/etc")], { shell })) {
        assert.match(JSON.stringify(read?.outcome), /missing.*not a regular file/);
        assert.equal(read?.output, "");
      }
    });

    test("what we may not read is denied, with the right that is missing", async () => {
      const secret = write(`secret-${id}`, "no\n");
      chmodSync(secret, 0o000);
      const path = pathWith(`no-sudo-${id}`, [...TOOLS, "timeout"]);
      const log = { kind: "log", path: secret, windowSeconds: 900, timestamps: "none" } as const;
      const [self, root, file, command] = await lookFar(
        [
          makeLook(log),
          makeLook(log, { as: "prefer-root" }),
          makeLook({ kind: "files", globs: [secret] }, { as: "root" }),
          makeLook(run("id", "-u"), { as: "root" }),
        ],
        { shell, path, unprivileged: true },
      );
      assert.match(JSON.stringify(self?.outcome), /denied.*read access to .*secret/);
      const user =
        process.getuid?.() === 0 ? "nobody" : execFileSync("id", ["-un"], { encoding: "utf8" }).trim();
      const line = `${user} ALL=(root) NOPASSWD:NOSETENV:`;
      assert.deepEqual(root?.outcome, { kind: "denied", need: `${line} /usr/bin/tail -c 65536 ${secret}` });
      assert.deepEqual(file?.outcome, { kind: "denied", need: `read access to ${secret} for ${user}` });
      assert.deepEqual(command?.outcome, { kind: "denied", need: `${line} /usr/bin/id -u` });
    });

    test("a socket that lets only a group in: that group is the right that is missing", async () => {
      const closed = at(`closed-${id}`);
      const open = at(`open-${id}`);
      const servers = [closed, open].map((path) => createServer().listen(path));
      await Promise.all(servers.map((server) => once(server, "listening")));
      try {
        chmodSync(closed, 0o060);
        chmodSync(open, 0o666);
        if (process.getuid?.() === 0) chownSync(closed, 0, ADM);
        const group = execFileSync("stat", ["-c", "%G", closed], { encoding: "utf8" }).trim();
        const says = (words: string, exitCode: number, ...sockets: readonly string[]) =>
          makeLook(run("sh", "-c", `echo ${words}; exit ${exitCode}`, ...sockets), { as: "prefer-root" });
        const [refused, fine, another, entered] = await lookFar(
          [
            says("Permission denied", 13, open, closed),
            says("Permission denied", 0, closed),
            says("Connection refused", 13, closed),
            says("Permission denied", 13, open),
          ],
          { shell, path: pathWith(`socket-${id}`, [...TOOLS, "timeout"]), unprivileged: true },
        );
        const need = (outcome: unknown) => (outcome as { readonly need?: string } | undefined)?.need ?? "";
        assert.match(need(refused?.outcome), new RegExp(`^group ${group} for \\S+ \\(usermod -aG ${group} `));
        assert.equal(refused?.output, "Permission denied\n");
        assert.deepEqual(fine?.outcome, { kind: "exited", exitCode: 0 });
        assert.deepEqual(another?.outcome, { kind: "exited", exitCode: 13 });
        assert.match(
          need(entered?.outcome),
          /^a group for \S+ that may use \S+, because sh is never run as root$/,
        );
      } finally {
        for (const server of servers) server.close();
      }
    });

    const REFUSALS = [
      "sudo: a password is required",
      "sudo: unable to resolve host web1: Name or service not known\nsudo: a password is required",
      "Sorry, user diag is not allowed to execute '/usr/bin/id' as root on web1.",
      "diag is not in the sudoers file.",
      "sudo: interactive authentication is required",
    ];
    for (const [index, words] of REFUSALS.entries()) {
      test(`sudo that says "${words.split("\n").at(-1)}" is a denial, and prefer-root goes on without it`, async () => {
        const path = pathWith(`refuse-${index}-${id}`, [...TOOLS, "timeout"], {
          sudo: `printf '%s\\n' "${words}" >&2; exit 1`,
        });
        const [root, prefer] = await lookFar(
          [makeLook(run("echo", "hi"), { as: "root" }), makeLook(run("echo", "hi"), { as: "prefer-root" })],
          { shell, path, unprivileged: true },
        );
        assert.equal(root?.outcome.kind, "denied");
        assert.deepEqual(prefer, {
          outcome: { kind: "exited", exitCode: 0 },
          output: "hi\n",
          truncated: false,
        });
      });
    }

    test("where sudo is refused, the look itself is given the same input", async () => {
      const path = pathWith(`input-${id}`, [...TOOLS, "timeout"], {
        sudo: "cat >/dev/null; echo sudo: no >&2; exit 1",
      });
      const action = { kind: "run", argv: ["cat"], stdin: "it's\n$HOME\n" } as const;
      const [read] = await lookFar([makeLook(action, { as: "prefer-root" })], {
        shell,
        path,
        unprivileged: true,
      });
      assert.equal(read?.output, "it's\n$HOME\n");
    });

    test("a locked log is read by sudo, with what was rotated away meanwhile, up to the cap together", async () => {
      const stamp = new Date().toISOString().slice(0, 19);
      const log = write(`both-${id}`, `${stamp} now\n`);
      write(`both-${id}.1`, `${`${stamp} one`.padEnd(99)}\n`.repeat(60));
      write(`both-${id}.2`, `${`${stamp} two`.padEnd(99)}\n`.repeat(60));
      for (const name of ["", ".1", ".2"]) chmodSync(`${log}${name}`, 0o000);
      // stands for root: gives the end of any file, without being it
      const path = pathWith(`both-sudo-${id}`, [...TOOLS, "timeout"], {
        sudo: `for f; do :; done
[ "\${f%.1}" = "$f" ] && [ "\${f%.2}" = "$f" ] && { echo "${stamp} now"; exit; }
i=0; while [ $i -lt 40 ]; do i=$((i + 1)); echo "${stamp} $f"; done | tail -c "$5"`,
      });
      const look = makeLook(
        { kind: "log", path: log, windowSeconds: 900, timestamps: "iso" },
        { as: "root", maxBytes: 6000 },
      );
      const [read] = await lookFar([look], { shell, path, unprivileged: true });
      assert.deepEqual(read?.outcome, { kind: "exited", exitCode: 0 });
      const ends = (text: string) => (read?.output.split("\n") ?? []).filter((line) => line.endsWith(text));
      assert.equal(ends(" now").length, 1);
      assert.ok(ends(".1").length > 20, "the first neighbour");
      assert.ok(ends(".2").length > 20, "and the second");
      assert.ok((read?.output.length ?? 0) <= 6000);
    });

    test("what sudo allows runs by it, by absolute path, with its own exit status", async () => {
      const path = pathWith(`allow-${id}`, [...TOOLS, "timeout"], {
        sudo: 'echo "by: $*"; shift 2; exec "$@"',
      });
      const [ok, failing] = await lookFar(
        [makeLook(run("echo", "hi"), { as: "root" }), makeLook(run("sh", "-c", "exit 1"), { as: "root" })],
        { shell, path, unprivileged: true },
      );
      assert.equal(ok?.output, `by: -n -- ${path}/echo hi\nhi\n`);
      assert.deepEqual(failing?.outcome, { kind: "exited", exitCode: 1 });
    });

    test("what cannot be killed, since it is root's, and a sudo that hangs over it do not hold up the end", {
      skip: process.getuid?.() !== 0 && "needs root",
    }, async () => {
      const [ofRoot, ofSudo] = [longSleep(), longSleep()];
      const path = pathWith(`root-${id}`, [...TOOLS, "timeout"], {
        sudo: `trap '' TERM; exec sleep ${ofSudo}`,
      });
      const became = `sleep ${ofRoot} </dev/null >/dev/null 2>&1 & echo $! >"$0"; exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"`;
      const pidFile = at(`root-pid-${id}`);
      const [stuck] = await lookFar([makeLook(run("sleep", longSleep()), { timeoutMs: 60_000 })], {
        shell: ["/bin/sh", "-c", `PATH=/usr/bin:/bin; ${became}`, pidFile, "env", `PATH=${path}`, ...shell],
        path,
        limitSeconds: 1,
      });
      assert.equal(stuck, undefined);
      await untilGone(ofSudo);
      process.kill(Number(readFileSync(pidFile, "utf8")), "SIGKILL");
    });

    test("a sudo that hangs and cannot be killed holds up no other look", async () => {
      const path = pathWith(`hang-${id}`, [...TOOLS, "timeout"], { sudo: "trap '' TERM; exec sleep 100000" });
      const [stuck, quick] = await lookFar(
        [makeLook(run("echo", "hi"), { as: "root", timeoutMs: 60_000 }), makeLook(run("echo", "quick"))],
        { shell, path, unprivileged: true, limitSeconds: 1 },
      );
      assert.equal(stuck, undefined);
      assert.equal(quick?.output, "quick\n");
    });
  });
}

test("a host without timeout, ss and sudo is looked at all the same, and nothing is left running", async () => {
  const path = pathWith("bare", TOOLS);
  const seconds = longSleep();
  const [hello, stuck, missing] = await lookFar(
    [
      makeLook(run("echo", "hello")),
      makeLook(run("sleep", seconds), { timeoutMs: 1000 }),
      makeLook(run("ss", "-Htln"), { as: "prefer-root" }),
    ],
    { path, unprivileged: true },
  );
  assert.equal(hello?.output, "hello\n");
  assert.deepEqual(stuck?.outcome, { kind: "timed-out", timeoutMs: 1000 });
  assert.deepEqual(missing?.outcome, { kind: "missing", what: "ss" });
  await untilGone(seconds);
});

test("root does not follow a log's link to where logs must not lead", {
  skip: process.getuid?.() !== 0 && "needs root",
}, async () => {
  symlinkSync("/etc/shadow", at("leak.log"));
  const [log, file] = await lookFar([
    makeLook({ kind: "log", path: at("leak.log"), windowSeconds: 900, timestamps: "none" }, { as: "root" }),
    makeLook({ kind: "files", globs: [at("leak.log")] }, { as: "root" }),
  ]);
  for (const read of [log, file]) {
    assert.equal(read?.outcome.kind, "missing");
    assert.equal(read?.output, "");
  }
});

test("a script writes to no file: it redirects to /dev/null and to its own pipes only", () => {
  const looks = [makeLook(run("id")), makeLook({ kind: "files", globs: ["/etc/*"] })];
  const script = makeFrameScript(looks, { mark: "0".repeat(32), limitSeconds: 5 });
  const targets = [...script.matchAll(/(?<![<0-9&-])[0-9]?(?:>>?|<>)\s*([^\s;)}]+)/g)].map(
    (match) => match[1],
  );
  assert.ok(targets.length > 10);
  for (const target of targets) assert.match(target ?? "", /^(\/dev\/null|&[0-9-]+|\/proc\/self\/fd\/0)$/);
});
