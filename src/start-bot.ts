import { randomBytes } from "node:crypto";
import timers from "node:timers/promises";
import type { Output } from "./cli/output.ts";
import type { StartOptions } from "./cli/start-options.ts";
import { cleanText } from "./collect/clean-text.ts";
import { type BotEnvironment, takeBotEnvironment } from "./config/bot-environment.ts";
import type { Config } from "./config/config.ts";
import { type Environment, readEnvironment } from "./config/environment.ts";
import { DEFAULT_LISTEN } from "./config/listen-address.ts";
import { type BotSecrets, loadBotSecrets } from "./config/load-bot-secrets.ts";
import { loadConfig } from "./config/load-config.ts";
import { digestOfFiles, makeStartEntry } from "./incident/judged-by.ts";
import { createAlertReceiver } from "./intake/alerts/alert-receiver.ts";
import { loadAlertSources } from "./intake/alerts/alert-source.ts";
import { loadRequest } from "./intake/load-request.ts";
import { createLog } from "./log/create-log.ts";
import { chooseChat, type OpenChat, openChat } from "./open-chat.ts";
import type { OpenHosts } from "./open-hosts.ts";
import type { LoadedPlaybook } from "./playbook/load-playbooks.ts";
import type { Explain } from "./report/explain.ts";
import { keepStore } from "./store/keep-store.ts";
import { openEngineBackends } from "./store/open-engine-backends.ts";
import { openRecords } from "./store/open-records.ts";
import { readAuditLog } from "./store/read-audit-log.ts";
import { type StorePlace, storePlaceOf } from "./store/store-place.ts";
import { urgently } from "./turnstile.ts";
import { startWatchdog } from "./watchdog.ts";
import { createConsoleSurface } from "./web/console/create-console-surface.ts";
import { createWeb, type Web } from "./web/create-web.ts";
import { createHealth } from "./web/health.ts";
import { createMetrics } from "./web/metrics.ts";
import { makeStartSummary } from "./web/start-summary.ts";
import { createRuntime } from "./workflow/create-runtime.ts";
import { LANES } from "./workflow/engine.ts";
import { measureBot, measureIntents } from "./workflow/measure.ts";
import { createSiteBook } from "./workflow/site-book.ts";

const ALERT_MAPPINGS = `${import.meta.dirname}/../intake`;
/** Of a text in an alert. */
const MAX_LINE = 2000;
/** For a site that is no longer in the config. */
const DEFAULT_SOAK_MS = 30_000;
const OPEN_INCIDENTS = { state: "open", limit: 10_000 } as const;
const BOT = { kind: "bot" } as const;
/** Anybody may ask whether the bot is ready, and its disk is written to for that. */
const STORE_CHECK_VALID_MS = 5000;
/** Many times the longest that a busy machine was seen to take for one turn of the event loop. */
const WEDGED_AFTER_MS = 30_000;

interface BotEdges {
  readonly openHosts: OpenHosts;
  readonly playbooks: readonly LoadedPlaybook[];
  readonly version: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Ends the bot. */
  readonly signal: AbortSignal;
}

