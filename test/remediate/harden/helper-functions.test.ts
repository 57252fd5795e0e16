import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeRestartHelper } from "../../../src/remediate/harden/restart-helper.ts";
import { type FakeHost, makeFakeHost } from "../fake-host.ts";

const OLD = "0".repeat(32);
const NOW_S = 1_795_000_000;
const newKey = () => randomBytes(16).toString("hex");

/** Programs of the host that are others now: `$HOST` is the host's directory, `$NAME` their name. */
type Programs = Readonly<Record<string, string>>;

const WRITES_DOWN = 'echo "$NAME $*" >>"$HOST/log"';

async function withHost(programs: Programs, use: (host: FakeHost) => Promise<void>): Promise<void> {
  const host = makeFakeHost();
  try {
    for (const [name, text] of Object.entries(programs)) setProgram(host, name, text);
    await use(host);
  } finally {
    host.remove();
  }
}

function setProgram(host: FakeHost, name: string, text: string): void {
  host.write(`bin/${name}`, `#!/bin/sh\nHOST=${host.directory} NAME=${name}\n${text}\n`);
  chmodSync(join(host.directory, "bin", name), 0o755);
}

const runDirectory = (host: FakeHost) => join(host.directory, "run");
/** A marker as a helper has left it that is gone by now. */
function leaveMarker(host: FakeHost, key: string, text: string): void {
  mkdirSync(runDirectory(host), { recursive: true });
  host.write(`run/${key}`, text);
}

test("who was denied, and for what, stands in the host's log", () =>
  withHost({ logger: WRITES_DOWN }, async (host) => {
    const reasons: readonly (readonly [args: readonly string[], reason: string])[] = [
      [["check", "other.service"], "no such service here"],
      [["check"], "wrong words"],
      [["shop.service", OLD.slice(1), OLD], "bad key"],
      [["status", "shop.service", OLD.replace("0", "g")], "bad key"],
      [["forget", "shop.service", `${OLD}0`], "bad key"],
      [["shop.service", newKey(), "a b"], "bad invocation"],
      [["shop.service", newKey(), OLD, "reset-budget"], "may not reset the budget"],
    ];
    for (const [args] of reasons) await host.run(...args);
    assert.deepEqual(
      host.log(),
      reasons.map(([, reason]) => `logger -t diagnose502 -p auth.notice restart helper: denied: ${reason}`),
    );
  }));

const ASKED: readonly (readonly [service: string, asked: readonly string[]])[] = [
  [
    "flappy.service",
    [
      "systemctl show --no-pager -p Id,LoadState,ActiveState,InvocationID,NRestarts,StartLimitBurst,StartLimitIntervalUSec,Job -- flappy.service",
    ],
  ],
  [
    "docker:web",
    ["docker inspect --type container --format {{.Id}} {{.State.StartedAt}} {{.State.Status}} web"],
  ],
  [
    "compose:p/web",
    [
      "docker ps -aq --no-trunc --filter label=com.docker.compose.project=p --filter label=com.docker.compose.service=web --filter label=com.docker.compose.oneoff=False",
    ],
  ],
  [`pm2:${userInfo().username}/shop`, ["pm2 pid shop", "pm2 describe shop"]],
  ["supervisor:shop", ["supervisorctl pid shop", "supervisorctl status shop"]],
];

for (const [service, asked] of ASKED) {
  test(`${service} is asked after by the name its manager knows`, () =>
    withHost(
      { systemctl: WRITES_DOWN, docker: WRITES_DOWN, pm2: WRITES_DOWN, supervisorctl: WRITES_DOWN },
      async (host) => {
        await host.run("check", service);
        assert.deepEqual(host.log(), asked);
      },
    ));
}

test("a start limit may be reset only where that was allowed", () =>
  withHost({}, async (host) => {
    assert.match((await host.run("check", "flappy.service")).stdout, / reset=yes /);
    assert.match((await host.run("check", "shop.service")).stdout, / reset=no /);
    assert.match((await host.run("check", "docker:web")).stdout, / reset=no /);
  }));

