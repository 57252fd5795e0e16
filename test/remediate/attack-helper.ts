import { readdirSync } from "node:fs";
import { userInfo } from "node:os";
import fc from "fast-check";
import { type Attacked, type Attempt, type Attempted, isPwned, makeAttempts } from "./attempt.ts";
import { makeFakeHost } from "./fake-host.ts";
import { hostileVariables, mutate } from "./mutate-word.ts";

const BATCH = 500;
const KEY = "0123456789abcdef0123456789abcdef";
/** What the units of the fake host are; nothing is attempted with it, so nothing may be restarted. */
const INVOCATION = "0".repeat(32);
const STALE = "1".repeat(32);
const SERVICES = [
  "shop.service",
  "flappy.service",
  "docker:web",
  "compose:p/web",
  "supervisor:shop",
  `pm2:${userInfo().username}/shop`,
];
const OWN_VARIABLES = [
  ...["D", "manager", "name", "project", "user", "may_reset", "reset", "marker", "id", "invocation", "state"],
  ...["why_not", "load", "burst", "container", "last", "n", "restarts", "DIAGNOSE502_APART"],
];

const service = fc.constantFrom(...SERVICES, "nginx.service");
const good: fc.Arbitrary<readonly string[]> = fc.oneof(
  service.map((one) => [one, KEY, STALE]),
  service.map((one) => [one, KEY, STALE, "reset-budget"]),
  service.map((one) => ["check", one]),
  service.map((one) => ["status", one, KEY]),
  service.map((one) => ["forget", one, KEY]),
);

/** A call as the bot makes it, with words changed, gone, added, in another order or run together. */
const words = good.chain((call) => {
  const at = fc.nat(call.length - 1);
  return fc.oneof(
    { weight: 6, arbitrary: at.chain((n) => mutate(call[n] ?? "").map((word) => call.with(n, word))) },
    { weight: 2, arbitrary: fc.tuple(...call.map(mutate)) },
    { weight: 1, arbitrary: at.map((n) => call.toSpliced(n, 1)) },
    { weight: 1, arbitrary: at.chain((n) => mutate("more").map((word) => call.toSpliced(n, 0, word))) },
    { weight: 1, arbitrary: at.map((n) => [...call.slice(n), ...call.slice(0, n)]) },
    { weight: 1, arbitrary: fc.constantFrom([call.join(" ")], [call.join("\n")], [...call, ...call]) },
    { weight: 1, arbitrary: fc.constant(call) },
  );
});
const attempt: fc.Arbitrary<Attempt> = fc.record({
  words: words
    .map((all) => all.map((word) => word.replaceAll("\0", "")))
    .filter((all) => all[2] !== INVOCATION),
  variables: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, hostileVariables(OWN_VARIABLES)),
});

/** Drives the real helper, by that shell, on a host whose managers only write down what they are told. The same `seed` tries the same. */
export async function attackHelper(
  shell: string,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<Attacked> {
  const through: string[] = [];
  let tried = 0;
  for (let batch = 0; tried < count; batch++) {
    const attempts = fc.sample(attempt, { numRuns: Math.min(BATCH, count - tried), seed: seed + batch });
    const host = makeFakeHost(shell);
    try {
      const entries = () => readdirSync(host.directory).filter((name) => name !== "run");
      const before = [...entries(), "attempts", "evil"].toSorted();
      const results = await makeAttempts([host.helper], attempts, host);
      attempts.forEach((one, n) => {
        const result = results[n];
        if (result === undefined || !isAnswerTo(one.words, result))
          through.push(JSON.stringify({ one, result }));
      });
      const strays = host.markers().filter((name) => !/^[a-f0-9]{32}$/.test(name));
      const done = [
        ...host.log(),
        ...strays,
        ...(isPwned(host.directory) ? ["something smuggled in ran"] : []),
      ];
      const files = entries().toSorted();
      if (done.length > 0 || `${files}` !== `${before}`) {
        through.push(`batch ${batch}: ${JSON.stringify({ done, files })}`);
      }
    } finally {
      host.remove();
    }
    tried += attempts.length;
  }
  return { tried, through };
}

/** What these words may come to, said once more and apart from the helper: questions are answered, all else is denied. */
function isAnswerTo(given: readonly string[], { exitCode, stdout }: Attempted): boolean {
  const [first = "", second = "", third = "", fourth] = given;
  const isKey = (word: string) => /^[a-f0-9]{32}$/.test(word);
  const isKnown = (word: string) => SERVICES.includes(word);
  const asked = `${first} ${given.length}`;
  if (asked === "check 2" && isKnown(second)) return stdout.startsWith("diagnose502 known ");
  if (asked === "status 3" && isKnown(second) && isKey(third))
    return /^diagnose502 (?:taken|refused)/.test(stdout);
  if (asked === "forget 3" && isKnown(second) && isKey(third)) return stdout === "diagnose502 forgotten\n";
  const mayReset = given.length === 3 || (fourth === "reset-budget" && first === "flappy.service");
  const fits =
    isKnown(first) && isKey(second) && /^[\w:.@-]{1,120}$/.test(third) && mayReset && given.length <= 4;
  // on other evidence than there is: nothing is restarted
  if (fits) return /^diagnose502 (?:refused why=|taken )/.test(stdout);
  return exitCode === 126 && stdout === "diagnose502 denied\n";
}
