import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseUnits } from "../../src/topology/parse-units.ts";

/** systemd 252, `--timestamp=unix`, as older versions of the bot recorded it. */
const SHOW = `Type=notify
Restart=on-failure
MainPID=0
NRestarts=5
ExecMainStartTimestamp=@1763608329
ExecMainExitTimestamp=@1763608330
ExecMainPID=4711
ExecMainCode=1
ExecMainStatus=3
ExecStart={ path=/usr/bin/gunicorn ; argv[]=/usr/bin/gunicorn --workers 2 --bind 127.0.0.1:8000 shop:application ; ignore_errors=no ; start_time=[@1763608329] ; stop_time=[@1763608330] ; pid=4711 ; code=exited ; status=3 }
TasksCurrent=[not set]
TasksMax=4656
LimitNOFILE=524288
Id=shop.service
Names=shop.service app.service
RequiredBy=nginx.service
RequisiteOf=pages.service
ConsistsOf=shop-worker.service
PropagatesStopTo=shop-worker.service
LoadState=loaded
ActiveState=failed
SubState=failed
FragmentPath=/etc/systemd/system/shop.service
UnitFileState=enabled
ActiveEnterTimestamp=@1763600000
InactiveEnterTimestamp=@1763608330
InvocationID=0f5c1c2b3a4d5e6f708192a3b4c5d6e7
StartLimitIntervalUSec=1min 10s
StartLimitBurst=5
Result=exit-code

Id=php-fpm.socket
Names=php-fpm.socket
Triggers=php-fpm.service
Listen=/run/php-fpm.sock (Stream)
Listen=[::]:9000 (Stream)
Listen=/run/other (Datagram)
LoadState=loaded
ActiveState=active
SubState=listening

Id=ghost.service
Names=ghost.service
LoadState=not-found
ActiveState=inactive
SubState=dead
ActiveEnterTimestamp=
TasksMax=infinity
LimitNOFILE=18446744073709551615
`;

test("a failed service keeps what it said and when", () => {
  const [shop] = parseUnits(SHOW);
  assert.deepEqual(shop, {
    unit: "shop.service",
    names: ["shop.service", "app.service"],
    loadState: "loaded",
    unitFileState: "enabled",
    activeState: "failed",
    subState: "failed",
    result: "exit-code",
    execMainCode: 1,
    execMainStatus: 3,
    mainPid: 0,
    restarts: 5,
    activeEnteredAt: "2025-11-20T00:53:20.000Z",
    inactiveEnteredAt: "2025-11-20T03:12:10.000Z",
    execMainStartedAt: "2025-11-20T03:12:09.000Z",
    execMainExitedAt: "2025-11-20T03:12:10.000Z",
    invocationId: "0f5c1c2b3a4d5e6f708192a3b4c5d6e7",
    fragmentPath: "/etc/systemd/system/shop.service",
    execStart: "/usr/bin/gunicorn --workers 2 --bind 127.0.0.1:8000 shop:application",
    boundBy: ["nginx.service", "pages.service", "shop-worker.service"],
    startLimitBurst: 5,
    startLimitIntervalMs: 70_000,
    maxOpenFiles: 524_288,
    tasksMax: 4656,
    type: "notify",
    triggers: [],
  });
});

test("a socket unit says where it listens and what it starts", () => {
  const socket = parseUnits(SHOW)[1];
  assert.deepEqual(socket?.listens, [
    { kind: "unix", path: "/run/php-fpm.sock" },
    { kind: "tcp", host: "::", port: 9000 },
  ]);
  assert.deepEqual(socket?.triggers, ["php-fpm.service"]);
});

test("no limit and never are absent, not numbers", () => {
  const ghost = parseUnits(SHOW)[2];
  assert.equal(ghost?.loadState, "not-found");
  for (const key of ["activeEnteredAt", "tasksMax", "maxOpenFiles"]) assert.ok(ghost && !(key in ghost), key);
});

test("times of old systemd are read when their zone is known", () => {
  const block = (time: string) => `Id=a.service\nActiveEnterTimestamp=${time}\n`;
  const cases = [
    ["Thu 2025-11-20 03:12:09 UTC", undefined, "2025-11-20T03:12:09.000Z"],
    ["Thu 2025-11-20 04:12:09 CET", 60, "2025-11-20T03:12:09.000Z"],
    ["Thu 2025-11-20 04:12:09 CET", undefined, undefined],
    ["n/a", 60, undefined],
    ["@nonsense", undefined, undefined],
  ] as const;
  for (const [time, utcOffsetMinutes, expected] of cases) {
    assert.equal(parseUnits(block(time), { utcOffsetMinutes })[0]?.activeEnteredAt, expected, time);
  }
});

