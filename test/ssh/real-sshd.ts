import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";

const SSHD = "/usr/sbin/sshd";

/** Why a test against a real sshd is skipped here; false when it can run. */
export const withoutSshd: string | false = whyNoSshd();

function whyNoSshd(): string | false {
  const proven = "nothing was proven against a real SSH server";
  if (!existsSync(SSHD)) return `SKIPPED: no ${SSHD} on this machine, ${proven}`;
  // sshd runs what a login sends by the account's own shell
  const { shell, username } = userInfo();
  if (shell === null || /\/(nologin|false)$/.test(shell)) {
    return `SKIPPED: ${username} may not log in (${shell ?? "no shell"}), ${proven}`;
  }
  return false;
}

type SshAccess = Extract<HostAccess["how"], { kind: "ssh" }>;

/** A real sshd on loopback that lets us in as ourselves. */
export interface RealSshd {
  readonly directory: string;
  readonly port: number;
  /** Private key file that may log in. */
  readonly keyFile: string;
  readonly knownHostsFile: string;
  /** How to reach it; parts can be replaced. */
  access(parts?: Partial<SshAccess>): HostAccess;
  /** What it logged so far. */
  log(): string;
  /** Kills the server and the sessions it started. */
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

export function makeKey(path: string, ...options: string[]): string {
  execFileSync("ssh-keygen", [
    "-q",
    "-f",
    path,
    ...(options.length > 0 ? options : ["-t", "ed25519", "-N", ""]),
  ]);
  return path;
}

async function untilListening(child: ChildProcess, log: () => string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`sshd ended with ${code}: ${log()}`)));
    child.stderr?.on("data", () => {
      if (log().includes("Server listening")) resolve();
    });
  });
}

/** Starts one. `settings`: further lines of sshd_config; `setEnv` etc. go there. */
export async function startSshd(settings: readonly string[] = []): Promise<RealSshd> {
  const directory = mkdtempSync(join(tmpdir(), "d502-sshd-"));
  const hostKey = makeKey(join(directory, "host_key"));
  const keyFile = makeKey(join(directory, "id"));
  const port = await freePort();
  writeFileSync(join(directory, "authorized_keys"), readFileSync(`${keyFile}.pub`));
  const knownHostsFile = join(directory, "known_hosts");
  writeFileSync(knownHostsFile, `[127.0.0.1]:${port} ${readFileSync(`${hostKey}.pub`, "utf8")}`);
  const config = join(directory, "sshd_config");
  writeFileSync(
    config,
    [
      ...settings,
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      ...(settings.some((line) => line.startsWith("HostKey ")) ? [] : [`HostKey ${hostKey}`]),
      `AuthorizedKeysFile ${directory}/authorized_keys`,
      "PidFile none",
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "PermitRootLogin yes",
      "UseDNS no",
      "",
    ].join("\n"),
  );
  const root = userInfo().uid === 0;
  const madeRunDirectory = root && !existsSync("/run/sshd");
  if (madeRunDirectory) mkdirSync("/run/sshd", { mode: 0o755 });

  const child = spawn(SSHD, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
  let logged = "";
  child.stderr?.on("data", (chunk) => {
    logged += chunk;
  });
  await untilListening(child, () => logged);

  return {
    directory,
    port,
    keyFile,
    knownHostsFile,
    access: (parts = {}) => ({
      name: "real",
      how: {
        kind: "ssh",
        address: "127.0.0.1",
        port,
        user: userInfo().username,
        identityFiles: [keyFile],
        knownHostsFiles: [knownHostsFile],
        ...parts,
      },
    }),
    log: () => logged,
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(directory, { recursive: true, force: true });
      if (madeRunDirectory) rmSync("/run/sshd", { recursive: true, force: true });
    },
  };
}
