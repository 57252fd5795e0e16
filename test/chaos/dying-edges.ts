import { AsyncLocalStorage } from "node:async_hooks";
import { Socket } from "node:net";
import type { Intent } from "../../src/approval/intent.ts";
import type { Intents, SendGuard } from "../../src/approval/intents.ts";
import type { Shell, ShellConnection } from "../../src/collect/shell.ts";
import type { ServiceControl } from "../../src/remediate/service-control.ts";
import { isSettled } from "../../src/workflow/is-settled.ts";
import type { Line } from "./death.ts";

type Die = (line: Line) => void;

/**
 * The store, with places to die before and after its moves. How often restarts and questions may follow each other is not what is tried
 * here: those limits see no history. That one service is restarted at a time is decided elsewhere, and stays.
 */
export function dyingIntents(real: Intents, die: Die): Intents {
  return {
    ...real,
    sent: async () => [],
    createdSince: async () => [],
    async create(...args) {
      const made = await real.create(...args);
      die("proposed");
      return made;
    },
    async decide(...args) {
      die("deciding");
      const decided = await real.decide(...args);
      die("decided");
      return decided;
    },
    async move(key, move, audit, notes, guard) {
      if (move.to === "sent") die("claiming");
      return await real.move(
        key,
        move,
        audit,
        notes,
        guard === undefined ? guard : withoutLimits(guard, key),
      );
    },
  };
}

/** Only what is under way on the same host or for the same site stands in the way. */
function withoutLimits(guard: SendGuard, key: string): SendGuard {
  return {
    ...guard,
    allows(sent) {
      const mine = sent.find((intent) => intent.key === key);
      const isRelated = ({ host, site }: Intent) => host === mine?.host || site === mine?.site;
      return guard.allows(sent.filter((intent) => isRelated(intent) && !isSettled(intent)));
    },
  };
}

/** That the call below is one that sends a restart. */
const sending = new AsyncLocalStorage<true>();

/** The hand on hosts, with places to die around its calls. */
export function dyingControl(real: ServiceControl, die: Die): ServiceControl {
  return {
    ...real,
    restart: (...args) => sending.run(true, () => real.restart(...args)),
    ask(...args) {
      die("asking");
      return real.ask(...args);
    },
    async forget(...args) {
      await real.forget(...args);
      die("forgotten");
    },
  };
}

/** Connections that restarts are sent over, with places to die within the exchange. */
export function dyingShell(real: Shell, die: Die): Shell {
  return {
    ...real,
    async connect(...args) {
      const connected = await real.connect(...args);
      if (!connected.ok || sending.getStore() === undefined) return connected;
      return { ok: true, connection: dyingConnection(connected.connection, die) };
    },
  };
}

function dyingConnection(real: ShellConnection, die: Die): ShellConnection {
  return {
    ...real,
    runScript(script, limits) {
      die("connected");
      afterWriteOf(script.length, () => die("written"));
      return real.runScript(script, {
        ...limits,
        onBytes(chunk) {
          die("begun");
          return limits.onBytes(chunk);
        },
      });
    },
  };
}

/** Calls back when the kernel has taken the encrypted packet that holds so many bytes of ours. */
function afterWriteOf(bytes: number, then: () => void): void {
  const { write } = Socket.prototype;
  Socket.prototype.write = function written(this: Socket, ...args: Parameters<typeof write>) {
    const [chunk] = args;
    if (chunk instanceof Uint8Array && chunk.length >= bytes && chunk.length < bytes + 512) {
      Socket.prototype.write = write;
      setImmediate(then);
    }
    return Reflect.apply(write, this, args);
  } as typeof write;
}
