import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigError } from "../../src/config/config-error.ts";
import { type PlaybookOrigin, parsePlaybook } from "../../src/playbook/parse-playbook.ts";

const HEAD = "title: App server\nrole: upstream\n";

function parse(text: string, origin: PlaybookOrigin = "shipped") {
  return parsePlaybook(text, { file: "playbooks/app.yaml", origin });
}

function complaintsOf(text: string, origin?: PlaybookOrigin): string {
  try {
    parse(text, origin);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message;
  }
  return "";
}

test("a playbook is its YAML with durations in ms, sizes in bytes, and the file's name as its id", () => {
  const playbook = parse(`${HEAD}
probes:
  log:
    title: application log
    each: service-log
    log: "{path}"
    timestamps: iso
    timeout: 10s
    maxOutput: 128KiB
signatures:
  - { id: AB01, message: "worker <pid> died", signal: worker-crashed, source: app.c }
`);
  assert.equal(playbook.id, "app");
  assert.deepEqual(playbook.probes.log, {
    title: "application log",
    round: 2,
    on: "any",
    each: "service-log",
    action: { kind: "log", path: "{path}", timestamps: "iso" },
    as: "self",
    timeoutMs: 10_000,
    maxBytes: 131_072,
  });
  assert.deepEqual(playbook.signatures, [
    { id: "AB01", message: "worker <pid> died", signal: "worker-crashed", in: "own", source: "app.c" },
  ]);
});

test("without an each, a look belongs to round 1", () => {
  const { probes } = parse(`${HEAD}probes: { uptime: { title: t, run: [uptime] } }`);
  assert.equal(probes.uptime?.round, 1);
  assert.equal(probes.uptime?.each, "host");
});

const PROBE = `${HEAD}probes:\n  look:\n    title: t\n`;
const SIGNATURE = (message: string) =>
  `${HEAD}signatures:\n  - { id: AB01, message: '${message}', signal: noise, source: s }\n`;

const MISTAKES: readonly { readonly what: string; readonly text: string; readonly told: RegExp }[] = [
  {
    what: "a misspelt key",
    text: `${PROBE}    run: [df]\n    timout: 5s\n`,
    told: /^playbooks\/app\.yaml:7:5: probes\.look: unknown key "timout" \(did you mean "timeout"\?\); allowed: title, round, /,
  },
  {
    what: "a misspelt signal",
    text: `${HEAD}signatures:\n  - { id: AB01, message: m, signal: connect-refsed, source: s }\n`,
    told: /^playbooks\/app\.yaml:4:37: signatures\.0\.signal: "connect-refsed" is not known; did you mean "connect-refused"\?$/,
  },
  {
    what: "an unknown role",
    text: "title: t\nrole: database\n",
    told: /:2:7: role: "database" is not known; allowed: host, edge, proxy, upstream, dependency$/,
  },
  {
    what: "no action",
    text: PROBE,
    told: /:4:3: probes\.look: must have exactly one of run, files, log; has none$/,
  },
  {
    what: "two actions",
    text: `${PROBE}    run: [df]\n    files: [/etc/hosts]\n`,
    told: /must have exactly one of run, files, log; has run and files$/,
  },
  {
    what: "a parameter its domain does not have",
    text: `${PROBE}    each: service-unit\n    run: [journalctl, -u, "{unti}"]\n`,
    told: /:7:27: probes\.look\.run\.2: \{unti\} is no parameter of each: service-unit; did you mean \{unit\}\? Allowed: \{unit\}$/,
  },
  {
    what: "a parameter in round 1",
    text: `${PROBE}    run: [df, "{path}"]\n`,
    told: /\{path\} is no parameter of each: host; Allowed: none$/,
  },
  {
    what: "round 1 for what only round 1 finds",
    text: `${PROBE}    each: service-pid\n    round: 1\n    run: [df]\n`,
    told: /round: must be 2/,
  },
  {
    what: "a number as a word",
    text: `${PROBE}    run: [tail, -n, 5]\n`,
    told: /run\.2: must be text, not a number; put it in quotes$/,
  },
  {
    what: "a newline in a word",
    text: `${PROBE}    run: [tail, "a\\nb"]\n`,
    told: /run\.1: must be 1 to 2000 printable ASCII characters$/,
  },
  {
    what: "a duration without unit",
    text: `${PROBE}    run: [df]\n    timeout: "10"\n`,
    told: /timeout: must be a duration such as 10s or 500ms$/,
  },
  {
    what: "more time than any look gets",
    text: `${PROBE}    run: [df]\n    timeout: 31s\n`,
    told: /timeout: must be above 0 and at most 30s$/,
  },
  {
    what: "more output than any look gets",
    text: `${PROBE}    run: [df]\n    maxOutput: 257KiB\n`,
    told: /maxOutput: must be above 0 and at most 256KiB$/,
  },
  {
    what: "a relative path",
    text: `${PROBE}    files: [etc/hosts]\n`,
    told: /files\.0: must be an absolute path, or \{path\}$/,
  },
  {
    what: "a path upwards",
    text: `${PROBE}    files: [/var/log/../../etc/shadow]\n`,
    told: /files\.0: must not contain "\.\."$/,
  },
  {
    what: "a template without text",
    text: SIGNATURE("<any>"),
    told: /message: no literal text to recognise$/,
  },
  {
    what: "two holes in a row",
    text: SIGNATURE("a <b><c>"),
    told: /message: no text between two holes at <c>$/,
  },
  {
    what: "an id that is taken",
    text: `${SIGNATURE("m")}  - { id: AB01, message: n, signal: noise, source: s }\n`,
    told: /:5:11: signatures\.1\.id: AB01 is taken by a signature above$/,
  },
  {
    what: "a change of its own making",
    text: `${HEAD}remediations:\n  fix: { title: t, manager: systemd, argv: [systemctl, restart, nginx.service] }\n`,
    told: /remediations\.fix\.argv: must be exactly: systemctl restart -- \{unit\}$/,
  },
  {
    what: "an alias",
    text: "title: &t x\nrole: *t\n",
    told: /anchors \(&…\) are not accepted.*\n.*aliases \(\*…\) are not accepted/,
  },
  { what: "a tag", text: "title: !!str t\nrole: host\n", told: /tags \(.*\) are not accepted/ },
  { what: "an unknown tag", text: "title: !x t\nrole: host\n", told: /:1:8: tags \(!…\) are not accepted/ },
  { what: "a merge key", text: `${HEAD}<<: { parser: x }\n`, told: /unknown key "<<"/ },
  { what: "a key given twice", text: `${HEAD}role: host\n`, told: /:3:1: the key role is there twice$/ },
  {
    what: "a prototype",
    text: `${HEAD}probes:\n  __proto__: {}\n`,
    told: /:4:3: the key __proto__ is not accepted$/,
  },
  {
    what: "a constructor",
    text: `${HEAD}probes:\n  constructor: { title: t, run: [df] }\n`,
    told: /probes\.constructor: is a reserved word$/,
  },
  { what: "two documents", text: `${HEAD}---\n${HEAD}`, told: /multiple documents/ },
  {
    what: "thousands of keys",
    text: `${HEAD}defaults:\n${Array.from({ length: 4000 }, (_, n) => `  k${[...String(n)].map((digit) => "abcdefghij"[Number(digit)]).join("")}: 1\n`).join("")}`,
    told: /defaults: must have at most 500 keys$/,
  },
  {
    what: "nesting without end",
    text: `${HEAD}defaults: ${"[".repeat(20_000)}`,
    told: /^playbooks\/app\.yaml/,
  },
];