/** Runs the bot until it is told to end. Gives the exit status. @throws {OperatorError} for what must be set right first. */
export async function startBot(options: StartOptions, edges: BotEdges): Promise<number> {
  const { openHosts, playbooks, version, stdout, stderr, signal } = edges;
  const environment = readEnvironment();
  const tokens = takeBotEnvironment();
  const config = await loadConfig(environment, options.config === undefined ? {} : { file: options.config });
  const secrets = await loadBotSecrets(config, tokens, environment);
  const sites = createSiteBook(config, { loadRequest: (site) => requestOf(site, config, environment) });
  const { redact, ...hosts } = openHosts({
    environment,
    playbooks,
    version,
    neverRestart: config?.neverRestart ?? [],
    soakMsOf: (site) => sites.find(site)?.restart.soakMs ?? DEFAULT_SOAK_MS,
    sleep,
    warn: (message) => log.warn({}, message),
  });
  for (const secret of secrets.all) hosts.ownSecrets.add(secret);
  const log = createLog({
    level: tokens.logLevel ?? "info",
    redact,
    write: (line) => stderr.write(line),
  });
  const alertSources = await loadAlertSources(config?.alerts ?? [], { environment, shipped: ALERT_MAPPINGS });
  const explain = await openExplain(config, secrets);

  const place = storePlaceOf(environment);
  const records = await openRecords(place, { now: Date.now, random: randomBytes, holdLock: true });
  const { lock } = records;
  const engine = await openEngineBackends(place, { lanes: LANES, ...(lock === undefined ? {} : { lock }) });
  const metrics = createMetrics({
    alertSources: alertSources.map(({ name }) => name),
    openIncidents: async () => (await records.incidents.list(OPEN_INCIDENTS)).length,
    log,
  });
  const console = createConsoleSurface({ userName: environment.userName });
  let chat: OpenChat = {};
  const runtime = createRuntime({
    records: { ...records, intents: measureIntents(records.intents, metrics.restart) },
    backends: engine.backends,
    retryRuns: engine.retryNow,
    sites,
    basis: digestOfFiles({ config, playbooks }),
    createSurfaces(bot) {
      // asked about each click and signed request, before it is acknowledged
      const isNewProof = (proof: string) => urgently(() => records.inbox.isNewProof(proof));
      chat = openChat(tokens, config, { bot: measureBot(bot, metrics.acknowledged), log, isNewProof });
      return [console, ...Object.values(chat)];
    },
    diagnose: hosts.diagnose,
    http: hosts.http,
    redact,
    control: hosts.control,
    verify: hosts.verify,
    ...(explain === undefined ? {} : { explain }),
    onDiagnosed: metrics.diagnosed,
    log,
    now: Date.now,
    steady: () => performance.now(),
    random: randomBytes,
    sleep,
  });
  const receiver = createAlertReceiver({
    sources: alertSources,
    sites: config?.sites ?? [],
    inbox: records.inbox,
    clean: (text) => redact(cleanText(Buffer.from(text), { maxLineLength: MAX_LINE })),
    wake: runtime.alertsArrived,
    onResult: metrics.alert,
    now: Date.now,
    log,
  });
  const slackHandler = chat.slack?.endpoint;
  const discordHandler = chat.discord?.receiveInteractions;
  const web = createWeb({
    listen: config?.web.listen ?? DEFAULT_LISTEN,
    ...(config?.web.publicUrl === undefined ? {} : { publicUrl: config.web.publicUrl }),
    console: {
      bot: measureBot(runtime.bot, metrics.acknowledged),
      surface: console,
      key: tokens.consoleKey ?? randomBytes(32).toString("base64url"),
    },
    health: createHealth({ checks: readinessOf(records, chat) }),
    metrics: {
      contentType: metrics.contentType,
      text() {
        for (const { name, isConnected } of connectionsOf(chat)) metrics.connected(name, isConnected());
        return metrics.text();
      },
      ...(tokens.metricsToken === undefined ? {} : { token: tokens.metricsToken }),
    },
    alertHandler: receiver,
    ...(slackHandler === undefined ? {} : { slackHandler }),
    ...(discordHandler === undefined ? {} : { discordHandler }),
    log,
  });

  const watchdog = startWatchdog({
    afterMs: WEDGED_AFTER_MS,
    onFailure: (error) => log.error({ error }, "nobody ends the bot any more if it hangs"),
  });
  const ended = new AbortController();
  const keeping = keepStore({
    records,
    engine,
    auditHead: () => readAuditLog(place, async ({ head }) => head),
    log,
    now: Date.now,
    sleep,
    signal: ended.signal,
  });
  try {
    await web.start();
    await runtime.start();
    await records.audit.append(makeStartEntry({ version, config, playbooks }));
    const { unicode } = stdout.terminal;
    stdout.write(sayStart({ version, config, tokens, place, web, unicode, userName: environment.userName }));
    await untilAborted(signal);
    stderr.write("diagnose502: ending; what is under way is finished first.\n");
    return 0;
  } finally {
    ended.abort();
    await runtime.stop();
    await web.stop();
    await keeping;
    await records.audit.append({ kind: "bot-stopped", actor: BOT, text: "Stopped." });
    await engine.close();
    await hosts.close();
    await records.close();
    await watchdog.stop();
  }
}

