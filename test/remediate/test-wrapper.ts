import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFrameScript } from "../../src/collect/frame-script.ts";
import { makeLook } from "../../src/plan/make-look.ts";
import { WINDOW_SECONDS } from "../../src/plan/make-plan.ts";
import type { Look } from "../../src/plan/plan.ts";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import { DOMAINS } from "../../src/playbook/playbook.ts";
import { listLookPatterns, makeScriptFrame } from "../../src/remediate/harden/look-patterns.ts";
import { makeWrapper } from "../../src/remediate/harden/make-wrapper.ts";
import { lookOf } from "../../src/remediate/manager.ts";
import { identityWords } from "../../src/remediate/read-identity.ts";
import { ASK_BOUNDS, HELPER_PATH, RESTART_BOUNDS } from "../../src/remediate/restart-words.ts";
import { makeUnitLooks } from "../../src/remediate/systemd/read-systemd.ts";
import { START_COMMAND } from "../../src/ssh/start-command.ts";

const MARK = "0123456789abcdef0123456789abcdef";
const playbooks = await loadPlaybooks([
  { path: join(import.meta.dirname, "../../playbooks"), origin: "shipped" },
]);

/** Writes the wrapper of a locked host into that directory: what it would run it only prints. */
export function writeTestWrapper(directory: string): string {
  const text = makeWrapper({
    frame: makeScriptFrame(),
    patterns: listLookPatterns(playbooks, { windowSeconds: WINDOW_SECONDS }),
    startCommand: START_COMMAND,
  }).replaceAll(/^.*exec (?:nice -n 10 )?sh -c "\$text"$/gm, 'printf %s "$text"; exit 0');
  const path = join(directory, "run");
  writeFileSync(path, text.replace("logger ", ": "));
  chmodSync(path, 0o755);
  return path;
}

/** What the bot sends for these looks. */
export function scriptOf(looks: readonly Look[]): string {
  return makeFrameScript(looks, { mark: MARK, limitSeconds: 21 });
}

/** Values as they are in the field, by the name of their parameter. */
export const VALUES: Readonly<Record<string, string>> = {
  unit: "shop@1.service",
  path: "/var/log/shop/error.log",
  ip: "2001:db8::5",
  port: "3000",
  sni: "app.internal",
  name: "app.internal",
  scheme: "https",
  authority: "shop.example.com:8443",
  socket: "/run/shop/app.sock",
  pid: "4711",
};

/** Every look there is, with these values. */
export function everyLook(values = VALUES, { unit = "shop.service", key = MARK } = {}): readonly Look[] {
  return [
    ...playbooks.flatMap(({ id, probes }) =>
      Object.entries(probes).map(([name, probe]): Look => {
        const params = Object.fromEntries(DOMAINS[probe.each].map((param) => [param, values[param] ?? ""]));
        return { ...makeLook(`${id}.${name}`, probe, { params, windowSeconds: WINDOW_SECONDS }), id: name };
      }),
    ),
    ...makeUnitLooks(unit),
    lookOf("restart", ["sudo", "-n", HELPER_PATH, unit, key, key], RESTART_BOUNDS),
    lookOf("restart", [HELPER_PATH, unit, key, key, "reset-budget"], RESTART_BOUNDS),
    lookOf("status", ["sudo", "-n", HELPER_PATH, "status", unit, key], ASK_BOUNDS),
    lookOf("forget", [HELPER_PATH, "forget", unit, key]),
    lookOf("now", identityWords(unit)),
  ];
}
