import { serviceRefOf } from "../approval/service-ref.ts";
import type { Config, HostConfig, SiteConfig } from "../config/config.ts";
import { nearestName } from "../config/nearest-name.ts";
import { parseHostSpec } from "../intake/parse-host-spec.ts";
import { UsageError } from "../intake/usage-error.ts";
import { WINDOW_SECONDS } from "../plan/make-plan.ts";
import type { Playbook } from "../playbook/playbook.ts";
import { listLookPatterns, makeScriptFrame } from "../remediate/harden/look-patterns.ts";
import { makeHardening } from "../remediate/harden/make-hardening.ts";
import { makeSudoers } from "../remediate/harden/make-sudoers.ts";
import { makeWrapper } from "../remediate/harden/make-wrapper.ts";
import { parseServiceWord } from "../remediate/harden/parse-service-word.ts";
import type { HelpedService } from "../remediate/harden/restart-helper.ts";
import { listRootLooks } from "../remediate/harden/root-looks.ts";
import { EXIT } from "./exit-status.ts";
import type { HardenOptions } from "./harden-options.ts";
import type { Output } from "./output.ts";

interface HardenedHost {
  readonly name: string;
  readonly user: string | undefined;
  readonly services: readonly HelpedService[];
}

/**
 * Prints a script for each host, and installs nothing. Gives the exit status.
 * @throws {UsageError} @throws {NeverRestartedError} @throws {ServiceNameError}
 */
export async function runHardenCommand(
  options: HardenOptions,
  edges: {
    readonly loadConfig: (file: string | undefined) => Promise<Config | undefined>;
    readonly playbooks: readonly Playbook[];
    /** What is wrong with a sudoers file; undefined when nothing is, or nobody here can say. */
    readonly checkSudoers: (text: string) => Promise<string | undefined>;
    /** What the bot asks sshd to start. */
    readonly startCommand: string;
    readonly readPublicKey: (file: string) => Promise<string>;
    readonly stdout: Output;
    readonly stderr: Output;
  },
): Promise<number> {
  const { playbooks, checkSudoers, startCommand, stdout, stderr } = edges;
  const config = await edges.loadConfig(options.config);
  const looks = listRootLooks(playbooks);
  const publicKey =
    options.publicKey === undefined ? undefined : await edges.readPublicKey(options.publicKey);
  const wrapper = options.locked
    ? makeWrapper({
        frame: makeScriptFrame(),
        patterns: listLookPatterns(playbooks, { windowSeconds: WINDOW_SECONDS }),
        startCommand,
      })
    : undefined;
  const asked = options.services.map((word): HelpedService => {
    return { service: parseServiceWord(word), mayResetBudget: false };
  });
  const hosts = options.words.flatMap((word) => findHosts(word, config));
  for (const { name, user = options.user, services } of distinct(hosts)) {
    if (user === undefined) {
      throw new UsageError(`${name} has no user in the config.`, {
        hint: "Name the bot's login there with --user.",
      });
    }
    const all = [...services, ...asked];
    const problem = await checkSudoers(makeSudoers(user, { looks, helper: all.length > 0 }));
    if (problem !== undefined) throw new TypeError(`visudo refuses our own file: ${problem}`);
    const { from } = options;
    stdout.write(
      makeHardening({
        host: name,
        user,
        services: all,
        looks,
        neverRestart: config?.neverRestart ?? [],
        ...(publicKey === undefined ? {} : { publicKey }),
        ...(from === undefined ? {} : { from }),
        ...(wrapper === undefined ? {} : { wrapper }),
      }),
    );
    if (all.length === 0) {
      stderr.write(`${name}: looks only. To allow a restart, name the service: --service shop.service\n`);
    }
  }
  return EXIT.fine;
}

function findHosts(word: string, config: Config | undefined): readonly HardenedHost[] {
  const site = config?.sites.find(({ name }) => name === word);
  if (site !== undefined) {
    return [...site.proxies, ...site.upstreams].map((host) => hostNamed(host, config));
  }
  if (config?.hosts.some(({ name }) => name === word) || word.includes("@")) return [hostNamed(word, config)];
  const names = [...(config?.hosts ?? []), ...(config?.sites ?? [])].map(({ name }) => name);
  const meant = nearestName(word, names);
  throw new UsageError(`${JSON.stringify(word)} is neither a host nor a site of the config.`, {
    hint: meant === undefined ? "Give user@host, or a name of diagnose502.yaml." : `Did you mean ${meant}?`,
  });
}

function hostNamed(word: string, config: Config | undefined): HardenedHost {
  const host: HostConfig | undefined = config?.hosts.find(({ name }) => name === word);
  const services = (config?.sites ?? []).flatMap((site) => servicesOn(word, site));
  if (host?.kind === "local") return { name: word, user: undefined, services };
  if (host !== undefined) return { name: word, user: host.user, services };
  const spec = parseHostSpec(word, { option: "harden" });
  return { name: spec.host, user: spec.user, services };
}

/** The site's service, on the hosts that run it. */
function servicesOn(host: string, site: SiteConfig): readonly HelpedService[] {
  const { service, proxies, upstreams, restart } = site;
  const runsHere = (upstreams.length > 0 ? upstreams : proxies).includes(host);
  if (service === undefined || !runsHere) return [];
  const ref = serviceRefOf(service);
  const isUnit = ref?.manager === "systemd";
  return ref === undefined ? [] : [{ service: ref, mayResetBudget: isUnit && restart.resetStartBudget }];
}

/** Each host once, with all that its sites ask for. */
function distinct(hosts: readonly HardenedHost[]): readonly HardenedHost[] {
  return [...new Map(hosts.map((host) => [host.name, host])).values()];
}
