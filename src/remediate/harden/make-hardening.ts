import { dirname } from "node:path/posix";
import { OperatorError } from "../../operator-error.ts";
import { HELPER_PATH } from "../restart-words.ts";
import { ServiceNameError, serviceWord } from "../service-word.ts";
import { whyNeverRestarted } from "../why-never-restarted.ts";
import { makeSudoers } from "./make-sudoers.ts";
import { WRAPPER_PATH } from "./make-wrapper.ts";
import { type HelpedService, makeRestartHelper } from "./restart-helper.ts";
import type { RootLook } from "./root-looks.ts";

/** A service was named that this bot never restarts. */
class NeverRestartedError extends OperatorError {
  readonly code = "NEVER_RESTARTED";

  constructor(service: string, why: string) {
    super(`${service} is never restarted: it is ${why}.`, {
      hint: "Name the application's own service. Nothing in the config lifts this.",
    });
  }
}

/** One host, and what the bot is to be allowed there. */
export interface Hardening {
  readonly host: string;
  /** The bot's own login there. */
  readonly user: string;
  readonly services: readonly HelpedService[];
  readonly looks: readonly RootLook[];
  /** The line of the bot's public key; absent: a place to fill in. */
  readonly publicKey?: string;
  /** Addresses the bot comes from, for `from="…"`. */
  readonly from?: string;
  readonly neverRestart: readonly string[];
  /** The forced command, where the key is to start nothing else. */
  readonly wrapper?: string;
}

const SUDOERS_PATH = "/etc/sudoers.d/diagnose502";
const END = "END_OF_DIAGNOSE502_FILE";

/**
 * A shell script for root of that host that installs exactly what the bot needs, to be read before it is run: group memberships,
 * the helper, the sudoers file, and the line for authorized_keys as a comment. The sudoers file is checked before anything is
 * changed, and takes effect last: a script that stops earlier has given no right.
 * @throws {NeverRestartedError} @throws {ServiceNameError} for a name that is no plain name, or the login root.
 */
export function makeHardening(hardening: Hardening): string {
  const { host, user, services, looks, publicKey, from, wrapper } = hardening;
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(user) || user === "root") {
    throw new ServiceNameError("login", user, "an unprivileged login of the bot's own");
  }
  for (const { service } of services) {
    const word = serviceWord(service);
    const why = whyNeverRestarted(service, hardening.neverRestart);
    if (why !== undefined) throw new NeverRestartedError(word, why);
  }
  const helper = services.length > 0;
  const key = publicKey ?? "ssh-ed25519 … (the bot's public key)";
  const origin = from === undefined ? "" : `,from="${from}"`;
  const forced = wrapper === undefined ? "" : `,command="${WRAPPER_PATH}"`;
  return `#!/bin/sh
# What diagnose502 may do on ${host}, as ${user}. Read it, then run it as root on ${host}; to change it, make it anew.
# It may look, and restart: ${helper ? services.map(({ service }) => serviceWord(service)).join(", ") : "nothing"}.
set -eu
trap 'rm -f ${SUDOERS_PATH}.new ${SUDOERS_PATH}.tty; echo "Stopped: what sudo allows is as it was." >&2' EXIT
id ${user} >/dev/null

# What ${user} may do as root: word for word, no patterns; checked first, in effect last.
cat >${SUDOERS_PATH}.new <<'${END}'
${makeSudoers(user, { looks, helper })}${END}
# Where sudo may ask for a terminal, it is not to; sudo-rs never does, and refuses the setting.
echo 'Defaults:${user} !requiretty' >${SUDOERS_PATH}.tty
if visudo -cf ${SUDOERS_PATH}.tty >/dev/null 2>&1; then cat ${SUDOERS_PATH}.tty >>${SUDOERS_PATH}.new; fi
rm ${SUDOERS_PATH}.tty
chmod 0440 ${SUDOERS_PATH}.new
visudo -cf ${SUDOERS_PATH}.new >/dev/null

# Logs and the journal are read by groups, without root.
for group in adm systemd-journal; do
  case " $(id -nG ${user}) " in *" $group "*) continue ;; esac
  getent group $group >/dev/null || continue
  if command -v usermod >/dev/null; then usermod -aG $group ${user}; else addgroup ${user} $group; fi
done
${helper ? install("Restarts the services above, each at most once per approval.", HELPER_PATH, makeRestartHelper(services)) : ""}${wrapper === undefined ? "" : install("All that the bot's key may start.", WRAPPER_PATH, wrapper)}
# Now sudo allows it.
mv ${SUDOERS_PATH}.new ${SUDOERS_PATH}
trap - EXIT

# In ~${user}/.ssh/authorized_keys, instead of the plain key: no terminal, no forwarding${wrapper === undefined ? "" : ", no other command"}.
# restrict${origin}${forced} ${key}
`;
}

function install(what: string, path: string, text: string): string {
  return `
# ${what}
install -d -o root -g root -m 0755 ${dirname(path)}
cat >${path}.new <<'${END}'
${text}${END}
chown root:root ${path}.new
chmod 0755 ${path}.new
mv ${path}.new ${path}
`;
}
