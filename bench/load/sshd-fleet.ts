import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { setPriority, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { openReplayHttpServer } from "../../test/replay-server/replay-http-server.ts";
import { freePort, makeKey } from "../../test/ssh/real-sshd.ts";

const SSHD = "/usr/sbin/sshd";
/** Hosts are other machines: here they get what the bot and the doubles leave. */
const NICENESS = 10;
/** Takes a script as a shell would, says that it is done, and runs nothing: 200 times forty looks would be what is measured. */
const STAND_IN = `#!/usr/bin/perl -n
$mark = $1 if /^M=([0-9a-f]+) /;
if (/^main; exit$/) { print "$mark end\\n"; exit }
`;

/** Real sshds on loopback, a port each, with the limits sshd has by default. */
export interface SshdFleet {
  /** A site that answers 502. */
  readonly url: string;
  /** How the config says where one is. */
  accessTo(index: number): object;
  /** What each logged so far. */
  logs(): readonly string[];
  stop(): Promise<void>;
}

export async function startSshdFleet(count: number): Promise<SshdFleet> {
  const directory = await mkdtemp(join(tmpdir(), "diagnose502-sshd-"));
  const hostKey = makeKey(join(directory, "host_key"));
  const identityFile = makeKey(join(directory, "id"));
  await writeFile(join(directory, "authorized_keys"), await readFile(`${identityFile}.pub`));
  const shell = join(directory, "stand-in");
  await writeFile(shell, STAND_IN, { mode: 0o755 });
  if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const web = await openReplayHttpServer({
    via: "public",
    at: "",
    status: 502,
    headers: {},
    bodyStart: "",
    phasesMs: { total: 0 },
  });
  const running: { readonly port: number; readonly child: ChildProcess; log: string }[] = [];
  for (let index = 0; index < count; index++) {
    const port = await freePort();
    const config = join(directory, `config-${index}`);
    await writeFile(config, configOf({ port, hostKey, directory, shell }));
    const child = spawn(SSHD, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
    if (child.pid !== undefined) setPriority(child.pid, NICENESS);
    const one = { port, child, log: "" };
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      one.log += text.replaceAll("\r", "");
    });
    running.push(one);
    while (!one.log.includes("Server listening")) await once(child.stderr, "data");
  }
  const fingerprint = await fingerprintOf(hostKey);
  return {
    url: `http://127.0.0.1:${web.port}/`,
    accessTo: (index) => ({
      address: "127.0.0.1",
      port: running[index]?.port,
      user: userInfo().username,
      hostKey: fingerprint,
      identityFile,
    }),
    logs: () => running.map(({ log }) => log),
    async stop() {
      await Promise.all(
        running.map(async ({ child }) => {
          const exited = once(child, "exit");
          child.kill("SIGTERM");
          await exited;
        }),
      );
      await web.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function configOf(given: {
  readonly port: number;
  readonly hostKey: string;
  readonly directory: string;
  readonly shell: string;
}): string {
  const { port, hostKey, directory, shell } = given;
  return [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${directory}/authorized_keys`,
    `ForceCommand ${shell}`,
    "MaxStartups 10:30:100",
    "MaxSessions 10",
    "LogLevel VERBOSE",
    "PidFile none",
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin yes",
    "UseDNS no",
    "",
  ].join("\n");
}

/** `256 SHA256:… comment (ED25519)`, as ssh-keygen prints it. */
async function fingerprintOf(keyFile: string): Promise<string> {
  const child = spawn("ssh-keygen", ["-lf", `${keyFile}.pub`], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout.setEncoding("utf8"), "data");
  return String(line).split(" ")[1] ?? "";
}
