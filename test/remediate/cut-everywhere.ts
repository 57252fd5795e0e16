import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Intent } from "../../src/approval/intent.ts";
import { redact } from "../../src/collect/redact.ts";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import { createServiceControl } from "../../src/remediate/create-service-control.ts";
import { makeRestartWords } from "../../src/remediate/restart-words.ts";
import type { RestartOutcome } from "../../src/remediate/service-control.ts";
import { type RealSshd, startSshd } from "../ssh/real-sshd.ts";
import { type Cut, startCuttingRelay } from "./cutting-relay.ts";
import { type FakeHost, makeFakeHost } from "./fake-host.ts";
import { createShellTo } from "./helper-shell.ts";
import { makeTestIntent } from "./make-test-intent.ts";

/** One restart whose connection was cut, what was said about it in the end, and how often the host did it. */
export interface CutRestart {
  readonly cut: Cut;
  readonly first: RestartOutcome["kind"];
  readonly last: RestartOutcome["kind"];
  readonly restarts: number;
}

const SERVICE = { manager: "systemd", unit: "shop.service" } as const;
const BOOT_ID = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
const WAYS = ["reset", "end", "split"] as const;

/** Restarts once over a connection that is cut, and asks over a good one until there is an answer. */
async function restartOnce(host: FakeHost, sshd: RealSshd, cut: Cut | undefined) {
  const relay = await startCuttingRelay(sshd.port, cut);
  const shell = createShellTo(host);
  const control = createServiceControl({
    shell,
    redact,
    now: Date.now,
    random: randomBytes,
    neverRestart: [],
  });
  const direct = sshd.access({ hostKeyAlias: `[127.0.0.1]:${sshd.port}` });
  const cutAccess: HostAccess = sshd.access({ port: relay.port, hostKeyAlias: `[127.0.0.1]:${sshd.port}` });
  try {
    const opened = await shell.connect(direct, { timeoutMs: 10_000 });
    if (!opened.ok) throw new Error(opened.failure.reason);
    const { hostKey = "" } = opened.connection;
    opened.connection.close();
    const identity = { id: SERVICE.unit, invocation: host.invocation(SERVICE.unit), bootId: BOOT_ID };
    const risk = { takesAlong: [], startsLeft: 5, resetsBudget: false };
    const argv = makeRestartWords(SERVICE, identity, {
      isRoot: process.getuid?.() === 0,
      helper: true,
      resetsBudget: false,
    });
    const intent: Intent = makeTestIntent(SERVICE, {
      kind: "read",
      identity,
      hostKey,
      risk,
      argv,
      state: "active (running)",
      helper: true,
    });
    const before = host.log().length;
    const first = await control.restart(cutAccess, intent, {});
    let last = first;
    while (last.kind === "no-answer") last = await control.ask(direct, intent, {});
    return {
      first: first.kind,
      last: last.kind,
      before,
      count: () => host.log().length - before,
      passed: relay.passed,
    };
  } finally {
    await relay.close();
    await shell.close();
  }
}

/**
 * Cuts the exchange of a restart at every so many bytes, and after every packet, both ways and by every means; several hosts at a
 * time. The judge is the host's own list of what it did, read after the answer, and again when anything late has arrived.
 */
export async function cutEverywhere(options: {
  readonly everyBytes: number;
  readonly everyPackets: number;
  readonly atOnce: number;
  /** Every way at every place, instead of one after the other. */
  readonly everyWay?: boolean;
}): Promise<readonly CutRestart[]> {
  const sshd = await startSshd(["MaxStartups 100"]);
  const hosts = Array.from({ length: options.atOnce }, () => makeFakeHost());
  try {
    const [firstHost] = hosts;
    if (firstHost === undefined) return [];
    const { passed } = await restartOnce(firstHost, sshd, undefined);
    const cuts = (["up", "down"] as const).flatMap((direction) =>
      (["bytes", "packets"] as const).flatMap((unit) => {
        const step = unit === "bytes" ? options.everyBytes : options.everyPackets;
        const places = Math.ceil(passed[direction][unit] / step);
        return Array.from({ length: places }, (_, n) =>
          WAYS.filter((_way, index) => options.everyWay || index === n % WAYS.length).map((how): Cut => {
            return { direction, unit, after: (n + 1) * step, how };
          }),
        ).flat();
      }),
    );
    const results: CutRestart[] = [];
    await Promise.all(
      hosts.map(async (host) => {
        for (let cut = cuts.shift(); cut !== undefined; cut = cuts.shift()) {
          const { first, last, count } = await restartOnce(host, sshd, cut);
          // what was on its way has arrived by now, or never will
          await pause(20);
          results.push({ cut, first, last, restarts: count() });
        }
      }),
    );
    return results;
  } finally {
    await sshd.stop();
    for (const host of hosts) host.remove();
  }
}

/** Whether what was said in the end is what the host did. */
export function isTrue({ last, restarts }: CutRestart): boolean {
  switch (last) {
    case "done":
      return restarts === 1;
    case "not-done":
    case "refused":
      return restarts === 0;
    case "unknown":
      return restarts <= 1;
    case "failed":
    case "no-answer":
      return false;
  }
}

// the long form: every 64 bytes and every packet
if (import.meta.main) {
  const results = await cutEverywhere({ everyBytes: 64, everyPackets: 1, atOnce: 4, everyWay: true });
  const wrong = results.filter((result) => !isTrue(result));
  const counts = Object.entries(Object.groupBy(results, ({ first, last }) => `${first} → ${last}`));
  const table = counts.map(([what, list]) => `${list?.length} × ${what}`).join(", ");
  process.stdout.write(`${results.length} cuts: ${table}; ${wrong.length} wrong\n`);
  for (const result of wrong) process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
