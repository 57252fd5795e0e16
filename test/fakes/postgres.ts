import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Debian keeps each version's programs here; a distribution without versions puts them in the path. */
const [BIN] = globSync("/usr/lib/postgresql/*/bin").toSorted().reverse();

/** Why a real PostgreSQL cannot be started here; undefined when it can. */
export const withoutPostgres: string | undefined =
  BIN === undefined ? "PostgreSQL is not installed (Debian: apt-get install postgresql)" : undefined;

/** A real server with a directory, a port of 127.0.0.1 and an empty database of its own. */
export interface TestPostgres {
  /** `postgres://…`; the same after a restart. */
  readonly url: string;
  /** `immediate`: as if the machine lost its power. */
  stop(how?: "fast" | "immediate"): Promise<void>;
  start(): Promise<void>;
  /** A new empty database of the same server. */
  createDatabase(name: string): Promise<string>;
  /** Stops it and removes what it wrote. */
  remove(): Promise<void>;
}

/** The signals that mean so. Source: PostgreSQL manual, "Shutting Down the Server". */
const SIGNALS = { fast: "SIGINT", immediate: "SIGQUIT" } as const;

/** `network`: a network namespace to live in, when root starts it. */
export async function startPostgres(
  options: { readonly network?: string; readonly maxConnections?: number } = {},
): Promise<TestPostgres> {
  if (BIN === undefined) throw new Error(withoutPostgres);
  const bin = BIN;
  const user = await serverUser();
  const inside = options.network === undefined ? [] : ["nsenter", `--net=/run/netns/${options.network}`];
  const directory = await mkdtemp(join(tmpdir(), "diagnose502-postgres-"));
  if (user !== undefined) await chown(directory, user.uid, user.gid);
  const data = join(directory, "data");
  const port = await freePort();
  const as = { ...user, cwd: directory };
  // only root enters another network, and PostgreSQL does not run as root
  const became =
    inside.length === 0 || user === undefined
      ? []
      : ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
  const call = (name: string, words: readonly string[]) => {
    const [program = "", ...args] = [...inside, join(bin, name), ...words];
    return run(program, args);
  };
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    const settings = [
      "fsync=off",
      `max_connections=${options.maxConnections ?? 60}`,
      "listen_addresses=127.0.0.1",
      "logging_collector=off",
    ];
    const words = [
      "-D",
      data,
      "-p",
      String(port),
      "-k",
      directory,
      ...settings.flatMap((one) => ["-c", one]),
    ];
    const [program = "", ...args] = [...inside, ...became, join(bin, "postgres"), ...words];
    const started = spawn(program, args, {
      ...(inside.length === 0 ? as : { cwd: directory }),
      stdio: ["ignore", "ignore", "pipe"],
    });
    server = started;
    let said = "";
    started.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4000);
    });
    while (!(await isReady())) {
      if (started.exitCode !== null) throw new Error(`postgres ended: ${said}`);
      await sleep(20);
    }
  }

  function isReady(): Promise<boolean> {
    return call("pg_isready", ["-q", "-h", "127.0.0.1", "-p", String(port)]).then(
      () => true,
      () => false,
    );
  }

  async function stop(how: "fast" | "immediate" = "fast"): Promise<void> {
    if (server === undefined || server.exitCode !== null) return;
    const ended = once(server, "exit");
    server.kill(SIGNALS[how]);
    await ended;
    server = undefined;
  }

  const urlOf = (database: string) => `postgres://bot@127.0.0.1:${port}/${database}`;
  await run(
    join(bin, "initdb"),
    ["-D", data, "-U", "bot", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
    as,
  );
  await start();
  return {
    url: urlOf("postgres"),
    start,
    stop,
    async createDatabase(name) {
      await call("createdb", ["-h", "127.0.0.1", "-p", String(port), "-U", "bot", name]);
      return urlOf(name);
    },
    async remove() {
      await stop("immediate");
      await rm(directory, { recursive: true });
    },
  };
}

/** PostgreSQL refuses to run as root: then it is the user its package made. */
async function serverUser(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = await readFile("/etc/passwd", "utf8");
  const [, , uid, gid] =
    users
      .split("\n")
      .find((line) => line.startsWith("postgres:"))
      ?.split(":") ?? [];
  if (uid === undefined || gid === undefined) throw new Error("there is no user postgres to run it as");
  return { uid: Number(uid), gid: Number(gid) };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
