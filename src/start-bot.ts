import { randomBytes } from "node:crypto";
import timers from "node:timers/promises";
import type { Output } from "./cli/output.ts";
import type { StartOptions } from "./cli/start-options.ts";
import { takeBotEnvironment } from "./config/bot-environment.ts";
import type { Config } from "./config/config.ts";
import { type Environment, readEnvironment } from "./config/environment.ts";
import { DEFAULT_LISTEN } from "./config/listen-address.ts";
import { type BotSecrets, loadBotSecrets } from "./config/load-bot-secrets.ts";
import { loadConfig } from "./config/load-config.ts";
import { createAlertReceiver } from "./intake/alerts/alert-receiver.ts";
import { loadAlertSources } from "./intake/alerts/alert-source.ts";
import { loadRequest } from "./intake/load-request.ts";
import { createExplain } from "./llm/create-explain.ts";
import { createLog } from "./log/create-log.ts";
import { chooseChat, openDiscord } from "./open-chat.ts";
import { openDiagnose } from "./open-diagnose.ts";
import type { Playbook } from "./playbook/playbook.ts";
import { createServiceControl } from "./remediate/create-service-control.ts";
import type { Explain } from "./report/explain.ts";
import { openEngineBackends } from "./store/open-engine-backends.ts";
import { openRecords } from "./store/open-records.ts";
import { type StorePlace, storePlaceOf } from "./store/store-place.ts";
import { createVerify } from "./verify/create-verify.ts";
import { createConsoleSurface } from "./web/console/create-console-surface.ts";
import { createWeb } from "./web/create-web.ts";
import { createHealth } from "./web/health.ts";
import { createMetrics } from "./web/metrics.ts";
import { makeStartSummary, type StartFacts } from "./web/start-summary.ts";
import { createRuntime } from "./workflow/create-runtime.ts";
import { LANES } from "./workflow/engine.ts";
import { createSiteBook } from "./workflow/site-book.ts";

const ALERT_MAPPINGS = `${import.meta.dirname}/../intake`;

/** For a site that is no longer in the config. */
const DEFAULT_SOAK_MS = 30_000;

interface BotEdges {
  readonly playbooks: readonly Playbook[];
  readonly version: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Ends the bot. */
  readonly signal: AbortSignal;
}

