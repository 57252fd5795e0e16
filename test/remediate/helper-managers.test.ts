import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, rmSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type FakeHost, makeFakeHost } from "./fake-host.ts";

// What PM2 7.0, supervisord 4.2.5 and Docker 20.10.24 really print, but for the numbers of processes, which must exist here.
const ID = "eac7c2ae5e4e502ec1182c43e0123df0ba785f8ac9e1cb0034f3af0aef0e7ff9";
const OTHER_ID = "7bcb8048aac301c5cfa08e017d14700a117a702aeb902e57fd7a3da5112e192f";
const STARTED = "2026-11-21T06:53:21.915778572Z";
const LATER = "2026-11-21T06:53:33.092524499Z";
const PM2_STOPPED = `│ \u001b[31m\u001b[1mstatus\u001b[22m\u001b[39m            │ \u001b[31m\u001b[1mstopped\u001b[22m\u001b[39m │
│ name              │ shop    │
`;
const ALIVE = `${process.pid}`;
const PARENT = `${process.ppid}`;
const PM2 = `pm2:${userInfo().username}/shop`;
const LABELS = "com.docker.compose.project=p com.docker.compose.service=web";
const containerOf = (id: string, { oneOff = "False" } = {}) =>
  `${id} ${LABELS} com.docker.compose.oneoff=${oneOff}\n`;

function startOf(pid: string): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return `${pid}.${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
}

async function withHost(files: Readonly<Record<string, string>>, use: (host: FakeHost) => Promise<void>) {
  const host = makeFakeHost();
  try {
    for (const [name, text] of Object.entries(files)) host.write(name, text);
    await use(host);
  } finally {
    host.remove();
  }
}

const READINGS: readonly (readonly [
  fact: string,
  service: string,
  files: Readonly<Record<string, string>>,
  says: string,
])[] = [
  [
    "a PM2 app is its process",
    PM2,
    { "pm2.pid": `${ALIVE}\n` },
    `invocation=${startOf(ALIVE)} state=running why_not=none`,
  ],
  [
    "an app of PM2 that nobody knows is missing",
    PM2,
    { "pm2.pid": "\n" },
    "invocation=none state=stopped why_not=missing",
  ],
  [
    "an app that was stopped in PM2 was stopped on purpose",
    PM2,
    { "pm2.pid": "0\n", "pm2.describe": PM2_STOPPED },
    "invocation=none state=stopped why_not=stopped",
  ],
  [
    "an app that PM2 gave up on may be restarted",
    PM2,
    { "pm2.pid": "0\n", "pm2.describe": PM2_STOPPED.replace("stopped", "errored") },
    "invocation=none state=stopped why_not=none",
  ],
  [
    "a program of supervisord is its process",
    "supervisor:shop",
    {
      "supervisorctl.pid": `${ALIVE}\n`,
      "supervisorctl.status": `shop   RUNNING   pid ${ALIVE}, uptime 0:00:02\n`,
    },
    `invocation=${startOf(ALIVE)} state=running why_not=none`,
  ],
  [
    "a program that was stopped in supervisord was stopped on purpose",
    "supervisor:shop",
    { "supervisorctl.pid": "0\n", "supervisorctl.status": "shop   STOPPED   Nov 21 06:54 AM\n" },
    "invocation=none state=stopped why_not=stopped",
  ],
  [
    "a program that is starting is left alone",
    "supervisor:shop",
    {
      "supervisorctl.pid": "0\n",
      "supervisorctl.status": "shop   BACKOFF   Exited too quickly (process log may have details)\n",
    },
    "invocation=none state=stopped why_not=job",
  ],
  [
    "a program that supervisord does not know is missing",
    "supervisor:shop",
    {
      "supervisorctl.pid": "No such process shop\n",
      "supervisorctl.status": "shop: ERROR (no such process)\n",
    },
    "invocation=none state=stopped why_not=missing",
  ],
  [
    "a container is its id and its start",
    "docker:web",
    { "docker.inspect": `${ID} ${STARTED} running\n` },
    `id=web invocation=${ID}@${STARTED} state=running why_not=none`,
  ],
  [
    "a container that was killed may be restarted",
    "docker:web",
    { "docker.inspect": `${ID} ${STARTED} exited\n` },
    "state=exited why_not=none",
  ],
  [
    "a paused container was paused on purpose",
    "docker:web",
    { "docker.inspect": `${ID} ${STARTED} paused\n` },
    "why_not=stopped",
  ],
  ["a container that Docker does not know is missing", "docker:web", {}, "why_not=missing"],
  [
    "a Compose service is its one container",
    "compose:p/web",
    { "docker.ps": containerOf(ID), "docker.inspect": `${ID} ${STARTED} running\n` },
    `id=web invocation=${ID}@${STARTED} state=running why_not=none`,
  ],
  [
    "a Compose service of several containers is not restarted",
    "compose:p/web",
    { "docker.ps": `${containerOf(ID)}${containerOf(OTHER_ID)}` },
    "why_not=several",
  ],
  [
    "a container that a command was once run in is not the Compose service",
    "compose:p/web",
    {
      "docker.ps": `${containerOf(OTHER_ID, { oneOff: "True" })}${containerOf(ID)}`,
      "docker.inspect": `${ID} ${STARTED} running\n`,
    },
    `invocation=${ID}@${STARTED} state=running why_not=none`,
  ],
  [
    "nor is it restarted in the place of one that is gone",
    "compose:p/web",
    {
      "docker.ps": containerOf(OTHER_ID, { oneOff: "True" }),
      "docker.inspect": `${OTHER_ID} ${STARTED} exited\n`,
    },
    "why_not=missing",
  ],
  ["a Compose service without a container is missing", "compose:p/web", {}, "why_not=missing"],
];

for (const [fact, service, files, says] of READINGS) {
  test(fact, () =>
    withHost(files, async (host) => {
      const { stdout } = await host.run("check", service);
      assert.ok(stdout.trim().endsWith(says), `${stdout} does not end with ${says}`);
    }),
  );
}

test("processes of a cluster are one invocation, and any of them changes it", () =>
  withHost({ "pm2.pid": `${ALIVE}\n${PARENT}\n` }, async (host) => {
    const read = async () => /invocation=(\S+)/.exec((await host.run("check", PM2)).stdout)?.[1];
    const both = await read();
    assert.match(both ?? "", /^several\.[0-9]+\.[0-9]+$/);
    host.write("pm2.pid", `${PARENT}\n${ALIVE}\n`);
    assert.notEqual(await read(), both);
  }));

const NO_DAEMON: readonly (readonly [what: string, pid: string | undefined])[] = [
  ["was never started", undefined],
  ["has left an empty file", ""],
  ["is dead", "4194305"],
  ["has left its number to another process", PARENT],
  ["is no number", `${ALIVE}/`],
];

for (const [what, pid] of NO_DAEMON) {
  test(`a PM2 that ${what} is not asked: it would start an empty one`, () =>
    withHost({ "pm2.pid": `${ALIVE}\n` }, async (host) => {
      if (pid === undefined) rmSync(join(host.directory, ".pm2"), { recursive: true });
      else host.write(".pm2/pm2.pid", pid);
      assert.match((await host.run("check", PM2)).stdout, / invocation=none state=unknown why_not=missing\n/);
      assert.deepEqual(host.log(), []);
    }));
}

test("a PM2 of another user than the app's is not asked either", () =>
  withHost({ "pm2.pid": `${ALIVE}\n` }, async (host) => {
    host.write("bin/id", `#!/bin/sh\n[ "$1" = -u ] && echo 4711 || exec /usr/bin/id "$@"\n`);
    chmodSync(join(host.directory, "bin/id"), 0o755);
    assert.match((await host.run("check", PM2)).stdout, / why_not=missing\n/);
    assert.deepEqual(host.log(), []);
  }));

