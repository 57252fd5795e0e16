import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openRecords } from "../../src/store/open-records.ts";
import { askUsage } from "./bot-process.ts";
import { askStore } from "./read-store.ts";
import type { Figure } from "./result.ts";

const INCIDENTS = 10_000;
const WANTED_A_SECOND = 100;
/** What takes longer than this is given up, and what is left counts as failed. */
const PATIENCE_MS = 300_000;
const LOOK_EVERY_MS = 250;

/**
 * L6: incidents that alerts opened and nobody has looked at yet, a site each, when the bot starts. Its hosts answer at once and its only channel
 * is the console: what is measured is its own work, store and engine on disk included. A chat shows one message a second, and would be the measure.
 */
export async function measureBacklog({
  profileTo,
  scale,
}: {
  readonly profileTo?: string | undefined;
  readonly scale: number;
}): Promise<readonly Figure[]> {
  const wanted = Math.round(INCIDENTS * scale);
  const directory = await mkdtemp(join(tmpdir(), "diagnose502-load-"));
  let bot: ChildProcess | undefined;
  try {
    await openIncidents(directory, wanted);
    const startedAt = performance.now();
    bot = fork(join(import.meta.dirname, "backlog-bot.ts"), [directory, String(wanted)], {
      execArgv: [
        "--disable-warning=ExperimentalWarning",
        ...(profileTo === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileTo}`]),
        "--import",
        join(import.meta.dirname, "watch.ts"),
      ],
    });
    bot.send("watch");
    const passed = await untilDone(directory, wanted);
    const [last = { done: 0, ms: performance.now() - startedAt }] = passed.slice(-1);
    const tookMs = last.ms - startedAt;
    const half = passed.find(({ done }) => done >= wanted / 2)?.ms ?? last.ms;
    const usage = await askUsage(bot);
    const ask = (query: string) => askStore(directory, "diagnose502.db", query);
    const diagnoses = ask("select count(*) as n from diagnoses");
    const failed = ask("select count(*) as n from audit where kind in ('diagnosis-failed', 'step-parked')");
    const failedSteps = askStore(
      directory,
      "engine.db",
      "select count(*) as n from step_attempts where status = 'failed'",
    );
    return [
      {
        name: "incidents diagnosed a second",
        value: (last.done / tookMs) * 1000,
        unit: "",
        atLeast: WANTED_A_SECOND,
      },
      { name: "the first half of them", value: (wanted / 2 / (half - startedAt)) * 1000, unit: "" },
      { name: "until the last one", value: tookMs, unit: "ms" },
      {
        name: "incidents without a diagnosis, looks that failed, turns that were parked",
        value: wanted - last.done + failed,
        unit: "",
        atMost: 0,
      },
      { name: "steps of the engine that failed", value: failedSteps, unit: "", atMost: 0 },
      { name: "looks taken twice", value: Math.max(0, diagnoses - last.done), unit: "" },
      { name: "work between two turns of the event loop, p99", value: usage.workP99Ms, unit: "ms" },
      { name: "longest", value: usage.workMaxMs, unit: "ms" },
      { name: "longest stall of the event loop", value: usage.stallMaxMs, unit: "ms" },
      { name: "RSS, at most", value: usage.peakRssMb, unit: "MB" },
      { name: "processor time", value: (usage.cpuMs / tookMs) * 100, unit: "%" },
    ];
  } finally {
    if (bot !== undefined) {
      const ended = once(bot, "exit");
      bot.kill("SIGTERM");
      await ended;
    }
    await rm(directory, { recursive: true, force: true });
  }
}

/** As alerts open them; the bot that took those is dead. */
async function openIncidents(directory: string, count: number): Promise<void> {
  const place = { kind: "sqlite", directory } as const;
  const records = await openRecords(place, { now: Date.now, random: randomBytes, holdLock: false });
  const actor = { kind: "alert", source: "load" } as const;
  for (let index = 0; index < count; index++) {
    const title = `502 on b${index}`;
    await records.incidents.openOrJoin(
      { site: `b${index}`, url: `http://b${index}.example.com/`, openedBy: actor, title },
      { kind: "incident-opened", actor, text: `Alert of load: ${title}` },
    );
  }
  await records.close();
}

/** How many were done at which moment. */
async function untilDone(directory: string, wanted: number) {
  const endsAt = performance.now() + PATIENCE_MS;
  const passed: { readonly done: number; readonly ms: number }[] = [];
  for (let done = 0; done < wanted && performance.now() < endsAt; ) {
    await sleep(LOOK_EVERY_MS);
    const question =
      "select count(*) as n from incidents where diagnosis is not null and looks_done = looks_wanted";
    done = askStore(directory, "diagnose502.db", question);
    passed.push({ done, ms: performance.now() });
    if (process.env.LOAD_LOG !== undefined) process.stderr.write(`${done} of ${wanted} done\n`);
  }
  return passed;
}
