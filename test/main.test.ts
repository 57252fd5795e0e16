import assert from "node:assert/strict";
import { type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, open, rename, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { makeSshKey } from "./fakes/ssh-key.ts";

const MAIN = join(import.meta.dirname, "../src/main.ts");

/** Prints the name of every module that is resolved, on stderr. */
const LIST_IMPORTS = `data:text/javascript,${encodeURIComponent(`
import { registerHooks } from "node:module";
import { writeSync } from "node:fs";
registerHooks({ resolve(name, context, next) { writeSync(2, "import " + name + "\\n"); return next(name, context); } });
`)}`;

async function run(
  args: readonly string[],
  {
    node = [],
    env = process.env,
  }: { readonly node?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
) {
  const child = spawn(process.execPath, [...node, MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"], env });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { status, stdout, stderr };
}

test("help and wrong usage load no package at all, so that they answer at once", async (t) => {
  const quick = [
    ["--help"],
    ["diagnose", "--help"],
    ["--version"],
    ["daignose"],
    ["diagnose", "--porxy"],
    ["replay"],
  ];
  for (const args of quick) {
    await t.test(args.join(" "), async () => {
      const { stderr } = await run(args, { node: ["--import", LIST_IMPORTS] });
      const names = stderr.split("\n").flatMap((line) => (line.startsWith("import ") ? [line.slice(7)] : []));
      assert.ok(names.includes("./cli/run-command-line.ts"), "imports are listed");
      assert.deepEqual(
        names.filter(
          (name) => !name.startsWith(".") && !name.startsWith("node:") && !name.startsWith("file:"),
        ),
        [],
      );
    });
  }
});

test("wrong usage says what was seen and what to do, on stderr, with status 64", async () => {
  assert.deepEqual(await run(["diagnose", "shop", "--porxy", "edge-1"]), {
    status: 64,
    stdout: "",
    stderr: "diagnose502: diagnose has no option --porxy.\n  Did you mean --proxy?\n",
  });
});

test("a folder that is no recording is wrong usage", async () => {
  const { status, stdout, stderr } = await run(["replay", import.meta.dirname]);
  assert.equal(status, 64);
  assert.equal(stdout, "");
  assert.match(
    stderr,
    /is not a recorded incident: incident\.json cannot be read \(ENOENT\)\.\n {2}Give a folder/,
  );
});

test("a config that does not exist is wrong configuration, status 78", async () => {
  const { status, stderr } = await run(["diagnose", "shop", "--config", "/nonexistent/diagnose502.yaml"]);
  assert.equal(status, 78);
  assert.match(stderr, /does not exist/);
});

describe("on a disk without room", { skip: !existsSync("/dev/full") && "no /dev/full" }, () => {
  const healthy = join(import.meta.dirname, "incidents/healthy--nginx-fpm-socket");

  /** Runs with one of its outputs on such a disk. Gives what the other one got. */
  async function runFull(args: readonly string[], { full }: { readonly full: "stdout" | "stderr" }) {
    const file = await open("/dev/full", "w");
    const stdio = full === "stdout" ? ["ignore", file.fd, "pipe"] : ["ignore", "pipe", file.fd];
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: stdio as StdioOptions });
    const closed = once(child, "close");
    const other = child.stdout ?? child.stderr;
    assert.ok(other);
    const said = await text(other);
    const [status] = await closed;
    await file.close();
    return { status, said };
  }

  test("an answer that cannot be written is never told as a fault or a changed log", async () => {
    const { status, said } = await runFull(["replay", healthy], { full: "stdout" });
    assert.equal(status, 74);
    assert.match(said, /^diagnose502: The answer cannot be written: ENOSPC[^\n]*\n$/);
  });

  test("a log that cannot be written takes no answer with it", async () => {
    const { status, said } = await runFull(["playbook", "check", "/nonexistent.yaml"], { full: "stderr" });
    assert.equal(status, 78);
    assert.match(said, /0 of 1 playbooks are correct/);
    assert.equal((await runFull(["daignose"], { full: "stderr" })).status, 64);
  });
});

test("a database that is not there yet ends the start with 75, so that it is tried again", async () => {
  const env = { ...process.env, DATABASE_URL: "postgres://bot@127.0.0.1:1/bot" };
  const { status, stderr } = await run(["start"], { env });
  assert.equal(status, 75);
  assert.match(stderr, /database cannot be opened: connect ECONNREFUSED/);
});

test("playbooks of one's own are read, and may not take the place of the product's", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "diagnose502-playbooks-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const incident = join(import.meta.dirname, "incidents/healthy--nginx-fpm-socket");
  const file = join(directory, "mine.yaml");
  await writeFile(file, "title: Mine\nrole: upstream\ndetect: { comms: [mined] }\n", { mode: 0o644 });
  assert.equal((await run(["replay", incident, "--playbooks", directory])).status, 0);
  await writeFile(file, "tilte: Mine\n");
  const wrong = await run(["replay", incident, "--playbooks", directory]);
  assert.equal(wrong.status, 78);
  assert.match(wrong.stderr, /mine\.yaml:1:1: unknown key "tilte" \(did you mean "title"\?\)/);
  await rename(file, join(directory, "nginx.yaml"));
  await writeFile(join(directory, "nginx.yaml"), "title: Mine\nrole: upstream\n");
  const taken = await run(["replay", incident, "--playbooks", directory]);
  assert.equal(taken.status, 78);
  assert.match(taken.stderr, /a playbook named nginx exists already/);
});

test("the version is the one of the package", async () => {
  const { status, stdout } = await run(["--version"]);
  assert.equal(status, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test("Ctrl-C stops a diagnosis that waits, and nothing is left running", async (t) => {
  const sockets = new Set<Socket>();
  // says nothing, like a host behind a firewall that lets connections through
  const silent = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    // only a socket that is read from notices that the other side is gone
    socket.resume();
  });
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const folder = await mkdtemp(join(tmpdir(), "diagnose502-main-"));
  t.after(async () => {
    silent.close();
    await rm(folder, { recursive: true });
  });
  const key = join(folder, "key");
  await writeFile(key, makeSshKey().private, { mode: 0o600 });

  const { port } = silent.address() as AddressInfo;
  const host = `ops@127.0.0.1:${port}`;
  const args = ["diagnose", `http://127.0.0.1:${port}/`, "--proxy", host, "-i", key, "--verbose"];
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, HOME: folder },
  });
  const closed = once(child, "close");
  const stdout = text(child.stdout);
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
    if (chunk.includes("connecting")) child.kill("SIGINT");
  });
  const [status] = await closed;
  assert.equal(status, 130);
  assert.equal(await stdout, "");
  assert.match(stderr, /diagnose502: stopped; nothing is left running\.\n$/);
  for (const socket of sockets) await once(socket, "close");
});

test("a reader who closes the pipe early is no error", async () => {
  const child = spawn(process.execPath, [MAIN, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  const [stderr, [status, signal]] = await Promise.all([text(child.stderr), once(child, "close")]);
  assert.deepEqual({ status, signal, stderr }, { status: 0, signal: null, stderr: "" });
});