const RESTARTS: readonly (readonly [
  service: string,
  files: Readonly<Record<string, string>>,
  before: string,
  ran: string,
])[] = [
  [PM2, { "pm2.pid": `${ALIVE}\n`, "pm2.after": `${PARENT}\n` }, startOf(ALIVE), "pm2 restart shop"],
  [
    "supervisor:shop",
    { "supervisorctl.pid": `${ALIVE}\n`, "supervisorctl.after": `${PARENT}\n` },
    startOf(ALIVE),
    "supervisorctl restart shop",
  ],
  [
    "docker:web",
    { "docker.inspect": `${ID} ${STARTED} running\n`, "docker.after": `${ID} ${LATER} running\n` },
    `${ID}@${STARTED}`,
    `docker restart ${ID}`,
  ],
  [
    "compose:p/web",
    {
      "docker.ps": containerOf(ID),
      "docker.inspect": `${ID} ${STARTED} exited\n`,
      "docker.after": `${ID} ${LATER} running\n`,
    },
    `${ID}@${STARTED}`,
    `docker restart ${ID}`,
  ],
];

for (const [service, files, before, ran] of RESTARTS) {
  test(`${service.split(":")[0]}: one key restarts once, on the evidence that was approved`, () =>
    withHost(files, async (host) => {
      const key = randomBytes(16).toString("hex");
      assert.match(
        (await host.run(service, randomBytes(16).toString("hex"), "none")).stdout,
        /refused why=stale/,
      );
      const { stdout } = await host.run(service, key, before);
      assert.match(stdout, /^diagnose502 done /);
      assert.doesNotMatch(stdout, new RegExp(`invocation=${before} `));
      assert.match((await host.run(service, key, before)).stdout, /again=yes$/m);
      assert.match(
        (await host.run(service, randomBytes(16).toString("hex"), before)).stdout,
        /refused why=stale/,
      );
      assert.deepEqual(host.log(), [ran]);
    }));
}
