import type { Client, ClientChannel } from "ssh2";
import { execAtOnce } from "./exec-at-once.ts";
import { START_COMMAND } from "./start-command.ts";

/** Shells of one connection, each for one script. */
export interface WaitingShells {
  /** Starts one that waits, unless one does already. */
  prepare(): void;
  /** The one that waits, else a new one. @throws {Error} when the server gives none. */
  take(): Promise<ClientChannel>;
}

/**
 * A shell on a channel of its own takes two round trips; one that waits already has had them. For a client that has
 * opened no channel yet: one waits from the start.
 */
export function createWaitingShells(client: Client): WaitingShells {
  let waiting: Promise<ClientChannel> | undefined;
  const takeWaiting = () => {
    const taken = waiting;
    waiting = undefined;
    return taken;
  };
  const prepare = () => {
    if (waiting !== undefined) return;
    const opening = openShell(client);
    const forget = () => {
      if (waiting === opening) waiting = undefined;
    };
    waiting = opening;
    // refused where only one session at a time is allowed: then the next script opens its own
    opening.then((channel) => channel.once("close", forget), forget);
  };
  prepare();
  execAtOnce(client, START_COMMAND);
  return {
    prepare,
    take() {
      // where one session is allowed, the last one may have ended just now, or the one that waits has its place
      return (takeWaiting() ?? openShell(client))
        .catch((refusal) => takeWaiting() ?? Promise.reject(refusal))
        .catch(() => openShell(client));
    },
  };
}

function openShell(client: Client): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(START_COMMAND, (error, channel) => {
      if (error !== undefined) return reject(error);
      channel.on("error", () => undefined);
      resolve(channel);
    });
  });
}