test("what a manager prints is text, and no pattern of files", () =>
  withHost({}, async (host) => {
    host.write("docker.inspect", "* /* running\n");
    assert.match((await host.run("check", "docker:web")).stdout, / invocation=\*@\/\* state=running /);
  }));

test("what is begun is in the host's log and on its disk before the restart, and how it ended after it", () =>
  withHost(
    { logger: WRITES_DOWN, sync: `${WRITES_DOWN}; cat "$1" >>"$HOST/log"`, date: `echo ${NOW_S}` },
    async (host) => {
      const key = newKey();
      const { stdout } = await host.run("shop.service", key, OLD);
      const now = host.invocation("shop.service");
      const done = `done at=${NOW_S} id=shop.service invocation=${now} state=active`;
      assert.equal(stdout, `diagnose502 ${done}\n`);
      const begun = `begun at=${NOW_S} was=${OLD}`;
      const sync = `sync ${runDirectory(host)}/${key}`;
      assert.deepEqual(host.log(), [
        ...[sync, begun],
        "logger -t diagnose502 -p auth.notice restart helper: restarting systemd shop.service",
        `restart shop.service ${now}`,
        ...[sync, begun, done],
      ]);
    },
  ));

test("a host whose sync takes no file restarts all the same", () =>
  withHost({ sync: "exit 1" }, async (host) => {
    assert.match((await host.run("shop.service", newKey(), OLD)).stdout, /^diagnose502 done /);
  }));

test("a signal that comes while it restarts does not keep it from its end", () =>
  withHost({}, async (host) => {
    const systemctl = readFileSync(join(host.directory, "bin/systemctl"), "utf8");
    for (const signal of ["HUP", "INT", "TERM", "PIPE"]) {
      setProgram(host, "systemctl", `[ "$1" = restart ] && kill -s ${signal} $PPID\n${systemctl}`);
      const { stdout, exitCode } = await host.run("shop.service", newKey(), host.invocation("shop.service"));
      assert.match(stdout, /^diagnose502 done /, signal);
      assert.equal(exitCode, 0);
    }
  }));

test("a key that was used is told without asking the manager again", () =>
  withHost({}, async (host) => {
    const key = newKey();
    leaveMarker(host, key, "refused why=stale at=1\n");
    setProgram(host, "systemctl", WRITES_DOWN);
    const { stdout } = await host.run("shop.service", key, OLD);
    assert.equal(stdout, "diagnose502 refused why=stale at=1 again=yes\n");
    assert.deepEqual(host.log(), []);
  }));

test("whoever asks while a key is being written waits for its line", () =>
  withHost({}, async (host) => {
    const key = newKey();
    leaveMarker(host, key, "");
    setProgram(host, "sleep", `[ "$1" = 1 ] || exit 1\necho "taken at=1" >"$HOST/run/${key}"`);
    const { stdout } = await host.run("status", "shop.service", key);
    assert.equal(stdout, "diagnose502 taken at=1 again=yes\n");
  }));

test("whoever finds a key without a line waits ten times, and then calls it begun", () =>
  withHost({ sleep: WRITES_DOWN }, async (host) => {
    const key = newKey();
    leaveMarker(host, key, "");
    assert.match((await host.run("status", "shop.service", key)).stdout, /^diagnose502 begun alive=no /);
    assert.deepEqual(
      host.log(),
      Array.from({ length: 10 }, () => "sleep 0.1"),
    );
  }));

for (const [sleep, naps] of [
  [WRITES_DOWN, Array.from({ length: 200 }, () => "sleep 0.1")],
  [`case $1 in *.*) exit 1 ;; esac; ${WRITES_DOWN}`, Array.from({ length: 20 }, () => "sleep 1")],
] as const) {
  test(`while another restart is under way, one waits for it ${naps.length} times, and then is busy`, () =>
    withHost({ flock: "exit 1", sleep }, async (host) => {
      assert.equal((await host.run("shop.service", newKey(), OLD)).stdout, "diagnose502 refused why=busy\n");
      assert.deepEqual(host.log(), naps);
    }));
}

test("a restart that waited for another one goes on when that is through", () =>
  withHost({ flock: '[ -e "$HOST/through" ]', sleep: 'touch "$HOST/through"' }, async (host) => {
    assert.match((await host.run("shop.service", newKey(), OLD)).stdout, /^diagnose502 done /);
  }));

