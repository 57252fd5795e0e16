import assert from "node:assert/strict";
import { test } from "node:test";
import type { Playbook, Probe } from "../../../src/playbook/playbook.ts";
import { listRootLooks } from "../../../src/remediate/harden/root-looks.ts";

const LOOK: Probe = {
  title: "What it is configured to do",
  round: 1,
  on: "any",
  each: "host",
  action: { kind: "run", argv: ["nginx", "-T", "-q"] },
  as: "prefer-root",
  timeoutMs: 10_000,
  maxBytes: 65_536,
};

function playbookOf(...probes: readonly Partial<Probe>[]): Playbook {
  return {
    id: "some-proxy",
    title: "Some proxy",
    role: "proxy",
    detect: { comms: [], args: [], units: [], ports: [] },
    probes: Object.fromEntries(probes.map((parts, index) => [`probe-${index}`, { ...LOOK, ...parts }])),
    signatures: [],
    pages: [],
    remediations: {},
    defaults: {},
  };
}

const run = (...argv: readonly string[]) => ({ action: { kind: "run", argv } }) as const;
const files = (...globs: readonly string[]) => ({ action: { kind: "files", globs } }) as const;

const LISTED: readonly (readonly [
  fact: string,
  probe: Partial<Probe>,
  looks: readonly (readonly string[])[],
])[] = [
  ["a program of a host, word for word", {}, [["nginx", "-T", "-q"]]],
  ["one that must be root", { as: "root" }, [["nginx", "-T", "-q"]]],
  ["none that runs as the login", { as: "self" }, []],
  [
    "none with a word that the host's state decides",
    { each: "service-pid", ...run("cat", "/proc/{pid}/limits") },
    [],
  ],
  ["none that is given input", { action: { kind: "run", argv: ["tee"], stdin: "text" } }, []],
  ["no journal, which a group may read", run("journalctl", "-k"), []],
  ...["perl", "python3", "ruby", "node", "php", "sh", "bash", "dash", "awk"].map(
    (program) => [`no ${program}, which does whatever it is told`, run(program, "-v"), []] as const,
  ),
  ["none of them behind env", run("env", "A=1", "perl", "-v"), []],
  ["any other program behind env", run("env", "A=1", "ss", "-l"), [["env", "A=1", "ss", "-l"]]],
  [
    "files by their paths, one each",
    files("/etc/a.conf", "/etc/b.conf"),
    [
      ["cat", "/etc/a.conf"],
      ["cat", "/etc/b.conf"],
    ],
  ],
  [
    "no patterns of files",
    files("/etc/*.conf", "/etc/a?", "/etc/[ab]", "/etc/c.conf"),
    [["cat", "/etc/c.conf"]],
  ],
  [
    "no file that a service may put a link in the place of",
    files("/var/lib/pgsql/data/postgresql.conf", "/usr/local/etc/c.conf", "/etcetera/a"),
    [["cat", "/usr/local/etc/c.conf"]],
  ],
  ...["cat", "head", "tail"].map(
    (program) =>
      [`no other words for it: ${program}`, run(program, "-n", "1", "/var/log/a.log"), []] as const,
  ),
  [
    "the end of a file of root's own",
    run("tail", "-n", "1", "/etc/a.conf"),
    [["tail", "-n", "1", "/etc/a.conf"]],
  ],
  [
    "a program that prints no file, whatever it is about",
    run("ls", "/var/lib/pgsql"),
    [["ls", "/var/lib/pgsql"]],
  ],
  ["no logs", { action: { kind: "log", path: "/var/log/a.log", timestamps: "iso" } }, []],
];

for (const [fact, probe, looks] of LISTED) {
  test(`listed for root: ${fact}`, () => {
    assert.deepEqual(listRootLooks([playbookOf(probe)]), looks);
  });
}

test("looks of several playbooks are listed in their order, and each once", () => {
  const first = playbookOf(run("ss", "-lx"), run("ss", "-l"), run("ss", "-lx"));
  assert.deepEqual(listRootLooks([first, playbookOf(run("ss", "-l", "x"), run("ss", "-l"))]), [
    ["ss", "-lx"],
    ["ss", "-l"],
    ["ss", "-l", "x"],
  ]);
});
