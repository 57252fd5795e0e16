import { OperatorError } from "../operator-error.ts";

/** Which host showed which key. */
export interface SeenKey {
  /** As the operator calls it, with address. */
  readonly host: string;
  /** As known_hosts calls it. */
  readonly knownName: string;
  readonly address: string;
  readonly port: number;
  readonly keyType: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
}

/** The keys that something vouches for, and what that is. */
export interface ExpectedKeys {
  /** `SHA256:…` each. */
  readonly fingerprints: readonly string[];
  readonly where: string;
  /** The known_hosts files that list them; none when the config does. */
  readonly files: readonly string[];
}

const TYPE_NAMES: Readonly<Record<string, string>> = { "ssh-ed25519": "ed25519", "ssh-rsa": "rsa" };

function typeName({ keyType }: SeenKey): string {
  return TYPE_NAMES[keyType] ?? "ecdsa";
}

function scanCommand(seen: SeenKey): string {
  return `ssh-keyscan -t ${typeName(seen)} -p ${seen.port} ${seen.address}`;
}

/** What prints the fingerprint on the host itself. */
function printCommand(seen: SeenKey): string {
  return `ssh-keygen -lf /etc/ssh/ssh_host_${typeName(seen)}_key.pub`;
}

/** A line that has to go, wherever it is: by default the command only knows ~/.ssh/known_hosts. */
function removeCommands(seen: SeenKey, files: readonly string[]): string {
  return files.map((file) => `ssh-keygen -R '${seen.knownName}' -f ${file}`).join(" and ");
}

/** A known_hosts file that is there and cannot be read: it may revoke the very key we are about to trust. */
export class KnownHostsFileError extends OperatorError {
  readonly code = "KNOWN_HOSTS_UNREADABLE";

  constructor(file: string, cause: unknown) {
    super(`${file}, which says which host keys to trust, cannot be read.`, {
      hint: "Correct its owner and mode, or name another file with --known-hosts.",
      cause,
    });
  }
}

/** Nothing vouches for the key the host showed. */
export class UnknownHostKeyError extends OperatorError {
  readonly code = "HOST_KEY_UNKNOWN";

  constructor(seen: SeenKey, files: readonly string[]) {
    const where = files.length > 0 ? files.join(", ") : "no known_hosts file";
    super(
      `${seen.host} showed the ${seen.keyType} key ${seen.fingerprint}; expected a key pinned in the config or listed in ${where}, and found none.`,
      {
        hint: `Compare the fingerprint on the host's console (${printCommand(seen)}). If it is the same: ${scanCommand(seen)} >> ${files[0] ?? "~/.ssh/known_hosts"}, or set hostKey: "${seen.fingerprint}" in the config.`,
      },
    );
  }
}

/** The host showed another key than the one we know. */
export class ChangedHostKeyError extends OperatorError {
  readonly code = "HOST_KEY_CHANGED";

  constructor(seen: SeenKey, expected: ExpectedKeys) {
    const mend =
      expected.files.length === 0
        ? "correct hostKey in the config"
        : `${removeCommands(seen, expected.files)}, then ${scanCommand(seen)} >> ${expected.files[0]}`;
    super(
      `${seen.host} showed the ${seen.keyType} key ${seen.fingerprint}, expected ${expected.fingerprints.join(" or ")} (${expected.where}).`,
      {
        hint: `If the host was rebuilt: compare the fingerprint on its console (${printCommand(seen)}); if it is the same, ${mend}. If not, stop: somebody may be answering in its place.`,
      },
    );
  }
}

/** The key the host showed is marked as stolen or retired. */
export class RevokedHostKeyError extends OperatorError {
  readonly code = "HOST_KEY_REVOKED";

  constructor(seen: SeenKey, where: string) {
    super(`${seen.host} showed the ${seen.keyType} key ${seen.fingerprint}, which is @revoked (${where}).`, {
      hint: "Do not connect. Somebody may hold a stolen key: give the host a new key (ssh-keygen -A after removing the old one) before it is trusted again.",
    });
  }
}

/** The pin of the config and known_hosts name different keys. */
export class ContradictingHostKeyError extends OperatorError {
  readonly code = "HOST_KEY_CONTRADICTION";

  constructor(seen: SeenKey, pin: string, known: ExpectedKeys) {
    super(
      `${seen.host}: the config pins ${pin}, but ${known.where} lists ${known.fingerprints.join(" or ")}; the host showed ${seen.fingerprint}.`,
      {
        hint: `Find out which of the two is right, then correct hostKey in the config or run ${removeCommands(seen, known.files)}.`,
      },
    );
  }
}

/** Only a certificate authority vouches for this host, and host certificates cannot be checked here. */
export class HostCertificateError extends OperatorError {
  readonly code = "HOST_CERTIFICATE_UNSUPPORTED";

  constructor(seen: SeenKey, where: string) {
    super(
      `${seen.host} is known by @cert-authority only (${where}), but host certificates are not supported; it showed the ${seen.keyType} key ${seen.fingerprint}.`,
      {
        hint: `Add the host's own key beside it: ${scanCommand(seen)}, or set hostKey: "${seen.fingerprint}" in the config.`,
      },
    );
  }
}
