import assert from "node:assert/strict";
import { test } from "node:test";
import { makeFrameScript } from "../../src/collect/frame-script.ts";
import type { ScriptEnd, ScriptLimits, Shell, ShellConnection } from "../../src/collect/shell.ts";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import { longSleep, makeLook, run, untilGone, untilRunning } from "../collect/far-side.ts";

/** A script whose one look sleeps so long that only killing ends it. */
function sleeping(seconds: string, timeoutMs = 60_000): string {
  const look = makeLook(run("sleep", seconds), { timeoutMs });
  return makeFrameScript([look], { mark: "0".repeat(32), limitSeconds: 60 });
}

const script = (text: string) => `main() {\n${text}\n}\nmain; exit\n`;

/** What every implementation of {@link Shell} keeps, whichever way it reaches its host. */
export function shellContract(
  name: string,
  open: () => { readonly shell: Shell; readonly host: HostAccess },
  { skip = false }: { readonly skip?: string | false } = {},
): void {
  async function withConnection(use: (connection: ShellConnection) => Promise<void>): Promise<void> {
    const { shell, host } = open();
    const outcome = await shell.connect(host, { timeoutMs: 20_000 });
    assert.ok(outcome.ok, JSON.stringify(outcome));
    try {
      await use(outcome.connection);
    } finally {
      await shell.close();
    }
  }

  async function read(
    connection: ShellConnection,
    text: string,
    limits: Partial<ScriptLimits> = {},
  ): Promise<{ readonly end: ScriptEnd; readonly output: string }> {
    const chunks: Buffer[] = [];
    const end = await connection.runScript(text, {
      deadlineMs: 20_000,
      maxBytes: 1_000_000,
      onBytes: (chunk) => {
        chunks.push(chunk);
        return false;
      },
      ...limits,
    });
    return { end, output: Buffer.concat(chunks).toString() };
  }

  test(`${name}: a script's output and exit status come back`, { skip }, () =>
    withConnection(async (connection) => {
      assert.deepEqual(await read(connection, script("echo hi; exit 3")), {
        end: { kind: "closed", exitCode: 3 },
        output: "hi\n",
      });
      assert.ok(connection.rttMs >= 0);
    }),
  );

  test(`${name}: scripts run one after the other and side by side over one connection`, { skip }, () =>
    withConnection(async (connection) => {
      assert.equal((await read(connection, script("echo first"))).output, "first\n");
      const both = await Promise.all(["a", "b"].map((word) => read(connection, script(`echo ${word}`))));
      assert.deepEqual(
        both.map(({ output }) => output),
        ["a\n", "b\n"],
      );
    }),
  );

  test(`${name}: who has seen enough need not wait for the end`, { skip }, () =>
    withConnection(async (connection) => {
      const seconds = longSleep();
      const end = await connection.runScript(sleeping(seconds), {
        deadlineMs: 20_000,
        maxBytes: 1_000_000,
        onBytes: () => true,
      });
      assert.deepEqual(end, { kind: "closed", exitCode: null });
      await untilGone(seconds);
    }),
  );

  test(`${name}: at the deadline the call ends and the far processes die`, { skip }, () =>
    withConnection(async (connection) => {
      const seconds = longSleep();
      const { end } = await read(connection, sleeping(seconds), { deadlineMs: 1000 });
      assert.deepEqual(end, { kind: "deadline" });
      await untilGone(seconds);
    }),
  );

  test(`${name}: who stops it kills the far processes`, { skip }, () =>
    withConnection(async (connection) => {
      const seconds = longSleep();
      const stop = new AbortController();
      const running = read(connection, sleeping(seconds), { signal: stop.signal });
      await untilRunning(seconds);
      stop.abort();
      assert.deepEqual((await running).end, { kind: "aborted" });
      await untilGone(seconds);
    }),
  );

  test(`${name}: a signal that is up already starts nothing`, { skip }, () =>
    withConnection(async (connection) => {
      const { end } = await read(connection, script("echo hi"), { signal: AbortSignal.abort() });
      assert.deepEqual(end, { kind: "aborted" });
    }),
  );

  test(`${name}: a gigabyte of output is not taken`, { skip }, () =>
    withConnection(async (connection) => {
      const { end, output } = await read(connection, script("yes"), { maxBytes: 200_000 });
      assert.deepEqual(end, { kind: "too-much-output" });
      assert.ok(output.length < 4_000_000);
    }),
  );

  test(
    `${name}: when the connection is closed, running scripts are lost and their processes die`,
    { skip },
    () =>
      withConnection(async (connection) => {
        const seconds = longSleep();
        const running = read(connection, sleeping(seconds));
        await untilRunning(seconds);
        connection.close();
        assert.equal((await running).end.kind, "lost");
        await untilGone(seconds);
      }),
  );
}
