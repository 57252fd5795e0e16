import { randomBytes, randomInt } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { HostRecord } from "./judge.ts";
import { unitOf } from "./sites.ts";

/** What a bot says to it, one JSON line a connection. */
export type StandInQuestion =
  | { readonly verb: "read"; readonly unit: string }
  | { readonly verb: "restart"; readonly unit: string; readonly key: string; readonly expected: string }
  | { readonly verb: "status"; readonly unit: string; readonly key: string };

/** What it answers, one JSON line; `begun`: under way. */
export interface StandInAnswer {
  readonly word: "known" | "done" | "stale" | "taken" | "begun";
  readonly invocation: string;
}

/** A host with the manners of the restart helper, for more approvals than real machines have time for. It outlives the bots. */
export interface StandInHost {
  /** Path of its socket. */
  readonly socket: string;
  readRecord(): HostRecord;
  close(): Promise<void>;
}

/** Packets are late, so that a command may arrive after whoever sent it is dead. */
const LAG_MS = 30;
const RESTART_MS = 15;

export async function openStandInHost(options: {
  readonly socket: string;
  readonly units: readonly number[];
}): Promise<StandInHost> {
  const starts = new Map(options.units.map((number) => [unitOf(number), [newInvocation()]]));
  const arrivals = new Map<string, number>();
  const markers = new Map<string, StandInAnswer>();
  /** One restart of a unit at a time. */
  const locks = new Map<string, Promise<unknown>>();
  const open = new Set<Socket>();

  const invocationOf = (unit: string) => starts.get(unit)?.at(-1) ?? "none";

  async function restart(unit: string, key: string, expected: string): Promise<StandInAnswer> {
    const known = markers.get(key);
    if (known !== undefined) return known;
    if (invocationOf(unit) !== expected) return mark(key, { word: "stale", invocation: invocationOf(unit) });
    mark(key, { word: "begun", invocation: expected });
    await sleep(RESTART_MS);
    starts.get(unit)?.push(newInvocation());
    return mark(key, { word: "done", invocation: invocationOf(unit) });
  }

  function mark(key: string, answer: StandInAnswer): StandInAnswer {
    markers.set(key, answer);
    return answer;
  }

  async function answer(question: StandInQuestion): Promise<StandInAnswer> {
    const { unit } = question;
    switch (question.verb) {
      case "read":
        return { word: "known", invocation: invocationOf(unit) };
      case "status":
        return (
          markers.get(question.key) ?? mark(question.key, { word: "taken", invocation: invocationOf(unit) })
        );
      case "restart": {
        const { key, expected } = question;
        arrivals.set(key, (arrivals.get(key) ?? 0) + 1);
        const before = locks.get(unit) ?? Promise.resolve();
        const mine = before.then(() => restart(unit, key, expected));
        locks.set(unit, mine);
        return await mine;
      }
    }
  }

  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined).on("close", () => open.delete(socket));
    const lines = createInterface({ input: socket });
    // who asked is dead
    lines.on("error", () => undefined);
    lines.once("line", async (line) => {
      await sleep(randomInt(LAG_MS));
      socket.end(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(options.socket, resolve));
  return {
    socket: options.socket,
    readRecord: () => ({ starts, arrivals }),
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function newInvocation(): string {
  return randomBytes(16).toString("hex");
}
