import type { RunningStack } from "../stack.ts";

/** What the hosts themselves have on record, all together. */
export interface HostRecord {
  /** Restarts that the root helper has begun. */
  readonly byHelper: number;
  /** Starts of services, whoever asked for them. */
  readonly starts: number;
  /** Keys that were not forgotten after their proof. */
  readonly markers: readonly string[];
}

/** systemd.journal-fields(7): "Started …" of a unit. */
const STARTED = "39f53479d3a045ac8e11786248231fbf";
const READ = `journalctl --sync
journalctl -q --no-pager -o cat -t diagnose502 | grep -c 'restarting' || true
journalctl -q --no-pager -o json --output-fields=UNIT _PID=1 MESSAGE_ID=${STARTED} | grep -cE '"UNIT":"(shop|php|uwsgi|tomcat|nginx|apache|haproxy)[^"]*[.]service"' || true
ls -A /run/diagnose502 2>/dev/null | grep -vx lock || true`;

export async function countRestarts(running: RunningStack): Promise<HostRecord> {
  const hosts = running.hosts.filter(({ name }) => !running.isOff(name));
  const records = await Promise.all(
    hosts.map(async (host) => {
      const [byHelper, starts, ...markers] = (await host.sh(READ)).trim().split("\n");
      return { byHelper: Number(byHelper), starts: Number(starts), markers };
    }),
  );
  const sum = (of: (record: HostRecord) => number) =>
    records.reduce((total, record) => total + of(record), 0);
  return {
    byHelper: sum(({ byHelper }) => byHelper),
    starts: sum(({ starts }) => starts),
    markers: records.flatMap(({ markers }) => markers),
  };
}
