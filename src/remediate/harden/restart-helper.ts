import type { ServiceRef } from "../../approval/intent.ts";
import { serviceWord } from "../service-word.ts";
import { HELPER_FUNCTIONS } from "./helper-functions.ts";

/** A service that the helper may restart. */
export interface HelpedService {
  readonly service: ServiceRef;
  /** It may reset the manager's used-up start counter first, when the intent says so. */
  readonly mayResetBudget: boolean;
}

/**
 * The root helper of one host, a POSIX sh script: restarts the services it names, each key at most once, and answers what became of a key.
 *
 *     restart SERVICE KEY EXPECTED [reset-budget]    SERVICE is as `serviceWord` has it, KEY 32 hex digits, EXPECTED what `check` said
 *     restart check SERVICE
 *     restart status SERVICE KEY                     takes a free key, so that a restart which arrives later finds it used
 *     restart forget SERVICE KEY
 *
 * @throws {ServiceNameError} for a name that could be read as more than a name.
 */
export function makeRestartHelper(
  services: readonly HelpedService[],
  options: {
    /** Markers are kept there; it must be gone after a reboot. */
    readonly directory?: string;
    readonly path?: string;
    readonly shell?: string;
  } = {},
): string {
  const {
    directory = "/run/diagnose502",
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    shell = "/bin/sh",
  } = options;
  const cases = services.map(({ service, mayResetBudget }) => `  ${caseOf(service, mayResetBudget)} ;;`);
  return `#!${shell}
# Restarts the services named below for diagnose502, at most once per key, and nothing else.
# Made by \`diagnose502 harden\`: to change it, make it anew. Owner root:root, mode 0755, in a directory of root's.
set -fu
umask 077
IFS=' 	
'
PATH=${path} LC_ALL=C
export PATH LC_ALL
D=${directory}

service() {
  may_reset=no user=
  case $1 in
${cases.join("\n")}
  *) deny "no such service here" ;;
  esac
}
${HELPER_FUNCTIONS}`;
}

function caseOf(service: ServiceRef, mayResetBudget: boolean): string {
  const word = serviceWord(service);
  const { manager } = service;
  switch (service.manager) {
    case "systemd":
      return `${word}) manager=${manager} name=${service.unit} may_reset=${mayResetBudget ? "yes" : "no"}`;
    case "docker":
      return `${word}) manager=${manager} name=${service.container}`;
    case "compose":
      return `${word}) manager=${manager} name=${service.service} project=${service.project}`;
    case "pm2":
      return `${word}) manager=${manager} name=${service.app} user=${service.user}`;
    case "supervisor":
      return `${word}) manager=${manager} name=${service.program}`;
  }
}
