import type { RunningStack } from "../stack.ts";

/**
 * The same hosts, where `stop` is nobody's decision: services are killed and stay down. What a person has stopped, the bot names and
 * offers no restart for.
 */
export function whereServicesDie(running: RunningStack): RunningStack {
  return {
    ...running,
    stop: (host, ...units) => running.on(host, kill(units.map((unit) => `${unit}.service`))),
  };
}

function kill(units: readonly string[]): string {
  return `for unit in ${units.join(" ")}; do
  mkdir -p /run/systemd/system/$unit.d
  printf '[Service]\\nRestart=no\\n' >/run/systemd/system/$unit.d/stays-down.conf
done
systemctl daemon-reload
systemctl kill -s KILL ${units.join(" ")}
while systemctl is-active -q ${units.join(" ")}; do sleep 0.05; done`;
}
