import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ServiceRef } from "../../../src/approval/intent.ts";
import { OperatorError } from "../../../src/operator-error.ts";
import { type Hardening, makeHardening } from "../../../src/remediate/harden/make-hardening.ts";
import { makeSudoers } from "../../../src/remediate/harden/make-sudoers.ts";
import { makeRestartHelper } from "../../../src/remediate/harden/restart-helper.ts";
import { ServiceNameError } from "../../../src/remediate/service-word.ts";

const SHOP = { service: { manager: "systemd", unit: "shop.service" }, mayResetBudget: false } as const;
const JOBS = { service: { manager: "pm2", user: "deploy", app: "jobs" }, mayResetBudget: false } as const;
const LOOKS_ONLY: Hardening = {
  host: "app-1",
  user: "diag",
  services: [],
  looks: [["nginx", "-T"]],
  neverRestart: ["precious.service"],
};
const WRAPPER = "#!/bin/sh\n# all that the key may start\n";

/** Programs that change a host only write down how they were called; `install` makes the directory, too. */
const PROGRAMS: Readonly<Record<string, string>> = {
  id: '[ ! -e no-login ] || { echo "id: no such user" >&2; exit 1; }; echo "diag $(cat groups 2>/dev/null)"',
  getent: '[ "$2" != "$(cat without 2>/dev/null)" ]',
  usermod: "[ ! -e bad-groups ]",
  addgroup: "",
  install: 'for last; do :; done; mkdir -p "$last"',
  chown: "[ ! -e bad-owner ]",
  // sudo-rs ends at a setting it does not know
  visudo: `if [ -e bad-sudoers ] && [ "\${2%.new}" != "$2" ] || [ -e sudo-rs ] && grep -q requiretty "$2"; then echo "$2: syntax error" >&2; exit 1; fi; echo OK`,
};

interface Installed {
  readonly exitCode: number | null;
  /** What it said. */
  readonly output: string;
  /** How those programs were called, a line each. */
  readonly calls: readonly string[];
  /** Each file that is there, by its path: mode and text. */
  readonly files: Readonly<Record<string, readonly [mode: string, text: string]>>;
}