test("while another restart is under way, one that was begun is alive", () =>
  withHost({ flock: "exit 1" }, async (host) => {
    leaveMarker(host, newKey(), "");
    const begun = newKey();
    leaveMarker(host, begun, "begun at=1 was=x\n");
    host.unit("shop.service", { Job: "7", NRestarts: "3" });
    assert.equal(
      (await host.run("status", "shop.service", begun)).stdout,
      `diagnose502 begun alive=yes id=shop.service invocation=${OLD} restarts=3 state=active job=job at=1 was=x\n`,
    );
  }));

const READ: readonly (readonly [fact: string, shown: string, says: string])[] = [
  ["a systemd that says nothing", "", "id=shop.service invocation=none state=unknown why_not=missing"],
  [
    "a unit that reloads",
    "Id=shop.service\nLoadState=loaded\nActiveState=reloading\n",
    "id=shop.service invocation=none state=reloading why_not=job",
  ],
  [
    "no job",
    "Id=shop.service\nLoadState=loaded\nActiveState=active\nJob=0\n",
    "id=shop.service invocation=none state=active why_not=none",
  ],
];

for (const [fact, shown, says] of READ) {
  test(`${fact} is ${says}`, () =>
    withHost({}, async (host) => {
      host.write("units/shop.service", shown);
      assert.equal((await host.run("check", "shop.service")).stdout, `diagnose502 known reset=no ${says}\n`);
    }));
}

test("a systemd that tells no start limit has none", () =>
  withHost({}, async (host) => {
    host.write("units/shop.service", "Id=shop.service\nLoadState=loaded\nActiveState=active\n");
    assert.match((await host.run("shop.service", newKey(), "none")).stdout, /^diagnose502 done /);
  }));

/** Of which time starts are counted: so many seconds, the whole boot, or none at all. */
const SPANS: readonly (readonly [span: string, counted: number | "boot" | undefined])[] = [
  ["10s", 10],
  ["1min 30s", 90],
  ["2h 1min", 7260],
  ["1.500000s", 2],
  ["500ms", 1],
  ["250us", 1],
  ["2d", 172_800],
  ["3w", 1_814_400],
  ["1month 2w 13h 30min", 3_888_000],
  ["1y", 31_557_600],
  ["100y", "boot"],
  ["infinity", "boot"],
  ["5parsecs", "boot"],
  ["s", "boot"],
  ["10000000", "boot"],
  ["", "boot"],
  ["0", undefined],
];

for (const [span, counted] of SPANS) {
  const what =
    counted === undefined ? "no starts" : `starts of ${counted === "boot" ? "this boot" : `${counted} s`}`;
  test(`of a start limit within ${JSON.stringify(span)}, ${what} are counted`, () =>
    withHost({ journalctl: WRITES_DOWN, date: `echo ${NOW_S}` }, async (host) => {
      host.unit("shop.service", { StartLimitBurst: "2", StartLimitIntervalUSec: span });
      await host.run("shop.service", newKey(), OLD);
      const asked = host.log().filter((line) => line.startsWith("journalctl "));
      const ids = [
        "39f53479d3a045ac8e11786248231fbf",
        "7d4958e842da4a758f6c1cdc7b36dcc5",
        "be02cf6855d2428ba40df7e9d022f03d",
      ];
      const words = `journalctl -q --no-pager _PID=1 UNIT=shop.service ${ids.map((id) => `MESSAGE_ID=${id}`).join(" ")}`;
      const since = counted === "boot" ? "-b" : `-b --since=@${NOW_S - (counted ?? 0)}`;
      const asks = [`${words} ${since} -o json --output-fields=INVOCATION_ID`];
      assert.deepEqual(asked, counted === undefined ? [] : asks);
    }));
}

const PRINTS_ENVIRONMENT = `echo "$* $(env | grep -v '^PATH=\\|^PWD=\\|^_=\\|^SHLVL=\\|^OLDPWD=' | sort | tr '\\n' ' ')" >>"$HOST/log"; [ "$1" != pid ] || echo $$`;

