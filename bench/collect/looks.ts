import type { Look } from "../../src/plan/plan.ts";

/** Twelve commands an on-call engineer would type on each host; the same ones for every contender. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  "edge-1": [
    "systemctl show nginx.service --no-pager",
    "systemctl status nginx.service --no-pager -n 20",
    "ss -Htln",
    "tail -n 200 /var/log/nginx/error.log",
    "journalctl --no-pager -n 50",
    "curl -q -sS -m 2 -o /dev/null -w %{http_code} http://10.77.0.20:3000/",
    "df -P",
    "free -m",
    "ps -eo pid,ppid,user,etimes,rss,args",
    "/usr/sbin/nginx -t",
    "getent hosts app-1",
    "cat /etc/nginx/nginx.conf",
  ],
  "app-1": [
    "systemctl show shop.service --no-pager",
    "systemctl status shop.service --no-pager -n 20",
    "ss -Htln",
    "tail -n 200 /var/log/shop.log",
    "journalctl --no-pager -n 50",
    "curl -q -sS -m 2 -o /dev/null -w %{http_code} http://127.0.0.1:3000/",
    "df -P",
    "free -m",
    "ps -eo pid,ppid,user,etimes,rss,args",
    "systemctl cat shop.service --no-pager",
    "getent hosts edge-1",
    "cat /proc/loadavg",
  ],
};

/** Fills the two logs the looks read with 200 lines of an ordinary length. */
export const FILL_LOGS = `for log in /var/log/nginx/error.log /var/log/shop.log; do
  [ -d "\${log%/*}" ] || continue
  for n in $(seq 200); do
    echo "$(date '+%Y/%m/%d %H:%M:%S') [error] 1234#1234: *$n connect() failed (111: Connection refused) while connecting to upstream, client: 203.0.113.7, server: shop.test, request: \\"GET /product/$n HTTP/1.1\\", upstream: \\"http://10.77.0.20:3000/product/$n\\", host: \\"shop.test\\""
  done >>"$log"
  chmod 644 "$log"
done`;

const TIMEOUT_MS = 4000;
const MAX_BYTES = 64 * 1024;

/** The command lines of one host, as words. */
export function commandsOf(host: string): readonly (readonly string[])[] {
  return (COMMANDS[host] ?? []).map((line) => line.split(" "));
}

/** The same commands as looks of a plan. */
export function looksOf(host: string): readonly Look[] {
  return commandsOf(host).map((argv, index) => makeLook(`look-${index + 1}`, argv, TIMEOUT_MS));
}

/** A look that never ends by itself; its time limit is what ends it. */
export function hungLook(timeoutMs: number): Look {
  return makeLook("hung", ["tail", "-f", "/dev/null"], timeoutMs);
}

function makeLook(id: string, argv: readonly string[], timeoutMs: number): Look {
  return {
    id,
    probe: id,
    params: {},
    action: { kind: "run", argv },
    as: "self",
    timeoutMs,
    maxBytes: MAX_BYTES,
  };
}
