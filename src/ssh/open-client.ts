import type { AnyAuthMethod, Client, ParsedKey } from "ssh2";
import type { ConnectFailure } from "../collect/shell.ts";
import { readTrustedBytes } from "../config/read-trusted-file.ts";
import type { HostAccess } from "../intake/diagnosis-request.ts";
import { OperatorError } from "../operator-error.ts";
import { createLimitedAgent } from "./agent.ts";
import type { Countdown } from "./countdown.ts";
import { dial } from "./dial.ts";
import { forward } from "./forward.ts";
import { KnownHostsFileError } from "./host-key-errors.ts";
import { type HostKeyPolicy, makeHostKeyPolicy } from "./host-key-policy.ts";
import { knownHostsName, parseKnownHosts } from "./known-hosts.ts";
import { type LoadKey, loadPublicKeys, UnusableKeyError } from "./load-key.ts";
import { login } from "./login.ts";
import type { LoginPace } from "./login-pace.ts";

export type SshAccess = Extract<HostAccess["how"], { kind: "ssh" }>;

/** A client that is logged in, and every client it goes through. */
export type OpenedClient =
  | {
      readonly ok: true;
      readonly client: Client;
      readonly rttMs: number;
      /** `SHA256:…` of the key it presented, which was judged to be the host's. */
      readonly hostKey: string;
      close(): void;
    }
  | { readonly ok: false; readonly failure: ConnectFailure };

/** OpenSSH servers hang up after six refused keys (`MaxAuthTries`). */
const MAX_KEYS = 6;
/** A line a host, three for each: a hundred thousand of them. */
const MAX_KNOWN_HOSTS_BYTES = 16 * 1024 * 1024;

/** What there is to log in with: keys from files, and the agent for the rest. */
interface Credentials {
  readonly keys: readonly ParsedKey[];
  readonly agent?: {
    readonly socket: string;
    /** Public key blobs; no other key of the agent is offered (`IdentitiesOnly`). */
    readonly only?: readonly Buffer[];
  };
}

async function loadCredentials(how: SshAccess, loadKey: LoadKey): Promise<Credentials> {
  const keys: ParsedKey[] = [];
  let problem: unknown;
  for (const path of how.identityFiles) {
    try {
      keys.push(await loadKey(path, how.passphrase));
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      problem ??= error;
    }
  }
  const agent = await chooseAgent(how);
  // the agent may well hold the key whose file we cannot open
  if (problem !== undefined && keys.length === 0 && agent === undefined) throw problem;
  if (keys.length === 0 && agent === undefined) {
    throw new UnusableKeyError(`There is no key to log in with as ${how.user}@${how.address}.`, {
      hint: "Name one with -i or identityFile, or start an agent (ssh-add) so that SSH_AUTH_SOCK is set.",
    });
  }
  return { keys: keys.slice(0, MAX_KEYS), ...(agent === undefined ? {} : { agent }) };
}

/** With `IdentitiesOnly` the agent may sign with the configured keys only; where it has none of them it is not asked. */
async function chooseAgent(how: SshAccess): Promise<Credentials["agent"]> {
  const { agentSocket: socket, identitiesOnly, identityFiles } = how;
  if (socket === undefined) return undefined;
  if (identitiesOnly !== true) return { socket };
  const only = await loadPublicKeys(identityFiles);
  return only.length === 0 ? undefined : { socket, only };
}

async function readKnownHosts(file: string): Promise<string> {
  // how ssh_config says "none"
  if (file === "/dev/null") return "";
  try {
    // comments may be of any encoding
    return (await readTrustedBytes(file, { maxBytes: MAX_KNOWN_HOSTS_BYTES })).toString("utf8");
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw new KnownHostsFileError(file, error);
  }
}

async function loadPolicy(host: string, how: SshAccess): Promise<HostKeyPolicy> {
  const texts = await Promise.all(
    how.knownHostsFiles.map(async (file) => ({
      file,
      text: await readKnownHosts(file),
    })),
  );
  return makeHostKeyPolicy({
    host: nameWithAddress(host, how),
    address: how.address,
    port: how.port,
    knownName: knownHostsName(
      how.hostKeyAlias ?? how.address,
      how.hostKeyAlias === undefined ? how.port : 22,
    ),
    lines: texts.flatMap(({ file, text }) => parseKnownHosts(text, file)),
    files: how.knownHostsFiles,
    ...(how.hostKey === undefined ? {} : { pin: how.hostKey }),
  });
}

function placeOf({ address, port }: SshAccess): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What people call the host, and where that leads when the name does not say so. */
function nameWithAddress(name: string, how: SshAccess): string {
  const { address, port } = how;
  const place = placeOf(how);
  return name === place || (name === address && port === 22) ? name : `${name} (${place})`;
}

function methodsOf(how: SshAccess, { keys, agent }: Credentials): AnyAuthMethod[] {
  const username = how.user;
  const ofKeys = keys.map((key): AnyAuthMethod => ({ type: "publickey", username, key }));
  if (agent === undefined || ofKeys.length >= MAX_KEYS) return ofKeys;
  const { socket, ...limits } = agent;
  const limited = createLimitedAgent(socket, { ...limits, without: keys, maxKeys: MAX_KEYS - ofKeys.length });
  return [...ofKeys, { type: "agent", username, agent: limited }];
}

/**
 * Connects and logs in, through the jump host where there is one; both show a host key that is checked.
 * @throws {OperatorError} on a host key that is not the host's, or a key of ours that cannot be used.
 */
export async function openClient(
  name: string,
  how: SshAccess,
  options: { readonly loadKey: LoadKey; readonly countdown: Countdown; readonly pace: LoginPace },
): Promise<OpenedClient> {
  const { loadKey, countdown, pace } = options;
  const { signal } = countdown;
  const where = `${how.user}@${placeOf(how)}`;
  const [credentials, policy] = await Promise.all([loadCredentials(how, loadKey), loadPolicy(name, how)]);
  const { user } = how;
  const { keys } = credentials;
  const parts = { user, policy, keys, methods: methodsOf(how, credentials), where, countdown, pace };

  if (how.jump === undefined || how.jump.how.kind !== "ssh") {
    const dialled = await dial(how.address, how.port, { where, signal });
    if (!dialled.ok) return dialled;
    const session = await login(dialled.socket, parts);
    if (!session.ok) return session;
    const { client, hostKey } = session;
    return { ok: true, client, hostKey, rttMs: dialled.rttMs, close: () => client.destroy() };
  }

  const jump = await openClient(how.jump.name, how.jump.how, options);
  if (!jump.ok) {
    const { failure } = jump;
    return { ok: false, failure: { ...failure, reason: `jump host ${how.jump.name}: ${failure.reason}` } };
  }
  let opened = false;
  try {
    const forwarded = await forward(jump.client, how.address, how.port, { where, signal });
    if (!forwarded.ok) return forwarded;
    const session = await login(forwarded.stream, parts);
    if (!session.ok) return session;
    opened = true;
    const close = () => {
      session.client.destroy();
      jump.close();
    };
    return { ok: true, client: session.client, hostKey: session.hostKey, rttMs: forwarded.rttMs, close };
  } finally {
    if (!opened) jump.close();
  }
}