const STARTED = "Sat 2026-11-21 16:09:09 UTC";
/** What `env TZ=UTC0 systemctl show` prints of a unit: 252 as recorded; the older ones name, leave out or leave empty other properties. */
const VERSIONS: Readonly<Record<string, string>> = {
  "219 (CentOS 7)": `Id=prior.service\nActiveEnterTimestamp=${STARTED}\nInactiveEnterTimestamp=n/a\nStartLimitInterval=10000000\nTasksMax=18446744073709551615\n`,
  "239 (RHEL 8)": `Id=prior.service\nNames=prior.service\nRequisiteOf=caddy.service\nActiveState=active\nActiveEnterTimestamp=${STARTED}\nExecMainStartTimestamp=${STARTED}\nExecStart={ path=/bin/sleep ; argv[]=/bin/sleep infinity ; ignore_errors=no ; start_time=[${STARTED}] ; stop_time=[n/a] ; pid=67 ; code=(null) ; status=0/0 }\nStartLimitIntervalUSec=10s\nTasksMax=infinity\n`,
  "247 (Debian 11)": `ExecMainStartTimestamp=${STARTED}\nStartLimitIntervalUSec=10s\nId=prior.service\nRequisiteOf=caddy.service\nActiveEnterTimestamp=${STARTED}\nInactiveEnterTimestamp=n/a\nTasksCurrent=[not set]\n`,
  "249 (Ubuntu 22.04)": `ExecMainStartTimestamp=${STARTED}\nStartLimitIntervalUSec=10s\nId=prior.service\nRequisiteOf=caddy.service\nPropagatesStopTo=\nActiveEnterTimestamp=${STARTED}\nInactiveEnterTimestamp=\n`,
  "252 (Debian 12)": `ExecMainStartTimestamp=${STARTED}
ExecStart={ path=/bin/sleep ; argv[]=/bin/sleep infinity ; ignore_errors=no ; start_time=[${STARTED}] ; stop_time=[n/a] ; pid=67 ; code=(null) ; status=0/0 }
Id=prior.service
RequisiteOf=caddy.service
ActiveEnterTimestamp=${STARTED}
InactiveEnterTimestamp=
StartLimitIntervalUSec=10s
InvocationID=1e32946b441f4b999841a6c9ec69a843
`,
};

for (const [version, shown] of Object.entries(VERSIONS)) {
  test(`systemd ${version} is read without the help of --timestamp=`, () => {
    const [unit] = parseUnits(shown, { utcOffsetMinutes: 60 });
    assert.equal(unit?.activeEnteredAt, "2026-11-21T16:09:09.000Z");
    assert.equal(unit.inactiveEnteredAt, undefined);
    assert.equal(unit.startLimitIntervalMs, 10_000);
    assert.equal(unit.tasksMax, undefined);
    assert.deepEqual(unit.boundBy, shown.includes("RequisiteOf") ? ["caddy.service"] : []);
    if (shown.includes("ExecStart=")) assert.equal(unit.execStart, "/bin/sleep infinity");
  });
}

const SPANS: readonly (readonly [span: string, ms: number | undefined])[] = [
  ["1month 2w 13h 30min", 3_888_000_000],
  ["1y", 31_557_600_000],
  ["3month", 7_889_400_000],
  ["1w 2d", 777_600_000],
  ["1.500000s", 1500],
  ["10000000", 10_000],
  ["infinity", undefined],
  ["5parsec", undefined],
  ["", undefined],
];

for (const [span, ms] of SPANS) {
  test(`${JSON.stringify(span)} as systemd prints spans is ${ms ?? "no number of"} ms`, () => {
    const [unit] = parseUnits(`Id=a.service\nStartLimitIntervalUSec=${span}\n`);
    assert.equal(unit?.startLimitIntervalMs, ms);
  });
}

test("no output makes it throw", () => {
  const words = fc.constantFrom(
    "Id=a.service",
    "Listen=",
    "ExecStart={",
    "argv[]=",
    "@1",
    "=",
    "\n",
    "\n\n",
    "1min",
    "Names=",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((parts) => parts.join("")),
      ),
      (output) => {
        for (const { unit } of parseUnits(output)) assert.notEqual(unit, "");
      },
    ),
  );
});
