import { START_COMMAND } from "../../../src/ssh/start-command.ts";
import { timed } from "../../statistics.ts";
import type { Contender, Endpoint, Login } from "../contender.ts";
import { NAMES } from "../names.ts";
import { runScript } from "../run-script.ts";

/** What the looks themselves cost: the same script as the same user on both hosts at once, without a network. */
export function createFloor(endpoints: readonly Endpoint[], { user }: Login): Contender {
  const enter = (rootPid: number) => [
    ...["nsenter", "-t", String(rootPid), "-m", "-u", "-i", "-n", "-p", "--"],
    ...["setpriv", "--reuid", user, "--regid", user, "--init-groups", "--reset-env", "--"],
    ...["sh", "-c", START_COMMAND],
  ];
  return {
    name: NAMES.floor,
    run: () =>
      timed(() => Promise.all(endpoints.map(({ name, rootPid }) => runScript(enter(rootPid), name)))),
    close: async () => undefined,
  };
}
