import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Platforms } from "./platforms.ts";

const WATCH = fileURLToPath(new URL("./watch.ts", import.meta.url));
/** What a package holds: compiled, so that no start has to strip types. */
export const REAL_BOT = [fileURLToPath(new URL("../../dist/main.js", import.meta.url)), "start"];
/** The same start-up, with hosts in memory. */
export const SIMULATED_BOT = [fileURLToPath(new URL("./simulated-bot.ts", import.meta.url))];

const ALERT_TOKEN = randomBytes(32).toString("hex");
/** Of a second source of alerts, whose secret is known to whoever floods. */
export const LOUD_TOKEN = randomBytes(32).toString("hex");

const Usage = z.object({
  kind: z.literal("usage"),
  stallMaxMs: z.number(),
  stallP99Ms: z.number(),
  /** Processor time between two turns of the loop: what its stalls would be if nobody else wanted the processor. */
  workMaxMs: z.number(),
  workP99Ms: z.number(),
  rssMb: z.number(),
  peakRssMb: z.number(),
  cpuMs: z.number(),
});
type Usage = z.infer<typeof Usage>;

/** What a simulated host saw; `at`: epoch ms. */
const HostEvent = z.object({ kind: z.enum(["look", "restart"]), site: z.string(), at: z.number() });
type HostEvent = z.infer<typeof HostEvent>;

/** A bot of its own process, on a state directory that outlives it. */
export interface BotProcess {
  readonly pid: number;
  readonly hostEvents: readonly HostEvent[];
  /** From now on stalls of its event loop count. */
  watch(): void;
  /** Of the simulated bot: what visitors of a site get from now on. */
  turnSite(site: string, state: { readonly isUp: boolean }): void;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
}

/** Where one bot keeps its things, and how it is reached. */
export interface BotPlace {
  readonly directory: string;
  readonly port: number;
  /** What the config says beside chat, web and alerts. */
  readonly config: { readonly hosts: object; readonly sites: object; readonly model?: object };
}

/** Starts it and waits until it stands in both platforms. `profileTo`: a directory for its processor profile. */
export async function startBotProcess(
  program: readonly string[],
  options: {
    readonly place: BotPlace;
    readonly platforms: Platforms;
    readonly profileTo?: string | undefined;
    /** Of the simulated bot. */
    readonly lookMs?: number;
  },
): Promise<BotProcess> {
  const { place, platforms, profileTo, lookMs = 0 } = options;
  const { directory, port, config } = place;
  const home = join(directory, "home");
  await mkdir(home, { recursive: true });
  const file = join(directory, "diagnose502.yaml");
  const whole = {
    ...config,
    chat: platforms.chat,
    web: { listen: `127.0.0.1:${port}` },
    alerts: {
      load: { mapping: "alertmanager", token: { env: "LOAD_TOKEN" } },
      loud: { mapping: "alertmanager", token: { env: "LOUD_TOKEN" } },
    },
  };
  await writeFile(file, JSON.stringify(whole), { mode: 0o600 });
  const profile = profileTo === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileTo}`];
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", ...profile, "--import", WATCH, ...program, "--config", file],
    {
      stdio: ["ignore", "ignore", process.env.LOAD_LOG === undefined ? "ignore" : "inherit", "ipc"],
      env: {
        PATH: process.env.PATH,
        HOME: home,
        DIAGNOSE502_STATE: join(directory, "state"),
        DIAGNOSE502_LOG_LEVEL: "warn",
        LOAD_TOKEN: ALERT_TOKEN,
        LOUD_TOKEN,
        LOOK_MS: String(lookMs),
        ...platforms.environment,
      },
    },
  );
  const exited = once(child, "exit");
  const { hostEvents, usage } = listen(child);
  try {
    await Promise.race([
      platforms.untilConnected(),
      exited.then(([status]) => Promise.reject(new Error(`the bot ended with ${status}`))),
    ]);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    hostEvents,
    watch: () => void child.send("watch"),
    turnSite: (site, { isUp }) => void child.send({ kind: "turn", site, isUp }),
    usage,
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function listen(child: ChildProcess) {
  const hostEvents: HostEvent[] = [];
  const told = new EventEmitter();
  child.on("message", (message) => {
    const event = HostEvent.safeParse(message);
    if (event.success) hostEvents.push(event.data);
    else told.emit("usage", message);
  });
  return {
    hostEvents,
    async usage(): Promise<Usage> {
      const heard = once(told, "usage");
      child.send("tell");
      const [usage] = await heard;
      return Usage.parse(usage);
    },
  };
}

/** Of a process that `watch.ts` was preloaded into, whoever started it. */
export async function askUsage(child: ChildProcess): Promise<Usage> {
  return await listen(child).usage();
}

/** Sends an alert as Alertmanager does, one that fires since now unless it is said; resolves with the status, 0 when nobody answered. */
export async function sendAlert(
  port: number,
  alert: {
    readonly site: string;
    readonly id: string;
    readonly status?: "firing" | "resolved";
    readonly title?: string;
    readonly startsAt?: string;
  },
): Promise<number> {
  const {
    site,
    id,
    status = "firing",
    title = `502 on ${site}`,
    startsAt = new Date().toISOString(),
  } = alert;
  const labels = { alertname: "BadGateway", site };
  const body = {
    version: "4",
    status,
    alerts: [{ status, fingerprint: id, labels, annotations: { summary: title }, startsAt }],
  };
  try {
    const response = await fetch(`http://127.0.0.1:${port}/alerts/load`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${ALERT_TOKEN}` },
      body: JSON.stringify(body),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

export async function removePlace({ directory }: BotPlace): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}
