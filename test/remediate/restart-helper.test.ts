import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { type FakeHost, makeFakeHost } from "./fake-host.ts";

const SHELLS = [
  { name: "dash", path: "/bin/dash" },
  { name: "bash", path: "/bin/bash --posix" },
  { name: "busybox", path: "/bin/busybox sh" },
].filter(({ path }) => existsSync(path.split(" ")[0] ?? ""));

const OLD = "0".repeat(32);
const newKey = () => randomBytes(16).toString("hex");
const words = (answers: readonly { readonly stdout: string }[]) =>
  answers.map(({ stdout }) => stdout.split(" ")[1]?.trim());

for (const { name, path } of SHELLS) {
  const withHost = (use: (host: FakeHost) => Promise<void>) => async () => {
    const host = makeFakeHost(path);
    try {
      await use(host);
    } finally {
      host.remove();
    }
  };

  test(
    `${name}: one key restarts once, and every later word about it is the same`,
    withHost(async (host) => {
      const key = newKey();
      const done = await host.run("shop.service", key, OLD);
      const now = host.invocation("shop.service");
      assert.equal(done.exitCode, 0);
      assert.match(
        done.stdout,
        new RegExp(`^diagnose502 done at=[0-9]+ id=shop.service invocation=${now} state=active\n$`),
      );
      const again = `${done.stdout.trim()} again=yes\n`;
      assert.equal((await host.run("shop.service", key, OLD)).stdout, again);
      assert.equal((await host.run("shop.service", key, now)).stdout, again);
      assert.equal((await host.run("status", "shop.service", key)).stdout, again);
      assert.deepEqual(host.log(), [`restart shop.service ${now}`]);
    }),
  );

  test(
    `${name}: 50 calls at once with one key are one restart`,
    withHost(async (host) => {
      const key = newKey();
      const answers = await Promise.all(Array.from({ length: 50 }, () => host.run("shop.service", key, OLD)));
      assert.deepEqual(
        words(answers),
        Array.from({ length: 50 }, () => "done"),
      );
      assert.equal(answers.filter(({ stdout }) => !stdout.includes("again=yes")).length, 1);
      assert.equal(host.log().length, 1);
    }),
  );

  test(
    `${name}: 50 keys at once on the same evidence are one restart; the others are stale`,
    withHost(async (host) => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => host.run("shop.service", newKey(), OLD)),
      );
      assert.equal(words(answers).filter((word) => word === "done").length, 1);
      assert.equal(answers.filter(({ stdout }) => stdout === "diagnose502 refused why=stale\n").length, 49);
      assert.equal(host.log().length, 1);
    }),
  );

  test(
    `${name}: a restart and a question race for a key; whoever is first decides`,
    withHost(async (host) => {
      for (let n = 0; n < 10; n++) {
        const key = newKey();
        const before = host.log().length;
        const now = host.invocation("shop.service");
        const [restart, status] = await Promise.all([
          host.run("shop.service", key, now),
          host.run("status", "shop.service", key),
        ]);
        const restarted = host.log().length - before;
        const taken = status.stdout.startsWith("diagnose502 taken");
        assert.equal(restarted, taken ? 0 : 1, `${restart.stdout}${status.stdout}`);
        assert.match(restart.stdout, taken ? /^diagnose502 taken/ : /^diagnose502 done/);
      }
    }),
  );

  test(
    `${name}: what is not as it was when people were asked is refused, and the key is used`,
    withHost(async (host) => {
      const cases: readonly (readonly [why: string, properties: Readonly<Record<string, string>>])[] = [
        ["stale", { InvocationID: "1".repeat(32) }],
        ["stale", { InvocationID: "" }],
        ["alias", { Id: "other.service" }],
        ["masked", { LoadState: "masked" }],
        ["missing", { LoadState: "not-found" }],
        ["missing", { LoadState: "bad-setting" }],
        ["job", { ActiveState: "activating" }],
        ["job", { ActiveState: "deactivating" }],
        ["job", { Job: "123" }],
      ];
      for (const [why, properties] of cases) {
        host.unit("shop.service", properties);
        const key = newKey();
        const refusal = await host.run("shop.service", key, OLD);
        assert.equal(refusal.stdout, `diagnose502 refused why=${why}\n`);
        assert.equal(refusal.exitCode, 2);
        host.unit("shop.service", {});
        assert.match(
          (await host.run("shop.service", key, OLD)).stdout,
          new RegExp(`^diagnose502 refused why=${why} `),
        );
      }
      assert.deepEqual(host.log(), []);
    }),
  );

  test(
    `${name}: a service that was never started is restarted on that evidence`,
    withHost(async (host) => {
      host.unit("shop.service", { InvocationID: "", ActiveState: "inactive" });
      assert.match((await host.run("shop.service", newKey(), "none")).stdout, /^diagnose502 done/);
    }),
  );

  test(
    `${name}: a used-up start limit refuses, unless it may be reset`,
    withHost(async (host) => {
      const start = (n: number) =>
        `{"__CURSOR":"x","MESSAGE_ID":"39f5","INVOCATION_ID":"${`${n}`.repeat(32)}"}\n`;
      host.write("journal", [1, 1, 2, 3].map(start).join(""));
      const limits: readonly (readonly [burst: string, interval: string, refused: boolean])[] = [
        ["4", "10s", false],
        ["3", "10s", true],
        ["3", "1min 30s", true],
        ["3", "infinity", true],
        ["3", "0", false],
        ["0", "10s", false],
      ];
      for (const [burst, interval, refused] of limits) {
        host.unit("flappy.service", { StartLimitBurst: burst, StartLimitIntervalUSec: interval });
        const { stdout } = await host.run("flappy.service", newKey(), OLD);
        assert.equal(
          stdout.startsWith("diagnose502 refused why=budget"),
          refused,
          `${burst} in ${interval}: ${stdout}`,
        );
      }
      host.unit("flappy.service", { StartLimitBurst: "3" });
      const before = host.log().length;
      assert.match(
        (await host.run("flappy.service", newKey(), OLD, "reset-budget")).stdout,
        /^diagnose502 done/,
      );
      assert.equal(host.log()[before], "reset-failed -- flappy.service");
      const notAllowed = await host.run("shop.service", newKey(), OLD, "reset-budget");
      assert.equal(notAllowed.stdout, "diagnose502 denied\n");
      assert.equal(notAllowed.exitCode, 126);
    }),
  );

  test(
    `${name}: a restart that fails is told as that, for ever`,
    withHost(async (host) => {
      host.write("fails", "");
      const key = newKey();
      const { stdout, exitCode } = await host.run("shop.service", key, OLD);
      assert.match(stdout, /^diagnose502 failed status=1 /);
      assert.equal(exitCode, 1);
      assert.match(
        (await host.run("status", "shop.service", key)).stdout,
        /^diagnose502 failed .*again=yes\n$/,
      );
      await host.run("forget", "shop.service", key);
      assert.match((await host.run("status", "shop.service", key)).stdout, /^diagnose502 failed/);
    }),
  );

  test(
    `${name}: when its caller is killed it goes on, and says so when asked`,
    withHost(async (host) => {
      host.write("slow", "");
      const key = newKey();
      const child = spawn(host.helper, ["shop.service", key, OLD], {
        stdio: ["ignore", "pipe", "ignore"],
        detached: true,
        env: {},
      });
      const gone = new Promise((resolve) => child.once("close", resolve));
      while (!host.markers().includes(key)) await pause(5);
      process.kill(-(child.pid ?? 0), "SIGKILL");
      assert.match((await host.run("status", "shop.service", key)).stdout, /^diagnose502 begun alive=yes /);
      await gone;
      let said = "begun";
      while (said.includes("begun")) said = (await host.run("status", "shop.service", key)).stdout;
      assert.match(said, /^diagnose502 done/);
      assert.equal(host.log().length, 1);
    }),
  );

  test(
    `${name}: a key that was only begun tells what the service is now`,
    withHost(async (host) => {
      const key = newKey();
      await host.run("status", "shop.service", newKey());
      host.write(`run/${key}`, "");
      const { stdout } = await host.run("status", "shop.service", key);
      assert.equal(
        stdout.split(" again")[0],
        `diagnose502 begun alive=no id=shop.service invocation=${OLD} restarts=0 state=active job=none\n`,
      );
    }),
  );

  test(
    `${name}: what is proven is forgotten; a key that was taken is not`,
    withHost(async (host) => {
      const [done, taken] = [newKey(), newKey()];
      await host.run("shop.service", done, OLD);
      await host.run("status", "shop.service", taken);
      for (const key of [done, taken]) await host.run("forget", "shop.service", key);
      assert.deepEqual(host.markers(), [taken]);
    }),
  );

  test(
    `${name}: any other words are denied and change nothing`,
    withHost(async (host) => {
      const key = newKey();
      const wrong: readonly (readonly string[])[] = [
        [],
        ["shop.service"],
        ["shop.service", key],
        ["shop.service", key, OLD, "reset-budget", "more"],
        ["shop.service", key, OLD, "reset"],
        ["shop.service", key.slice(1), OLD],
        ["shop.service", `${key}0`, OLD],
        ["shop.service", key.toUpperCase().replace(/[0-9]/g, "A"), OLD],
        ["shop.service", `../${key.slice(3)}`, OLD],
        ["shop.service", `${key.slice(1)}\n`, OLD],
        ["shop.service", `${key.slice(1)}*`, OLD],
        ["shop.service", key, ""],
        ["shop.service", key, "a b"],
        ["shop.service", key, "$(id)"],
        ["shop.service", key, "a".repeat(121)],
        ["nginx.service", key, OLD],
        ["*.service", key, OLD],
        ["shop.*", key, OLD],
        ["shop.service ", key, OLD],
        ["shop.service\n", key, OLD],
        ["-H evil", key, OLD],
        ["--help", key, OLD],
        ["*", key, OLD],
        ["", key, OLD],
        ["check", "nginx.service"],
        ["check", ""],
        ["check"],
        ["check", "shop.service", key],
        ["check 2"],
        ["status", "nginx.service", key],
        ["status", "shop.service", "x"],
        ["status", "shop.service"],
        ["forget", "shop.service", "lock"],
        ["forget", "shop.service", "../log"],
        ["forget", "nginx.service", key],
      ];
      for (const args of wrong) {
        const { exitCode, stdout } = await host.run(...args);
        assert.deepEqual([exitCode, stdout], [126, "diagnose502 denied\n"], JSON.stringify(args));
      }
      assert.deepEqual(host.log(), []);
      assert.deepEqual(host.markers(), []);
    }),
  );
}

test("whatever words come, only a listed service, a key and an invocation change anything", async () => {
  const host = makeFakeHost();
  try {
    const word = fc.oneof(
      fc.string({ unit: "binary-ascii", maxLength: 40 }),
      fc.constantFrom(
        "shop.service",
        "check",
        "status",
        "forget",
        "reset-budget",
        OLD,
        "none",
        "*",
        "-h",
        "$(id)",
        "`id`",
        ";",
        "../x",
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          word.filter((text) => !text.includes("\0")),
          { maxLength: 5 },
        ),
        async (args) => {
          const [service = "", key = "", expected = ""] = args;
          const fits =
            args.length === 3 &&
            service === "shop.service" &&
            /^[a-f0-9]{32}$/.test(key) &&
            /^[\w:.@-]{1,120}$/.test(expected);
          const isAsking = ["check", "status", "forget"].includes(service);
          const { exitCode } = await host.run(...args);
          if (!fits && !isAsking) assert.equal(exitCode, 126);
        },
      ),
      { numRuns: 200 },
    );
    assert.ok(host.log().length <= 1);
  } finally {
    host.remove();
  }
});
