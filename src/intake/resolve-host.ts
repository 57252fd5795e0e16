import { join } from "node:path";
import type { Config, HostConfig } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import type { Environment } from "../config/environment.ts";
import type { SshDirective } from "../config/parse-ssh-config.ts";
import { resolveSshHost, type SshHostSettings } from "../config/ssh-config.ts";
import type { HostAccess } from "./diagnosis-request.ts";
import { parseHostSpec } from "./parse-host-spec.ts";

/** Everything that decides how a host is reached. */
export interface HostContext {
  readonly config: Config | undefined;
  readonly sshConfig: readonly SshDirective[];
  readonly environment: Environment;
  /** Absolute, `--identity`: tried before all others, and for jump hosts that have none of their own. */
  readonly identity?: string;
  /** Absolute, `--known-hosts`: instead of all others. */
  readonly knownHosts?: string;
  readonly isFile: (path: string) => boolean;
  /** Called for every line of ssh_config that was left out. */
  readonly onNote: (note: string) => void;
}

type SshHostConfig = Extract<HostConfig, { kind: "ssh" }>;
type SshAccess = Extract<HostAccess["how"], { kind: "ssh" }>;

/** Keys the other OpenSSH defaults name need hardware, or are long gone. */
const DEFAULT_IDENTITIES = ["id_ed25519", "id_ecdsa", "id_rsa"];
const MAX_JUMPS = 8;

/**
 * A name under `hosts` of the config, an alias of ssh_config, or `user@host[:port]` → how to reach it. What the config
 * says wins over ssh_config, which wins over the defaults of OpenSSH.
 * @throws {UsageError} when `reference`, typed after `option`, is none of these.
 * @throws {ConfigError} for what ssh_config asks and we cannot do, jumps in a circle, or a key file that is not there.
 */
export function resolveHost(
  reference: string,
  context: HostContext,
  options: { readonly option: string },
): HostAccess {
  return resolve(reference, { context, option: options.option, passed: [] });
}

interface Way {
  readonly context: HostContext;
  readonly option: string;
  /** The hosts that jump through this one, the target first. */
  readonly passed: readonly string[];
  /** The hop before this one, when a chain of jumps decides it. */
  readonly jump?: HostAccess;
}

function resolve(reference: string, way: Way): HostAccess {
  const configured = way.context.config?.hosts.find(({ name }) => name === reference);
  if (configured?.kind === "local") return { name: configured.name, how: { kind: "local" } };
  if (configured) return resolveConfigured(configured, way);
  const { host, ...spec } = parseHostSpec(reference, { option: way.option });
  const name = spec.port === undefined ? host : `${host.includes(":") ? `[${host}]` : host}:${spec.port}`;
  return resolveConfigured({ kind: "ssh", name, address: host, ...spec, identityFiles: [] }, way);
}

function resolveConfigured(host: SshHostConfig, way: Way): HostAccess {
  const { context } = way;
  const { name, address, user, port, hostKey, passphrase } = host;
  const settings = resolveSshHost(context.sshConfig, {
    host: address,
    environment: context.environment,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
  });
  for (const note of settings.notes) context.onNote(note);
  const { agentSocket, hostKeyAlias } = settings;
  const jump = way.jump ?? resolveJump(host, settings, way);
  const how: SshAccess = {
    kind: "ssh",
    address: settings.hostName,
    port: settings.port,
    user: settings.user,
    identityFiles: chooseIdentities(host, settings, way),
    ...(settings.identitiesOnly ? { identitiesOnly: true } : {}),
    ...(agentSocket === undefined ? {} : { agentSocket }),
    ...(hostKey === undefined ? {} : { hostKey }),
    knownHostsFiles: context.knownHosts === undefined ? settings.knownHostsFiles : [context.knownHosts],
    ...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(jump === undefined ? {} : { jump }),
  };
  return { name, how };
}

/** The last hop of the chain, each reached through the one before it; the first by its own jump, if it has one. */
function resolveJump(host: SshHostConfig, settings: SshHostSettings, way: Way): HostAccess | undefined {
  if (host.jump === "none") return undefined;
  if (host.jump === undefined && settings.proxyCommandAt !== undefined) {
    throw new ConfigError(`${settings.proxyCommandAt}: ProxyCommand of ${host.name} is not supported.`, {
      hint: `Use ProxyJump there, or set "jump" of this host in diagnose502.yaml ("none" to connect directly).`,
    });
  }
  const hops = host.jump === undefined ? settings.proxyJump : [host.jump];
  const passed = [...way.passed, host.name];
  if (hops.length > 0 && passed.length > MAX_JUMPS) {
    throw new ConfigError(
      `The way to ${passed[0]} jumps in a circle: ${passed.slice(0, 4).join(" → ")} → …`,
      {
        hint: "Give the jump host itself `ProxyJump none` in ~/.ssh/config, above the line that matches all hosts.",
      },
    );
  }
  let last: HostAccess | undefined;
  for (const hop of hops) {
    last = resolve(hop, {
      context: way.context,
      option: `jump host of ${host.name}:`,
      passed,
      ...(last === undefined ? {} : { jump: last }),
    });
  }
  return last;
}

function chooseIdentities(host: SshHostConfig, settings: SshHostSettings, way: Way): readonly string[] {
  const { context } = way;
  const { identity, environment, isFile } = context;
  const isKey = (file: string) => isFile(file) || isFile(`${file}.pub`);
  for (const file of host.identityFiles) {
    if (isKey(file)) continue;
    throw new ConfigError(`hosts.${host.name}.identityFile: ${file} does not exist or cannot be seen.`, {
      hint: `Correct it in ${context.config?.file ?? "diagnose502.yaml"}.`,
    });
  }
  // Like ssh: files that ssh_config names and that are not there are passed over; with the public half alone, the agent has the other.
  const own = host.identityFiles.length > 0 ? host.identityFiles : settings.identityFiles.filter(isKey);
  if (identity !== undefined && way.passed.length === 0) return [...new Set([identity, ...own])];
  if (own.length > 0) return own;
  if (identity !== undefined) return [identity];
  return DEFAULT_IDENTITIES.map((file) => join(environment.home, ".ssh", file)).filter(isFile);
}