/** Ends early, and without a word, when it is aborted. */
async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await timers.setTimeout(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

async function requestOf(target: string, config: Config | undefined, environment: Environment) {
  const asked = { target, proxies: [], upstreams: [], local: false };
  const { request } = await loadRequest(config === undefined ? asked : { ...asked, config }, environment);
  return request;
}

/** Most bots have no model, and its library is large. */
async function openExplain(
  config: Config | undefined,
  { modelKey }: BotSecrets,
): Promise<Explain | undefined> {
  if (config?.model === undefined) return undefined;
  const { createExplain } = await import("./llm/create-explain.ts");
  const { key: _reference, ...model } = config.model;
  return createExplain({
    model: { ...model, ...(modelKey === undefined ? {} : { key: modelKey }) },
    hosts: config.hosts.flatMap((host) => (host.kind === "ssh" ? [host.name, host.address] : [host.name])),
    now: Date.now,
    random: randomBytes,
  });
}

function connectionsOf({ slack, discord }: OpenChat) {
  return [
    ...(slack ? [{ name: "slack", isConnected: () => slack.secondsWithoutSocket() === 0 } as const] : []),
    ...(discord ? [{ name: "discord", isConnected: () => discord.isConnected() } as const] : []),
  ];
}

function readinessOf(records: { ping(): Promise<void> }, chat: OpenChat) {
  const isReady = async () => {
    await urgently(() => records.ping());
    return true;
  };
  return [
    { name: "store", isReady, validMs: STORE_CHECK_VALID_MS },
    ...connectionsOf(chat).map(({ name, isConnected }) => ({ name, isReady: isConnected })),
  ];
}

function sayStart(given: {
  readonly version: string;
  readonly config: Config | undefined;
  readonly tokens: BotEnvironment;
  readonly place: StorePlace;
  readonly web: Web;
  readonly unicode: boolean;
  readonly userName: string;
}): string {
  const { version, config, tokens, place, web, unicode, userName } = given;
  const { address } = config?.web.listen ?? DEFAULT_LISTEN;
  const { file, sites = [], alerts = [], model } = config ?? {};
  const consoleUrl = web.consoleUrl();
  const publicConsoleUrl = web.consoleUrl({ publicly: true });
  const publicOrigin = config?.web.publicUrl;
  const facts = {
    version,
    ...(file === undefined ? {} : { configFile: file }),
    sites: sites.map(({ name, approvers }) => ({
      name,
      hasApprovers: Object.values(approvers).some((ids) => ids.length > 0),
    })),
    ...(consoleUrl === undefined ? {} : { consoleUrl }),
    userName,
    ...(publicConsoleUrl === undefined ? {} : { publicConsoleUrl }),
    ...chooseChat(tokens, config),
    alerts,
    ownOrigin: web.origin(),
    ...(publicOrigin === undefined ? {} : { publicOrigin }),
    isLoopback: publicOrigin === undefined && (address.startsWith("127.") || address === "::1"),
    store:
      place.kind === "sqlite"
        ? { kind: "sqlite" as const, file: `${place.directory}/diagnose502.db` }
        : { kind: "server" as const, where: new URL(place.url).host },
    ...(model === undefined
      ? {}
      : { model: { name: model.name, origin: new URL(model.baseUrl ?? "https://api.openai.com").origin } }),
    hasMetricsToken: tokens.metricsToken !== undefined,
  };
  return `${makeStartSummary(facts, { unicode }).join("\n")}\n`;
}