test("PM2 of the helper's own user is asked with their home and nothing else of ours", () =>
  withHost({ pm2: PRINTS_ENVIRONMENT }, async (host) => {
    const user = userInfo().username;
    await host.run("check", `pm2:${user}/shop`);
    assert.equal(host.log()[0], `pid shop HOME=${host.directory} LC_ALL=C LOGNAME=${user} USER=${user} `);
  }));

test("an app of somebody else's PM2 is asked and restarted as them, with their home and nothing else of ours", () =>
  withHost({ pm2: PRINTS_ENVIRONMENT }, async (host) => {
    const home = host.directory;
    setProgram(host, "getent", `echo "$2:x:1001:1001:Somebody,,,:${home}:/bin/sh"`);
    setProgram(host, "id", `[ "$*" = "-u somebody" ] && echo ${process.getuid?.()} || echo ours`);
    setProgram(host, "runuser", 'echo "runuser $1 $2 $3" >>"$HOST/log"; shift 3; SECRET=1 exec "$@"');
    const services = [
      { service: { manager: "pm2", user: "somebody", app: "shop" }, mayResetBudget: false },
    ] as const;
    const path = `${host.directory}/bin:/usr/bin:/bin`;
    host.write("restart", makeRestartHelper(services, { directory: runDirectory(host), path }));
    const { stdout } = await host.run("check", "pm2:somebody/shop");
    assert.match(stdout, /^diagnose502 known reset=no id=shop /);
    const environment = `HOME=${home} LC_ALL=C LOGNAME=somebody USER=somebody `;
    const asThem = "runuser -u somebody --";
    assert.deepEqual(host.log().slice(0, 3), [asThem, asThem, `pid shop ${environment}`]);
  }));

test("an app of which one process runs is running, whatever became of the others", () =>
  withHost({}, async (host) => {
    host.write("pm2.pid", `0\n${process.pid}\n`);
    host.write("pm2.describe", "│ status            │ stopped │\n");
    const { stdout } = await host.run("check", `pm2:${userInfo().username}/shop`);
    assert.match(stdout, / state=running why_not=none\n/);
  }));

for (const [state, whyNot] of [
  ["restarting", "job"],
  ["removing", "job"],
  ["created", "none"],
] as const) {
  test(`a container that is ${state} can be restarted: ${whyNot}`, () =>
    withHost({}, async (host) => {
      host.write("docker.inspect", `id start ${state}\n`);
      assert.match((await host.run("check", "docker:web")).stdout, new RegExp(` why_not=${whyNot}\n`));
    }));
}

for (const state of ["STARTING", "STOPPING", "BACKOFF"]) {
  test(`a program that is ${state} in supervisord is left alone`, () =>
    withHost({}, async (host) => {
      host.write("supervisorctl.pid", `${process.pid}\n`);
      host.write("supervisorctl.status", `shop   ${state}   \n`);
      assert.match((await host.run("check", "supervisor:shop")).stdout, / state=running why_not=job\n/);
    }));
}

test("a key that was never used is forgotten, too; what is older than a day goes along, but for the lock", () =>
  withHost({}, async (host) => {
    const [done, old, young] = [newKey(), newKey(), newKey()];
    leaveMarker(host, done, "begun at=1\ndone at=2\n");
    leaveMarker(host, old, "taken at=1\n");
    leaveMarker(host, young, "taken at=1\n");
    host.write("run/lock", "");
    const before = Date.now() / 1000 - 3 * 86_400;
    for (const name of [old, "lock"]) utimesSync(join(runDirectory(host), name), before, before);
    const lock = () => readFileSync(join(runDirectory(host), "lock"), "utf8");
    assert.equal((await host.run("forget", "shop.service", newKey())).stdout, "diagnose502 forgotten\n");
    assert.deepEqual(host.markers().toSorted(), [done, young].toSorted());
    assert.equal(lock(), "");
    await host.run("forget", "shop.service", done);
    assert.deepEqual(host.markers(), [young]);
  }));

const NO_DIRECTORY = { stdout: "diagnose502 refused why=no-directory\n", exitCode: 2 };