for (const { what, text, told } of MISTAKES) {
  test(`${what} is refused with its place and what is allowed`, () => {
    assert.match(complaintsOf(text), told);
  });
}

test("all mistakes of a file are told at once", () => {
  assert.equal(complaintsOf("title: 5\nrole: x\n").split("\n").length, 2);
});

test("no text makes it throw anything but a ConfigError, or touch the prototype of objects", () => {
  const word = fc.constantFrom(
    "title: t",
    "role: host",
    "probes:",
    "  a:",
    "    run: [df]",
    "- ",
    "&a ",
    "*a",
    "!x ",
    "<<: *a",
    "{",
    "[",
    "__proto__: ",
    "? ",
    '"',
    "\u0000",
    "%YAML 1.1",
    "---",
    "  ",
    "\t",
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(word, fc.string({ maxLength: 6 })), { maxLength: 30 }),
      fc.constantFrom("\n", " "),
      (words, glue) => {
        complaintsOf(words.join(glue));
        assert.deepEqual(Object.keys(Object.prototype), []);
      },
    ),
    { numRuns: 300 },
  );
});

test("a playbook has no words for what would widen power: limits, redaction, approvers, what is never touched", () => {
  const top = [
    "redact: false",
    "approvers: { slack: [U1] }",
    "neverRestart: []",
    "limits: {}",
    "hosts: [edge]",
  ];
  const ofProbe = ["redact: false", "as: admin", "env: { LD_PRELOAD: x }", "shell: true", "maxLines: 1"];
  const ofRemediation = ["approvals: 0", "cooldown: 0s", "selfApproval: true", "unit: sshd.service"];
  for (const [text, word] of [
    ...top.map((line) => [`${HEAD}${line}\n`, line] as const),
    ...ofProbe.map((line) => [`${PROBE}    run: [df]\n    ${line}\n`, line] as const),
    ...ofRemediation.map((line) => {
      const fix = `title: t, manager: systemd, argv: [systemctl, restart, --, "{unit}"]`;
      return [`${HEAD}remediations:\n  fix: { ${fix}, ${line} }\n`, line] as const;
    }),
  ]) {
    const name = word.split(":")[0];
    assert.match(complaintsOf(text), new RegExp(`unknown key "${name}"|\\.${name}: `), word);
  }
  for (const timeout of ["31s", "10m"]) {
    assert.match(complaintsOf(`${PROBE}    run: [df]\n    timeout: ${timeout}\n`), /timeout/, timeout);
  }
});