/** Runs the bot until it is told to end. Gives the exit status. @throws {OperatorError} for what must be set right first. */
export async function startBot(options: StartOptions, edges: BotEdges): Promise<number> {
  const { playbooks, version, stdout, stderr, signal } = edges;
  const environment = readEnvironment();
  const tokens = takeBotEnvironment();
  const config = await loadConfig(environment, options.config === undefined ? {} : { file: options.config });
  const secrets = await loadBotSecrets(config, tokens, environment);
  const log = createLog({
    level: tokens.logLevel ?? "info",
    secrets: secrets.all,
    write: (line) => stderr.write(line),
  });
  const alertSources = await loadAlertSources(config?.alerts ?? [], { environment, shipped: ALERT_MAPPINGS });

  const place = storePlaceOf(environment);
  const records = await openRecords(place, { now: Date.now, random: randomBytes, holdLock: true });
  const engine = await openEngineBackends(place, {
    lanes: LANES,
    ...(records.lock === undefined ? {} : { lock: records.lock }),
  });
  const { diagnose, shell, http, redact } = openDiagnose({
    environment,
    playbooks,
    version,
    warn: (message) => log.warn({}, message),
  });
  const sleep = (ms: number, until?: AbortSignal) =>
    timers
      .setTimeout(ms, undefined, { ...(until === undefined ? {} : { signal: until }) })
      .catch(() => undefined);
  const control = createServiceControl({
    shell,
    now: Date.now,
    random: randomBytes,
    neverRestart: config?.neverRestart ?? [],
  });

  const sites = createSiteBook(config, { loadRequest: (site) => requestOf(site, config, environment) });
  const console = createConsoleSurface({ userName: environment.userName });
  const chat: { slack?: undefined; discord?: ReturnType<typeof openDiscord> } = {};
  const explain = openExplain(config, secrets);
  const runtime = createRuntime({
    records,
    backends: engine.backends,
    sites,
    createSurfaces(bot) {
      const { isNewProof } = records.inbox;
      chat.discord = openDiscord(tokens, config, { bot, log, isNewProof });
      return [console, ...(chat.discord === undefined ? [] : [chat.discord])];
    },
    diagnose,
    http,
    control,
    verify: createVerify({
      diagnose,
      http,
      read: control.read,
      now: Date.now,
      wait: sleep,
      soakMsOf: (site) => sites.find(site)?.restart.soakMs ?? DEFAULT_SOAK_MS,
    }),
    ...(explain === undefined ? {} : { explain }),
    log,
    now: Date.now,
    random: randomBytes,
    sleep,
  });

  const key = tokens.consoleKey ?? randomBytes(32).toString("base64url");
  const metrics = createMetrics({
    alertSources: alertSources.map(({ name }) => name),
    openIncidents: async () => (await records.incidents.list({ state: "open", limit: 10_000 })).length,
  });
  const web = createWeb({
    listen: config?.web.listen ?? DEFAULT_LISTEN,
    ...(config?.web.publicUrl === undefined ? {} : { publicUrl: config.web.publicUrl }),
    console: { bot: runtime.bot, surface: console, key },
    health: createHealth({
      checks: [
        { name: "store", isReady: async () => (await records.incidents.list({ limit: 1 })).length >= 0 },
      ],
    }),
    metrics: { ...metrics, ...(tokens.metricsToken === undefined ? {} : { token: tokens.metricsToken }) },
    alertHandler: createAlertReceiver({
      sources: alertSources,
      sites: config?.sites ?? [],
      inbox: records.inbox,
      clean: redact,
      wake: runtime.alertsArrived,
      now: Date.now,
      log,
    }),
    ...(chat.discord?.receiveInteractions === undefined
      ? {}
      : { discordHandler: chat.discord.receiveInteractions }),
    log,
  });

  try {
    await web.start();
    await runtime.start();
    await records.audit.append({
      kind: "bot-started",
      actor: { kind: "bot" },
      text: `Started, version ${version}.`,
    });
    const facts: StartFacts = {
      version,
      ...factsOfConfig(config),
      ...chooseChat(tokens, config),
      webOrigin: config?.web.publicUrl ?? web.origin(),
      isLoopback: isLoopback(config),
      store: factsOfStore(place),
      hasMetricsToken: tokens.metricsToken !== undefined,
      consoleUrl: web.consoleUrl() ?? "",
    };
    const { unicode } = stdout.terminal;
    stdout.write(`${makeStartSummary(facts, { unicode }).join("\n")}\n`);
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    stderr.write("diagnose502: ending; what is under way is finished first.\n");
    return 0;
  } finally {
    await runtime.stop();
    await web.stop();
    await records.audit.append({ kind: "bot-stopped", actor: { kind: "bot" }, text: "Stopped." });
    await engine.close();
    await shell.close();
    await records.close();
  }
}

async function requestOf(target: string, config: Config | undefined, environment: Environment) {
  const asked = { target, proxies: [], upstreams: [], local: false };
  const { request } = await loadRequest(
    config === undefined ? asked : { ...asked, config: config.file },
    environment,
  );
  return request;
}

function openExplain(config: Config | undefined, { modelKey }: BotSecrets): Explain | undefined {
  if (config?.model === undefined) return undefined;
  const { key: _reference, ...model } = config.model;
  return createExplain({
    model: { ...model, ...(modelKey === undefined ? {} : { key: modelKey }) },
    hosts: config.hosts.map(({ name }) => name),
    now: Date.now,
    random: randomBytes,
  });
}

function factsOfConfig(
  config: Config | undefined,
): Pick<StartFacts, "configFile" | "sites" | "alerts" | "model"> {
  if (config === undefined) return { sites: [], alerts: [] };
  const { file, sites, alerts, model } = config;
  return {
    configFile: file,
    sites: sites.map(({ name, approvers }) => ({
      name,
      hasApprovers: Object.values(approvers).some((ids) => ids.length > 0),
    })),
    alerts,
    ...(model === undefined
      ? {}
      : { model: { name: model.name, origin: new URL(model.baseUrl ?? "https://api.openai.com").origin } }),
  };
}

function factsOfStore(place: StorePlace): StartFacts["store"] {
  return place.kind === "sqlite"
    ? { kind: "sqlite", file: `${place.directory}/diagnose502.db` }
    : { kind: "server", where: new URL(place.url).host };
}

function isLoopback(config: Config | undefined): boolean {
  const { address } = config?.web.listen ?? DEFAULT_LISTEN;
  return config?.web.publicUrl === undefined && (address.startsWith("127.") || address === "::1");
}