test("a directory of markers that is a link leads where somebody else may write: refused", () =>
  withHost({}, async (host) => {
    mkdirSync(join(host.directory, "elsewhere"));
    symlinkSync(join(host.directory, "elsewhere"), runDirectory(host));
    assert.deepEqual(await host.run("status", "shop.service", newKey()), NO_DIRECTORY);
    assert.deepEqual(await host.run("forget", "shop.service", newKey()), NO_DIRECTORY);
    assert.deepEqual(await host.run("shop.service", newKey(), OLD), NO_DIRECTORY);
    assert.deepEqual(host.log(), []);
  }));

test("a key that cannot be written down is not called used, by nobody", () =>
  withHost({}, async (host) => {
    const key = newKey();
    mkdirSync(runDirectory(host));
    // nothing can be made of that name, as where no inode is free, and nothing is there
    symlinkSync("nowhere", join(runDirectory(host), key));
    assert.deepEqual(await host.run("status", "shop.service", key), NO_DIRECTORY);
    assert.deepEqual(await host.run("shop.service", key, OLD), NO_DIRECTORY);
    assert.deepEqual(await host.run("shop.service", key, "stale"), NO_DIRECTORY);
    assert.deepEqual(host.log(), []);
  }));

test("a directory without a lock that can be opened is refused", () =>
  withHost({}, async (host) => {
    mkdirSync(join(runDirectory(host), "lock"), { recursive: true });
    assert.deepEqual(await host.run("status", "shop.service", newKey()), NO_DIRECTORY);
    assert.deepEqual(await host.run("shop.service", newKey(), OLD), NO_DIRECTORY);
  }));

test("a host without flock is refused; one without setsid is not", () =>
  withHost({}, async (host) => {
    const services = [
      { service: { manager: "systemd", unit: "shop.service" }, mayResetBudget: false },
    ] as const;
    const path = `${host.directory}/bin`;
    for (const name of ["cat", "date", "mkdir", "mv", "rm", "sed", "sort", "tr", "wc"]) {
      setProgram(host, name, `PATH=/usr/bin:/bin exec ${name} "$@"`);
    }
    rmSync(join(host.directory, "bin/flock"));
    host.write("restart", makeRestartHelper(services, { directory: runDirectory(host), path }));
    const { stdout, exitCode } = await host.run("shop.service", newKey(), OLD);
    assert.deepEqual([stdout, exitCode], ["diagnose502 refused why=no-flock\n", 2]);
    setProgram(host, "flock", 'PATH=/usr/bin:/bin exec flock "$@"');
    assert.match((await host.run("shop.service", newKey(), OLD)).stdout, /^diagnose502 done /);
  }));

test("markers and their directory are nobody else's to read, whoever calls the helper", () =>
  withHost({}, async (host) => {
    await host.run("status", "shop.service", newKey());
    const paths = [runDirectory(host), ...host.markers().map((name) => join(runDirectory(host), name))];
    assert.deepEqual(
      paths.map((path) => (statSync(path).mode & 0o777).toString(8)),
      ["700", "600"],
    );
  }));

test("programs are told in plain English, and found in the directories of the helper's own", () =>
  withHost({ systemctl: 'echo "$LC_ALL $PATH" >>"$HOST/log"' }, async (host) => {
    await host.run("check", "shop.service");
    assert.deepEqual(host.log(), [`C ${host.directory}/bin:/usr/sbin:/usr/bin:/sbin:/bin`]);
  }));

test("on a real host, markers are gone after a reboot, and programs are the system's", () => {
  const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const where = { directory: "/run/diagnose502", path, shell: "/bin/sh" };
  assert.equal(makeRestartHelper([]), makeRestartHelper([], where));
  assert.match(makeRestartHelper([]), /^#!\/bin\/sh\n/);
});

test("an invocation may have 120 letters", () =>
  withHost({}, async (host) => {
    const answer = async (length: number) =>
      (await host.run("shop.service", newKey(), "a".repeat(length))).stdout;
    assert.equal(await answer(120), "diagnose502 refused why=stale\n");
    assert.equal(await answer(121), "diagnose502 denied\n");
  }));
