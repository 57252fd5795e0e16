/**
 * How fast log lines are recognised, side by side with what one would write otherwise, in one run on one core:
 *   node bench/classify/main.ts [lines]
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import { compileSignatures } from "../../src/playbook/match-signatures.ts";
import { nginx } from "../../src/topology/parsers/nginx.ts";
import { makeNginxErrorLog } from "./nginx-error-lines.ts";

const ROUNDS = 7;

const playbooks = await loadPlaybooks([
  { path: join(import.meta.dirname, "../../playbooks"), origin: "shipped" },
]);
const signatures = playbooks.find(({ id }) => id === "nginx")?.signatures ?? [];
const matcher = compileSignatures(signatures);
// As it comes from a host: decoded from bytes.
const log = Buffer.from(makeNginxErrorLog(Number(process.argv[2] ?? 100_000))).toString("utf8");

/** The message by position, as cheaply as it can be had: what the matcher alone can do. */
const byPosition = {
  messageStart(text: string, start: number, end: number) {
    const colon = text.indexOf(": *", start);
    return colon < 0 || colon > end ? -1 : text.indexOf(" ", colon + 3) + 1;
  },
};

const EXPRESSIONS = [
  /connect\(\) failed \(111: Connection refused\) while connecting to upstream/,
  /connect\(\) to unix:\S+ failed \(2: No such file or directory\)/,
  /connect\(\) to unix:\S+ failed \(13: Permission denied\)/,
  /connect\(\) to unix:\S+ failed \(11: Resource temporarily unavailable\)/,
  /connect\(\) failed \(113: No route to host\)/,
  /upstream timed out \(110: Connection timed out\) while (connecting to|reading response header from) upstream/,
  /upstream prematurely closed connection while reading response header from upstream/,
  /recv\(\) failed \(104: Connection reset by peer\) while reading response header/,
  /upstream sent too big header while reading response header/,
  /no live upstreams while connecting to upstream/,
  /\S+ could not be resolved \(\d+: [^)]+\)/,
  /SSL_do_handshake\(\) failed \(SSL: error:[^)]*wrong version number\)/,
];
const COMBINED = new RegExp(EXPRESSIONS.map(({ source }) => source).join("|"));
const countLines = (matches: (line: string) => boolean) => () => {
  let count = 0;
  for (const line of log.split("\n")) if (matches(line)) count++;
  return count;
};

const contenders = {
  "signatures, 80 and more of them": () => sum(matcher.scan(log, byPosition)),
  "signatures, the product's own grammar": () => sum(matcher.scan(log, nginx.errorLog ?? byPosition)),
  "12 expressions in sequence": countLines((line) => EXPRESSIONS.some((expression) => expression.test(line))),
  "12 expressions in one": countLines((line) => COMBINED.test(line)),
};

const fastest = new Map<string, number>();
const counted = new Map<string, number>();
// Interleaved, so that a busy moment of the machine hits all of them.
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, run] of Object.entries(contenders)) {
    const start = performance.now();
    counted.set(name, run());
    fastest.set(name, Math.min(fastest.get(name) ?? Number.POSITIVE_INFINITY, performance.now() - start));
  }
}
timeGrep();

const own = fastest.get("signatures, 80 and more of them") ?? 0;
console.log(`${(log.length / 1e6).toFixed(1)} MB, best of ${ROUNDS}\n`);
for (const [name, ms] of fastest) {
  const rate = (log.length / 1e3 / ms).toFixed(0).padStart(5);
  console.log(
    `${name.padEnd(40)} ${rate} MB/s  ${(ms / own).toFixed(1).padStart(5)} x  ${counted.get(name)} lines`,
  );
}
function sum(found: readonly { readonly count: number }[]): number {
  return found.reduce((total, { count }) => total + count, 0);
}

/** Its start and the file's reading included; left out where there is no grep. */
function timeGrep(): void {
  const directory = mkdtempSync(join(tmpdir(), "classify-"));
  try {
    const file = join(directory, "error.log");
    writeFileSync(file, log);
    const name = "grep -Ec, 12 expressions";
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      const out = execFileSync(
        "grep",
        [
          "-Ec",
          EXPRESSIONS.map(({ source }) => source.replaceAll("\\d", "[0-9]").replaceAll("\\S", "[^ ]")).join(
            "|",
          ),
          file,
        ],
        { env: { LC_ALL: "C", PATH: process.env.PATH ?? "" }, encoding: "utf8" },
      );
      fastest.set(name, Math.min(fastest.get(name) ?? Number.POSITIVE_INFINITY, performance.now() - start));
      counted.set(name, Number(out));
    }
  } catch {
    console.log("no grep here");
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
