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
  getent: '[ "$2" != "$(cat without 2>/dev/null)" ]',
  usermod: "",
  install: 'for last; do :; done; mkdir -p "$last"',
  chown: "",
  visudo: "[ ! -e bad-sudoers ] || exit 1",
};

interface Installed {
  readonly exitCode: number | null;
  /** How those programs were called, a line each. */
  readonly calls: readonly string[];
  /** Each file that is there, by its path: mode and text. */
  readonly files: Readonly<Record<string, readonly [mode: string, text: string]>>;
}

/** Runs the script where `/usr/local/lib` and `/etc` are below a directory of the test's. `given`: files that were there before. */
function install(hardening: Hardening, given: Readonly<Record<string, string>> = {}): Installed {
  const directory = mkdtempSync(join(tmpdir(), "d502-harden-"));
  try {
    mkdirSync(join(directory, "etc/sudoers.d"), { recursive: true });
    mkdirSync(join(directory, "bin"));
    for (const [name, does] of Object.entries(PROGRAMS)) {
      const path = join(directory, "bin", name);
      writeFileSync(path, `#!/bin/sh\ncd ${directory}\necho "${name} $*" >>calls\n${does}\n`);
      chmodSync(path, 0o755);
    }
    for (const [name, text] of Object.entries(given)) writeFileSync(join(directory, name), text);
    const place = (text: string) => text.replaceAll(/(?<= |>)\/(etc|usr\/local\/lib)\//g, `${directory}/$1/`);
    const { status } = spawnSync("/bin/sh", ["-c", place(makeHardening(hardening))], {
      env: { PATH: `${directory}/bin:/usr/bin:/bin` },
      stdio: "ignore",
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
      calls: read("calls").trimEnd().split("\n"),
      files: Object.fromEntries(names.map((name) => [`/${name}`, [modeOf(name), read(name)]])),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const GROUPS = ["adm", "systemd-journal"].flatMap((group) => [
  `getent group ${group}`,
  `usermod -aG ${group} diag`,
]);
const CHECKED = "visudo -cqf /etc/sudoers.d/diagnose502.new";
const SUDOERS = "/etc/sudoers.d/diagnose502";
const HELPER = "/usr/local/lib/diagnose502/restart";
const LOCK = "/usr/local/lib/diagnose502/run";
const calls = (path: string) => [
  "install -d -o root -g root -m 0755 /usr/local/lib/diagnose502",
  `chown root:root ${path}.new`,
];

const INSTALLED: readonly (readonly [what: string, hardening: Hardening, installs: Installed])[] = [
  [
    "the rights to look, where nothing may be restarted",
    LOOKS_ONLY,
    {
      exitCode: 0,
      calls: [...GROUPS, CHECKED],
      files: { [SUDOERS]: ["440", makeSudoers("diag", { looks: LOOKS_ONLY.looks, helper: false })] },
    },
  ],
  [
    "the helper of these services, owned by root",
    { ...LOOKS_ONLY, services: [SHOP, JOBS] },
    {
      exitCode: 0,
      calls: [...GROUPS, ...calls(HELPER), CHECKED],
      files: {
        [HELPER]: ["755", makeRestartHelper([SHOP, JOBS])],
        [SUDOERS]: ["440", makeSudoers("diag", { looks: LOOKS_ONLY.looks, helper: true })],
      },
    },
  ],
  [
    "the one thing that a locked key may start, owned by root",
    { ...LOOKS_ONLY, wrapper: WRAPPER },
    {
      exitCode: 0,
      calls: [...GROUPS, ...calls(LOCK), CHECKED],
      files: {
        [LOCK]: ["755", WRAPPER],
        [SUDOERS]: ["440", makeSudoers("diag", { looks: LOOKS_ONLY.looks, helper: false })],
      },
    },
  ],
];

for (const [what, hardening, installs] of INSTALLED) {
  test(`the script installs ${what}`, () => {
    assert.deepEqual(install(hardening), installs);
  });
}

test("a group that a host does not have is left out", () => {
  const { exitCode, calls: called } = install(LOOKS_ONLY, { without: "adm" });
  assert.deepEqual([exitCode, called], [0, ["getent group adm", ...GROUPS.slice(2), CHECKED]]);
});

test("rights that visudo refuses never take effect, and the script fails", () => {
  const { exitCode, files } = install(LOOKS_ONLY, {
    "bad-sudoers": "",
    "etc/sudoers.d/diagnose502": "as before\n",
  });
  assert.equal(exitCode, 1);
  assert.equal(files[SUDOERS]?.[1], "as before\n");
});

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
    "precious.service is never restarted: it is on neverRestart of the config.",
  ],
  [
    { manager: "docker", container: "precious" },
    "docker:precious is never restarted: it is on neverRestart of the config.",
  ],
  [
    { manager: "docker", container: "redis" },
    "docker:redis is never restarted: it is a database, cache or queue.",
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
