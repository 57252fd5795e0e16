import { setTimeout as sleep } from "node:timers/promises";
import type { Diagnosis } from "../../src/classify/diagnosis.ts";
import type { BaseLayer } from "./base-layer.ts";
import { diagnose } from "./diagnose.ts";
import { type Counted, type Judgement, judge } from "./judge.ts";
import type { LabCase } from "./lab-case.ts";
import type { LabNetwork } from "./network.ts";
import { type Answer, type RunningStack, type Stack, startStack, waitUntilHealthy } from "./stack.ts";
import { stacks } from "./stacks.ts";
import { findTraces, takeSnapshot } from "./traces.ts";

export interface CaseResult extends Counted {
  readonly name: string;
  readonly answers: readonly Answer[];
  readonly judgement: Judgement | undefined;
  readonly diagnosis: Diagnosis | undefined;
  /** What went wrong around the diagnosis: a host that did not boot, a tool that printed no JSON. */
  readonly trouble: string | undefined;
  /** The last lines of every log, for `--dry`. */
  readonly logs: string;
  readonly diagnoseMs: number;
  readonly totalMs: number;
}

export interface CaseOptions {
  readonly base: BaseLayer;
  readonly network: LabNetwork;
  /** Inject and look, but do not diagnose. */
  readonly dry: boolean;
  /** Folder to record the incident in. */
  readonly save: string | undefined;
}

const REQUESTS = 3;
/** A slow machine may answer before a fault has taken. */
const ROUNDS = 5;
const ROUND_MS = 1000;

/** Brings the stack up, breaks it, asks the tool, judges. Never throws: what goes wrong is the result. */
export async function runCase(labCase: LabCase, options: CaseOptions): Promise<CaseResult> {
  const startedAt = performance.now();
  const path = labCase.path ?? "/";
  let answers: readonly Answer[] = [];
  let touched: readonly string[] = [];
  let diagnosis: Diagnosis | undefined;
  let judgement: Judgement | undefined;
  let trouble: string | undefined;
  let logs = "";
  let diagnoseMs = 0;
  let running: RunningStack | undefined;
  try {
    running = await startStack(findStack(labCase.stack), options);
    await waitUntilHealthy(running);
    if (labCase.withoutSudo)
      await Promise.all(running.hosts.map((host) => host.sh("rm /etc/sudoers.d/diagnose502")));
    await labCase.fault(running);
    answers = await askSite(running, labCase);
    if (options.dry) {
      logs = await lastLogLines(running);
    } else {
      const present = running.hosts.filter(({ name }) => !running?.isOff(name));
      const before = await Promise.all(
        present.map(async (host) => ({ host, snapshot: await takeSnapshot(host) })),
      );
      const diagnoseStartedAt = performance.now();
      diagnosis = await diagnose(running, {
        base: options.base,
        path,
        ...(options.save ? { save: options.save } : {}),
      });
      diagnoseMs = performance.now() - diagnoseStartedAt;
      judgement = judge(diagnosis, labCase.truth);
      touched = (await Promise.all(before.map(({ host, snapshot }) => findTraces(host, snapshot)))).flat();
    }
  } catch (error) {
    trouble = error instanceof Error ? error.message : String(error);
    if (!options.dry) judgement = { grade: "no-answer", wrongRestart: false, said: "no answer", remarks: [] };
  } finally {
    await running?.close();
  }
  const took = hasTaken(labCase, answers);
  const totalMs = performance.now() - startedAt;
  return {
    name: labCase.name,
    took,
    touched,
    answers,
    judgement,
    diagnosis,
    trouble,
    logs,
    diagnoseMs,
    totalMs,
  };
}

/** What clients get, as often as the case wants it; again while that is not what the fault brings. */
export async function askSite(running: RunningStack, labCase: LabCase): Promise<readonly Answer[]> {
  for (let round = 1; ; round++) {
    const answers = await askOnce(running, labCase);
    if (round === ROUNDS || hasTaken(labCase, answers)) return answers;
    await sleep(ROUND_MS);
  }
}

async function askOnce(running: RunningStack, labCase: LabCase): Promise<readonly Answer[]> {
  const { path = "/" } = labCase;
  const answers: Answer[] = [];
  for (let n = 0; n < (labCase.requests ?? REQUESTS); n++) {
    answers.push(await running.get(path, labCase.post === undefined ? {} : { post: labCase.post }));
  }
  return answers;
}

export function hasTaken({ truth }: LabCase, answers: readonly Answer[]): boolean {
  return answers.some(({ status }) => truth.status.includes(status));
}

export function findStack(name: string): Stack {
  const stack = stacks.find((candidate) => candidate.name === name);
  if (!stack) throw new Error(`There is no stack called ${name}.`);
  return stack;
}

async function lastLogLines(running: RunningStack): Promise<string> {
  const script = `tail -qn 3 $(find /var/log -name '*error*log' -o -name 'php*fpm.log' -o -name 'shop*.log' | sort) 2>/dev/null
journalctl --no-pager -o short-iso 2>/dev/null | grep -Ev 'sshd|systemd-logind|[Rr]unlevel|Reached target|ssh.service|user-sessions' | tail -n 8 || true`;
  const present = running.hosts.filter(({ name }) => !running.isOff(name));
  const texts = await Promise.all(present.map(async (host) => `[${host.name}]\n${await host.sh(script)}`));
  return texts.join("");
}
