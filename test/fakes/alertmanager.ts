import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { run } from "../lab/command.ts";

const PROGRAM = "prometheus-alertmanager";

/** Why no Alertmanager can be started here; undefined when one can. */
export async function alertmanagerUnavailableBecause(): Promise<string | undefined> {
  const found = await run([PROGRAM, "--version"]).catch(() => undefined);
  return found?.exitCode === 0 ? undefined : `it needs ${PROGRAM} (Debian package of that name)`;
}

/** A stock Alertmanager, unmodified, on 127.0.0.1. It notifies at once, and again every second. */
export interface Alertmanager {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly pid: number;
  /** Fires until it is resolved. */
  fire(labels: Labels, annotations?: Labels): Promise<void>;
  resolve(labels: Labels): Promise<void>;
  /** One number of its own metrics, summed over all that begin with `name`. */
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

interface Labels {
  readonly [name: string]: string;
}

/** Each alert is a group of its own, so that one request is one alert, unless `groupBy` says otherwise. */
export async function startAlertmanager(options: {
  readonly webhookUrl: string;
  readonly token: string;
  readonly groupBy?: readonly string[];
  /** Default 1 s. */
  readonly repeatInterval?: string;
}): Promise<Alertmanager> {
  const directory = mkdtempSync(join(tmpdir(), "diagnose502-alertmanager-"));
  const config = join(directory, "alertmanager.yml");
  writeFileSync(config, makeConfig(options), { mode: 0o600 });
  const child = spawn(
    PROGRAM,
    [
      `--config.file=${config}`,
      `--storage.path=${join(directory, "data")}`,
      "--web.listen-address=127.0.0.1:0",
      "--cluster.listen-address=",
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const exited = once(child, "exit");
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await exited;
    rmSync(directory, { recursive: true, force: true });
  };
  const lines: string[] = [];
  const address = await listeningAddress(createInterface(child.stderr), lines);
  if (address === undefined || child.pid === undefined) {
    await stop();
    throw new Error(`${PROGRAM} did not start: ${lines.join("\n")}`);
  }
  const url = `http://${address}`;
  const startedAt = new Map<string, string>();
  const keyOf = (labels: Labels) => JSON.stringify(Object.entries(labels).sort());

  return {
    url,
    pid: child.pid,
    async fire(labels, annotations = {}) {
      const startsAt = new Date().toISOString();
      startedAt.set(keyOf(labels), startsAt);
      await postAlerts(url, [{ labels, annotations, startsAt }]);
    },
    async resolve(labels) {
      const endsAt = new Date().toISOString();
      await postAlerts(url, [{ labels, startsAt: startedAt.get(keyOf(labels)), endsAt }]);
    },
    async metric(name) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const values = text.split("\n").filter((line) => line.startsWith(name));
      return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
    },
    stop,
  };
}

/** It says where it listens in a log line: `msg="Listening on" address=127.0.0.1:39871`. All lines are read on, so that it never blocks. */
function listeningAddress(log: NodeJS.EventEmitter, lines: string[]): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  log.on("line", (line: string) => {
    lines.push(line);
    const address = /\baddress=(127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (address !== undefined) resolve(address);
  });
  log.on("close", () => resolve(undefined));
  return promise;
}

/** Source: Alertmanager API v2, openapi.yaml `postAlerts`. */
async function postAlerts(url: string, alerts: readonly object[]): Promise<void> {
  const response = await fetch(`${url}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(alerts),
  });
  if (!response.ok) throw new Error(`Alertmanager answered ${response.status}: ${await response.text()}`);
}

function makeConfig(options: Parameters<typeof startAlertmanager>[0]): string {
  const { webhookUrl, token, groupBy = ["..."], repeatInterval = "1s" } = options;
  return `
route:
  receiver: bot
  group_by: ${JSON.stringify(groupBy)}
  group_wait: 0s
  group_interval: 1s
  repeat_interval: ${repeatInterval}
receivers:
  - name: bot
    webhook_configs:
      - url: ${JSON.stringify(webhookUrl)}
        send_resolved: true
        http_config: { authorization: { type: Bearer, credentials: ${JSON.stringify(token)} } }
`;
}
