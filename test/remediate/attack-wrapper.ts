import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { START_COMMAND } from "../../src/ssh/start-command.ts";
import { type Attacked, type Attempt, type Attempted, isPwned, makeAttempts } from "./attempt.ts";
import { isLookLine } from "./look-line.ts";
import { hostileVariables, mutate } from "./mutate-word.ts";
import { everyLook, scriptOf, VALUES, writeTestWrapper } from "./test-wrapper.ts";

const BATCH = 200;
const LOOKS = everyLook();
const FRAME = scriptOf([]).trimEnd().split("\n");
const BEFORE_LOOKS = FRAME.lastIndexOf("facts |") + 1;
const OWN_VARIABLES = ["text", "i", "line", "mark", "limit", "quotes", "nl", "want", "SSH_CONNECTION"];

/** Scripts of the bot's as lines, a few looks each. */
const good = fc
  .array(fc.constantFrom(...LOOKS), { minLength: 1, maxLength: 3 })
  .map((looks) => scriptOf(looks).trimEnd().split("\n"));

const mutated = good.chain((lines) => {
  const anywhere = fc.nat(lines.length - 1);
  const look = fc.integer({ min: BEFORE_LOOKS, max: lines.length - FRAME.length + BEFORE_LOOKS });
  const changeLine = (n: number) => mutate(lines[n] ?? "").map((line) => lines.with(n, line));
  const changeWord = (n: number) => {
    const parts = (lines[n] ?? "").split("'");
    return fc
      .nat(parts.length - 1)
      .chain((part) =>
        mutate(parts[part] ?? "").map((word) => lines.with(n, parts.with(part, word).join("'"))),
      );
  };
  const changeValue = (n: number) => {
    const values = Object.values(VALUES).filter((value) => lines[n]?.includes(value));
    if (values.length === 0) return changeWord(n);
    return fc.constantFrom(...values).chain((value) =>
      fc.oneof(mutate(value), fc.constantFrom(...ASTRAY)).map((by) =>
        lines.with(
          n,
          (lines[n] ?? "").replaceAll(value, () => by),
        ),
      ),
    );
  };
  const changed = fc.oneof(
    { weight: 5, arbitrary: look.chain(changeValue) },
    { weight: 4, arbitrary: look.chain(changeWord) },
    { weight: 2, arbitrary: look.chain(changeLine) },
    { weight: 2, arbitrary: anywhere.chain(changeLine) },
    { weight: 1, arbitrary: anywhere.map((n) => lines.toSpliced(n, 1)) },
    {
      weight: 1,
      arbitrary: fc.tuple(anywhere, anywhere).map(([a, b]) => lines.toSpliced(a, 0, lines[b] ?? "")),
    },
    { weight: 1, arbitrary: anywhere.chain((n) => mutate("id").map((more) => lines.toSpliced(n, 0, more))) },
    { weight: 1, arbitrary: anywhere.map((n) => lines.slice(0, n)) },
    { weight: 1, arbitrary: mutate("id").map((more) => [...lines, more]) },
  );
  const whole = changed.map((all) => `${all.join("\n")}\n`);
  return fc.oneof(
    { weight: 9, arbitrary: whole },
    { weight: 1, arbitrary: whole.chain((text) => fc.nat(text.length).map((at) => text.slice(0, at))) },
    { weight: 1, arbitrary: whole.map((text) => text.replaceAll("\n", "\r\n")) },
    // shells drop NUL, or end the line there
    {
      weight: 1,
      arbitrary: fc.tuple(whole, fc.nat()).map(([text, at]) => insertAt(text, at % text.length, "\0")),
    },
  );
});
/** Where a value must not lead. */
const ASTRAY = [
  ...["/etc/shadow", "/var/log/../../etc/shadow", "/root/.ssh/id_ed25519", "/home/diag/.ssh/id_ed25519"],
  ...[
    "/var/log/x' '/etc/shadow",
    "/var/log/x'$(touch pwned)'",
    "/var/log/x' | touch pwned #",
    "relative.log",
  ],
  ...[
    "x' '--file' '/etc/shadow",
    "/var/..",
    "/var/./x",
    "//etc/shadow",
    "/proc/1/environ",
    "/dev/sda",
    "..",
    ".",
  ],
];
const command = fc.oneof(
  { weight: 9, arbitrary: fc.constant(START_COMMAND) },
  { weight: 1, arbitrary: mutate(START_COMMAND).map((text) => text.replaceAll("\0", "")) },
);
const attempt = fc.record({
  script: mutated,
  command,
  variables: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, hostileVariables(OWN_VARIABLES)),
});

function insertAt(text: string, at: number, what: string): string {
  return text.slice(0, at) + what + text.slice(at);
}

/** Drives the real forced command of a locked host by that shell: whatever it would run must be a script of the bot's. */
export async function attackWrapper(
  shell: string,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<Attacked> {
  const directory = mkdtempSync(join(tmpdir(), "d502-locked-"));
  const through: string[] = [];
  let tried = 0;
  try {
    const wrapper = writeTestWrapper(directory);
    for (let batch = 0; tried < count; batch++) {
      const drawn = fc.sample(attempt, { numRuns: Math.min(BATCH, count - tried), seed: seed + batch });
      const attempts = drawn.map((one, n): Attempt => {
        writeFileSync(join(directory, `in-${n}`), one.script);
        const variables = { ...one.variables, SSH_ORIGINAL_COMMAND: one.command };
        return { words: [], variables, input: `in-${n}` };
      });
      const results = await makeAttempts([...shell.split(" "), wrapper], attempts, { directory });
      drawn.forEach((one, n) => {
        const result = results[n];
        if (result === undefined || !isHarmless(one.command, result)) {
          through.push(JSON.stringify({ ...one, result }));
        }
      });
      if (isPwned(directory)) through.push(`batch ${batch}: something smuggled in ran`);
      tried += attempts.length;
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  return { tried, through };
}

/** Denied, or cut short; or what would run has the frame of the bot's scripts, and between it looks that the bot may send. */
function isHarmless(asked: string, { exitCode, stdout }: Attempted): boolean {
  if (stdout === "") return exitCode === 126 || exitCode === 0;
  if (asked !== START_COMMAND || exitCode !== 0 || !stdout.endsWith("\n")) return false;
  const lines = stdout.slice(0, -1).split("\n");
  const looks = lines.slice(BEFORE_LOOKS, BEFORE_LOOKS + lines.length - FRAME.length);
  const frame = lines.toSpliced(BEFORE_LOOKS, looks.length);
  const isFrame =
    frame.length === FRAME.length &&
    frame.every((line, n) => line === FRAME[n] || /^M=[a-f0-9]{32} LIMIT=\d{1,3}$/.test(line));
  return isFrame && looks.every(isLookLine);
}
