import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseCgroup, parseProcesses } from "../../src/topology/parse-processes.ts";

const ID = "4f5c1c2b3a4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7";

test("a cgroup names the unit and the container", () => {
  const cases: readonly (readonly [
    cgroup: string,
    unit: string | undefined,
    container: string | undefined,
  ])[] = [
    ["0::/system.slice/nginx.service", "nginx.service", undefined],
    ["0::/system.slice/system-uwsgi.slice/uwsgi@shop.service", "uwsgi@shop.service", undefined],
    ["0::/system.slice/app.service/workers", "app.service", undefined],
    [
      "10:pids:/system.slice/php8.2-fpm.service,5:cpu,cpuacct:/system.slice,1:name=systemd:/system.slice/php8.2-fpm.service,0::/system.slice/php8.2-fpm.service",
      "php8.2-fpm.service",
      undefined,
    ],
    ["0::/user.slice/user-1000.slice/user@1000.service/app.slice/shop.service", undefined, undefined],
    ["0::/user.slice/user-1000.slice/session-3.scope", undefined, undefined],
    [`0::/system.slice/docker-${ID}.scope`, undefined, ID],
    [`4:memory:/docker/${ID}`, undefined, ID],
    [`0::/machine.slice/libpod-${ID}.scope/container`, undefined, ID],
    ["-", undefined, undefined],
  ];
  for (const [cgroup, unit, container] of cases) {
    const found = parseCgroup(cgroup);
    assert.deepEqual([found.unit, found.container], [unit, container], cgroup);
  }
});

/** procps 4.0.2. */
const PS = `    1     0 root                                2109 Ss   11028 0::/init.scope                              systemd         /lib/systemd/systemd --system
    2     0 root                                2109 S        0 -                                          kthreadd        [kthreadd]
    4     2 root                                2109 I<       0 -                                          kworker/R-rcu_g [kworker/R-rcu_gp]
  800     1 root                                 812 Ss   29120 0::/system.slice/php8.2-fpm.service         php-fpm8.2      php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)
  950   900 shop                          4123168608 Sl   90120 0::/system.slice/shop.service               node /srv/shop/ node /srv/shop/server.js --port 3000
  960   900 shop                                   3 Z        0 0::/system.slice/shop.service               tmux: server    [tmux: server] <defunct>`;

test("columns of ps are read, names with blanks included", () => {
  const processes = parseProcesses(PS);
  assert.deepEqual(
    processes.map(({ pid, ppid, comm, args }) => [pid, ppid, comm, args]),
    [
      [1, 0, "systemd", "/lib/systemd/systemd --system"],
      [2, 0, "kthreadd", "[kthreadd]"],
      [4, 2, "kworker/R-rcu_g", "[kworker/R-rcu_gp]"],
      [800, 1, "php-fpm8.2", "php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)"],
      [950, 900, "node /srv/shop/", "node /srv/shop/server.js --port 3000"],
      [960, 900, "tmux: server", "[tmux: server] <defunct>"],
    ],
  );
  assert.deepEqual(processes[3], {
    pid: 800,
    ppid: 1,
    user: "root",
    ageSeconds: 812,
    state: "S",
    rssKiB: 29_120,
    unit: "php8.2-fpm.service",
    comm: "php-fpm8.2",
    args: "php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)",
  });
});

test("an age that wrapped around after a clock change is zero", () => {
  assert.equal(parseProcesses(PS)[4]?.ageSeconds, 0);
});

test("BusyBox gives pid, user and arguments", () => {
  const output = `PID   USER     TIME  COMMAND
    1 root      0:00 /sbin/init
  210 nginx     0:03 nginx: worker process`;
  assert.deepEqual(
    parseProcesses(output).map(({ pid, user, comm, args }) => [pid, user, comm, args]),
    [
      [1, "root", "init", "/sbin/init"],
      [210, "nginx", "nginx:", "nginx: worker process"],
    ],
  );
});

test("no output makes it throw", () => {
  const words = fc.constantFrom(
    "1",
    "root",
    "Ss",
    "0::/",
    ".service",
    ".slice",
    "PID ",
    "USER",
    ",",
    "  ",
    "\n",
    "-",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((parts) => parts.join(" ")),
      ),
      (output) => {
        for (const { pid, ageSeconds } of parseProcesses(output)) assert.ok(pid >= 0 && ageSeconds >= 0);
      },
    ),
  );
});