/** Runs the script where `/usr/local/lib` and `/etc` are below a directory of the test's. `given`: files that were there before. */
function install(
  hardening: Hardening,
  given: Readonly<Record<string, string>> = {},
  { without = "" } = {},
): Installed {
  const directory = mkdtempSync(join(tmpdir(), "d502-harden-"));
  try {
    mkdirSync(join(directory, "etc/sudoers.d"), { recursive: true });
    mkdirSync(join(directory, "bin"));
    for (const [name, does] of Object.entries(PROGRAMS)) {
      if (name === without) continue;
      const path = join(directory, "bin", name);
      writeFileSync(path, `#!/bin/sh\ncd ${directory}\necho "${name} $*" >>calls\n${does}\n`);
      chmodSync(path, 0o755);
    }
    for (const [name, text] of Object.entries(given)) writeFileSync(join(directory, name), text);
    const place = (text: string) => text.replaceAll(/(?<= |>)\/(etc|usr\/local\/lib)\//g, `${directory}/$1/`);
    for (const name of ["cat", "chmod", "grep", "mkdir", "mv", "rm", "sh"]) {
      symlinkSync(`/bin/${name}`, join(directory, "bin", name));
    }
    const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", place(makeHardening(hardening))], {
      env: { PATH: `${directory}/bin` },
      encoding: "utf8",
    });
    const read = (name: string) => readFileSync(join(directory, name), "utf8").replaceAll(directory, "");
    const folders = ["usr/local/lib/diagnose502", "etc/sudoers.d"].filter((one) =>
      existsSync(join(directory, one)),
    );
    const names = folders.flatMap((folder) =>
      readdirSync(join(directory, folder)).map((one) => `${folder}/${one}`),
    );
    const modeOf = (name: string) => (statSync(join(directory, name)).mode & 0o7777).toString(8);
    return {
      exitCode: status,
      output: `${stdout}${stderr}`.replaceAll(directory, ""),
      calls: read("calls").trimEnd().split("\n"),
      files: Object.fromEntries(names.map((name) => [`/${name}`, [modeOf(name), read(name)]])),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const SUDOERS = "/etc/sudoers.d/diagnose502";
const HELPER = "/usr/local/lib/diagnose502/restart";
const LOCK = "/usr/local/lib/diagnose502/run";
const NO_TERMINAL = "Defaults:diag !requiretty\n";
const CHECKED = ["id diag", `visudo -cf ${SUDOERS}.tty`, `visudo -cf ${SUDOERS}.new`];
const GROUPS = ["adm", "systemd-journal"].flatMap((group) => [
  "id -nG diag",
  `getent group ${group}`,
  `usermod -aG ${group} diag`,
]);
const calls = (path: string) => [
  "install -d -o root -g root -m 0755 /usr/local/lib/diagnose502",
  `chown root:root ${path}.new`,
];
const sudoers = (parts: { readonly helper: boolean }) =>
  ["440", `${makeSudoers("diag", { looks: LOOKS_ONLY.looks, ...parts })}${NO_TERMINAL}`] as const;

const INSTALLED: readonly (readonly [what: string, hardening: Hardening, installs: Installed])[] = [
  [
    "the rights to look, where nothing may be restarted",
    LOOKS_ONLY,
    {
      exitCode: 0,
      output: "",
      calls: [...CHECKED, ...GROUPS],
      files: { [SUDOERS]: sudoers({ helper: false }) },
    },
  ],
  [
    "the helper of these services, owned by root",
    { ...LOOKS_ONLY, services: [SHOP, JOBS] },
    {
      exitCode: 0,
      output: "",
      calls: [...CHECKED, ...GROUPS, ...calls(HELPER)],
      files: {
        [HELPER]: ["755", makeRestartHelper([SHOP, JOBS])],
        [SUDOERS]: sudoers({ helper: true }),
      },
    },
  ],
  [
    "the one thing that a locked key may start, owned by root",
    { ...LOOKS_ONLY, wrapper: WRAPPER },
    {
      exitCode: 0,
      output: "",
      calls: [...CHECKED, ...GROUPS, ...calls(LOCK)],
      files: {
        [LOCK]: ["755", WRAPPER],
        [SUDOERS]: sudoers({ helper: false }),
      },
    },
  ],
];

for (const [what, hardening, installs] of INSTALLED) {
  test(`the script installs ${what}`, () => {
    assert.deepEqual(install(hardening), installs);
  });
}

test("a group that a host does not have is left out, and one that the login is in is left alone", () => {
  const { exitCode, calls: called } = install(LOOKS_ONLY, { without: "adm" });
  assert.deepEqual([exitCode, called], [0, [...CHECKED, ...GROUPS.slice(0, 2), ...GROUPS.slice(3)]]);
  const { calls: again } = install(LOOKS_ONLY, { groups: "adm systemd-journal" });
  assert.deepEqual(again, [...CHECKED, "id -nG diag", "id -nG diag"]);
  const { calls: alike } = install(LOOKS_ONLY, { groups: "admins" });
  assert.deepEqual(alike, [...CHECKED, ...GROUPS]);
});

test("a host without usermod, as Alpine, has addgroup", () => {
  const { exitCode, calls: called } = install(LOOKS_ONLY, {}, { without: "usermod" });
  const groups = GROUPS.map((call) => call.replace(/^usermod -aG (\S+) diag$/, "addgroup diag $1"));
  assert.deepEqual([exitCode, called], [0, [...CHECKED, ...groups]]);
});

test("a sudo that knows nothing of terminals gets the same rights without a word of them", () => {
  const { exitCode, output, files } = install(LOOKS_ONLY, { "sudo-rs": "" });
  const text = makeSudoers("diag", { looks: LOOKS_ONLY.looks, helper: false });
  assert.deepEqual([exitCode, output, files], [0, "", { [SUDOERS]: ["440", text] }]);
});

const STOPPED = "Stopped: what sudo allows is as it was.\n";
const BEFORE = { "etc/sudoers.d/diagnose502": "as before\n" };
const HALTS: readonly (readonly [what: string, file: string, says: string, calls: readonly string[]])[] = [
  ["there is no such login", "no-login", "id: no such user\n", CHECKED.slice(0, 1)],
  ["visudo refuses the rights", "bad-sudoers", `${SUDOERS}.new: syntax error\n`, CHECKED],
];

for (const [what, file, says, called] of HALTS) {
  test(`where ${what}, that is said, and nothing is changed`, () => {
    const installed = install({ ...LOOKS_ONLY, services: [SHOP] }, { [file]: "", ...BEFORE });
    assert.deepEqual([installed.exitCode, installed.output], [1, `${says}${STOPPED}`]);
    assert.deepEqual(installed.calls, called);
    assert.deepEqual(Object.keys(installed.files), [SUDOERS]);
    assert.equal(installed.files[SUDOERS]?.[1], "as before\n");
  });
}

for (const file of ["bad-groups", "bad-owner"]) {
  test(`a script that ends at its ${file} gives no right by sudo`, () => {
    const { exitCode, output, files } = install(
      { ...LOOKS_ONLY, services: [SHOP] },
      { [file]: "", ...BEFORE },
    );
    assert.deepEqual([exitCode, output], [1, STOPPED]);
    assert.equal(files[SUDOERS]?.[1], "as before\n");
    assert.equal(files[HELPER], undefined);
    assert.equal(files[`${SUDOERS}.new`], undefined);
  });
}

const HELD: readonly (readonly [may: string, parts: Partial<Hardening>])[] = [
  ["nothing", {}],
  ["shop.service", { services: [SHOP] }],
  ["shop.service, pm2:deploy/jobs", { services: [SHOP, JOBS] }],
];

for (const [may, parts] of HELD) {
  test(`who reads the script first is told that ${may} may be restarted`, () => {
    const script = makeHardening({ ...LOOKS_ONLY, ...parts });
    assert.deepEqual(script.split("\n").slice(0, 4), [
      "#!/bin/sh",
      "# What diagnose502 may do on app-1, as diag. Read it, then run it as root on app-1; to change it, make it anew.",
      `# It may look, and restart: ${may}.`,
      "set -eu",
    ]);
  });
}

test("what each file is for stands above it", () => {
  const script = makeHardening({ ...LOOKS_ONLY, services: [SHOP], wrapper: WRAPPER });
  assert.match(
    script,
    /^# Restarts the services above, each at most once per approval\.\ninstall -d .*\ncat >\/usr\/local\/lib\/diagnose502\/restart\.new /m,
  );
  assert.match(
    script,
    /^# All that the bot's key may start\.\ninstall -d .*\ncat >\/usr\/local\/lib\/diagnose502\/run\.new /m,
  );
});

const PLAIN = "# In ~diag/.ssh/authorized_keys, instead of the plain key: no terminal, no forwarding";
const KEYS: readonly (readonly [parts: Partial<Hardening>, note: string, line: string])[] = [
  [{}, `${PLAIN}.`, "# restrict ssh-ed25519 … (the bot's public key)"],
  [{ publicKey: "ssh-ed25519 AAAA bot" }, `${PLAIN}.`, "# restrict ssh-ed25519 AAAA bot"],
  [
    { publicKey: "ssh-ed25519 AAAA", from: "192.0.2.5" },
    `${PLAIN}.`,
    '# restrict,from="192.0.2.5" ssh-ed25519 AAAA',
  ],
  [
    { publicKey: "ssh-ed25519 AAAA", from: "192.0.2.5", wrapper: WRAPPER },
    `${PLAIN}, no other command.`,
    `# restrict,from="192.0.2.5",command="${LOCK}" ssh-ed25519 AAAA`,
  ],
];

for (const [parts, note, line] of KEYS) {
  test(`the key's line is a comment, for a person to take over: ${line}`, () => {
    const lines = makeHardening({ ...LOOKS_ONLY, ...parts }).split("\n");
    assert.deepEqual(lines.slice(-4), ["", note, line, ""]);
  });
}

const NEVER: readonly (readonly [service: ServiceRef, message: string])[] = [
  [
    { manager: "systemd", unit: "nginx.service" },
    "nginx.service is never restarted: it is a proxy that may serve other sites.",
  ],
  [
    { manager: "systemd", unit: "precious.service" },
    "precious.service is never restarted: it is on the list neverRestart of the config.",
  ],
  [
    { manager: "docker", container: "precious" },
    "docker:precious is never restarted: it is on the list neverRestart of the config.",
  ],
  [
    { manager: "docker", container: "redis" },
    "docker:redis is never restarted: it is a database, cache or queue.",
  ],
  [
    { manager: "docker", container: "shop-postgres-1" },
    "docker:shop-postgres-1 is never restarted: it is a database, cache or queue.",
  ],
  [
    { manager: "compose", project: "shop", service: "redis" },
    "compose:shop/redis is never restarted: it is a database, cache or queue.",
  ],
];

for (const [service, message] of NEVER) {
  test(message, () => {
    const services = [SHOP, { service, mayResetBudget: false }];
    assert.throws(
      () => makeHardening({ ...LOOKS_ONLY, services }),
      (error) =>
        error instanceof OperatorError &&
        error.code === "NEVER_RESTARTED" &&
        error.message === message &&
        error.hint === "Name the application's own service. Nothing in the config lifts this.",
    );
  });
}

for (const user of ["root", "", "Diag", "diag;id", "diag\n", "1diag", "-diag", `d${"x".repeat(32)}`]) {
  test(`${JSON.stringify(user)} is no login of the bot's own`, () => {
    const seen = JSON.stringify(user);
    assert.throws(
      () => makeHardening({ ...LOOKS_ONLY, user }),
      (error) =>
        error instanceof ServiceNameError &&
        error.message ===
          `${seen} cannot be restarted as a login: expected an unprivileged login of the bot's own.`,
    );
  });
}

for (const user of ["d", "_diag-1", `d${"x".repeat(31)}`]) {
  test(`${user} may be the bot's login`, () => {
    assert.match(makeHardening({ ...LOOKS_ONLY, user }), new RegExp(`as ${user}\\.`));
  });
}
