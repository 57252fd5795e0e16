import type { Intents } from "../approval/intents.ts";
import type { Diagnoses } from "../classify/diagnoses.ts";
import type { Diagnosis } from "../classify/diagnosis.ts";
import type { PublicHttp } from "../collect/public-probe.ts";
import type { AuditLog } from "../incident/audit.ts";
import type { Incidents } from "../incident/incidents.ts";
import type { StepCrashes } from "../incident/step-crashes.ts";
import type { AlertInbox } from "../intake/alert.ts";
import type { ServiceControl } from "../remediate/service-control.ts";
import type { Explain } from "../report/explain.ts";
import type { Verify } from "../verify/verify.ts";
import { createAdvanceIncident } from "./advance-incident.ts";
import { createAdvanceIntent, type RestartLine } from "./advance-intent.ts";
import { createClicks } from "./clicks.ts";
import { createBot } from "./create-bot.ts";
import { createEngine, type Lane } from "./engine.ts";
import { createFollowUp, followUpEveryMs } from "./follow-up.ts";
import { createHandleAlerts } from "./handle-alerts.ts";
import { heedClock } from "./heed-clock.ts";
import { homeLaneOf } from "./home-lane.ts";
import { createLoadView } from "./load-view.ts";
import type { Log } from "./log.ts";
import { createTakeLook, type Look } from "./look.ts";
import { createOfferRestart } from "./offer-restart.ts";
import { createProgressBoard } from "./progress-board.ts";
import { createProveRestart } from "./prove-restart.ts";
import { createPublisher } from "./publisher.ts";
import { createRecheck } from "./recheck.ts";
import { createRestartAllowed } from "./restart-allowed.ts";
import { createSendRestart } from "./send-restart.ts";
import type { SiteBook } from "./site-book.ts";
import type { Bot, Surface } from "./surface.ts";
import { createTakeDecision } from "./take-decision.ts";
import { createTakeLift } from "./take-lift.ts";
import { createTakeTurn } from "./take-turn.ts";
import { createTakeUp } from "./take-up.ts";

const SWEEP_MS = 15_000;

/** The bot at work: everything between the surfaces and the edges. */
export interface Runtime {
  readonly bot: Bot;
  /** Takes up whatever a dead predecessor left, and starts. */
  start(): Promise<void>;
  /** Alerts were stored. */
  alertsArrived(): void;
  /** Ends after the turns that are being taken. */
  stop(): Promise<void>;
}

export interface RuntimeEdges {
  readonly records: {
    readonly incidents: Incidents;
    readonly intents: Intents;
    readonly diagnoses: Diagnoses;
    readonly audit: AuditLog;
    readonly inbox: AlertInbox;
    readonly stepCrashes: StepCrashes;
  };
  readonly backends: Parameters<typeof createEngine>[0]["backends"];
  /** Runs that are to be tried again later are tried now. */
  readonly retryRuns: () => Promise<void>;
  readonly sites: SiteBook;
  /** SHA-256 over the config and the playbooks that are judged by; what is offered under another is void. */
  readonly basis?: string;
  readonly createSurfaces: (bot: Bot) => readonly Surface[];
  readonly diagnose: Parameters<typeof createTakeLook>[0]["diagnose"];
  readonly http: PublicHttp;
  readonly control: ServiceControl;
  readonly verify: Verify;
  readonly explain?: Explain;
  readonly redact: (text: string) => string;
  /** Told after each diagnosis of an incident. */
  readonly onDiagnosed?: (outcome: Diagnosis["outcome"], durationMs: number) => void;
  readonly log: Log;
  readonly now: () => number;
  /** Milliseconds of a clock that cannot be set. */
  readonly steady: () => number;
  readonly random: (bytes: number) => Buffer;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** How long until the public URL of an open incident is asked again. */
  readonly paceMs?: typeof followUpEveryMs;
  /** Told at each line of a restart; tests die there. */
  readonly onLine?: (line: RestartLine, key: string) => void;
}

export function createRuntime(edges: RuntimeEdges): Runtime {
  const { records, backends, sites, log, now, steady, random, sleep, control, basis = "" } = edges;
  const clocks = { now, steady };
  const { incidents, intents, diagnoses, audit, inbox, stepCrashes } = records;
  const surfaces: Surface[] = [];
  const onLine =
    edges.onLine ?? ((line: RestartLine, key: string) => log.debug({ line, intent: key }, "restart"));

  const board = createProgressBoard({ now, onChange: (incident) => publisher.progressed(incident) });
  const loadView = createLoadView({ incidents, diagnoses, intents, sites, board });
  const publisher = createPublisher({
    incidents,
    diagnoses,
    sites,
    surfaces,
    loadView,
    log,
    now: steady,
    sleep,
    holder: random(8).toString("hex"),
  });
  const { touch } = publisher;
  const stopping = new AbortController();
  const takeUp = createTakeUp({
    intents,
    incidents,
    engine: () => engine,
    isLooking: (incident) => board.of(incident) !== undefined,
    signal: stopping.signal,
  });
  const takeLook = createTakeLook({ sites, diagnose: edges.diagnose, diagnoses });
  const restartAllowed = createRestartAllowed({ intents, now });
  const told = { intents, incidents, sites, control, now, touch, onLine, wakeIncident };

  const advanceIncident = createAdvanceIncident({
    incidents,
    intents,
    takeLook,
    offerRestart: createOfferRestart({
      incidents,
      intents,
      sites,
      control,
      restartAllowed,
      basis,
      now,
      random,
    }),
    followUp: createFollowUp({ http: edges.http, sites, redact: edges.redact }),
    sites,
    paceMs: edges.paceMs ?? followUpEveryMs,
    board,
    now,
    touch,
    onProposed: (key) => takeUp.ensureRun("restart", key, "decisions"),
    onDiagnosed(incident, look) {
      edges.onDiagnosed?.(look.diagnosis.outcome, look.diagnosis.durationMs);
      explainLater(incident, look);
    },
  });
  const advanceIntent = createAdvanceIntent({
    intents,
    recheck: createRecheck({ takeLook, http: edges.http, control, restartAllowed, sites, basis, clocks }),
    sendRestart: createSendRestart({ ...told, clocks }),
    proveRestart: createProveRestart({ ...told, diagnoses, verify: edges.verify }),
    now,
    touch,
    onLine,
  });
  const engine = createEngine({
    backends,
    turn: createTakeTurn({
      advanceIncident,
      advanceIntent,
      incidents,
      intents,
      crashes: stepCrashes,
      answered: board.answered,
      log,
      now,
      touch,
    }),
    log,
    sleep,
  });

  /** A new one: its run begins with a turn, and nobody needs to be woken. */
  async function startIncident(number: number, asked?: Lane): Promise<Lane> {
    const incident = asked === undefined ? await incidents.find(number) : undefined;
    const lane = asked ?? (incident === undefined ? "alerts" : homeLaneOf(incident));
    await takeUp.ensureRun("incident", String(number), lane);
    return lane;
  }

  /** Whoever asks is answered meanwhile; a run that is missing then is started by the next sweep. */
  function wakeIncident(number: number, options: { readonly isNew?: true; readonly lane?: Lane } = {}): void {
    startIncident(number, options.lane)
      .then((lane) => {
        if (options.isNew === undefined) engine.wake("incident", String(number), lane);
      })
      .catch((error: unknown) =>
        log.warn({ incident: number, reason: String(error) }, "an incident waits for the next sweep"),
      );
  }

  /** Prose comes later or never; the verdict does not wait for it. */
  function explainLater(incident: number, { diagnosis, id }: Look): void {
    edges
      .explain?.(diagnosis)
      .then(async (explained) => {
        if (explained.kind !== "explained") {
          log.info({ incident, reason: explained.reason }, "no explanation");
          return;
        }
        await diagnoses.explain(id, explained);
        // nothing but what people read has changed
        await incidents.change(incident, {}, []);
        touch(incident);
      })
      .catch((error: unknown) =>
        log.warn({ incident, diagnosis: id, reason: String(error) }, "no explanation"),
      );
  }

  const clicks = createClicks({ audit, surfaces, log });
  const takeDecision = createTakeDecision({
    incidents,
    intents,
    sites,
    clicks,
    now,
    touch,
    wakeRestart: (key) => engine.wake("restart", key, "decisions"),
  });
  const bot = createBot({
    incidents,
    diagnoses,
    sites,
    loadView,
    touch,
    startIncident: (number) => wakeIncident(number, { isNew: true }),
    // whoever opened it: a person's look never queues behind alerts
    lookAgain: (number) => wakeIncident(number, { lane: "commands" }),
    takeDecision,
    takeLift: createTakeLift({ incidents, intents, sites, clicks, now }),
  });
  surfaces.push(...edges.createSurfaces(bot));

  const handleAlerts = createHandleAlerts({ inbox, incidents, sites, log, touch, startIncident });
  let handling: Promise<void> | undefined;
  let arrivedMeanwhile = false;
  function alertsArrived(): void {
    arrivedMeanwhile = true;
    handling ??= (async () => {
      while (arrivedMeanwhile) {
        arrivedMeanwhile = false;
        await handleAlerts();
      }
    })()
      .catch((error: unknown) => log.warn({ reason: String(error) }, "alerts wait for the next sweep"))
      .finally(() => {
        handling = undefined;
      });
  }

  async function sweep(): Promise<void> {
    while (!stopping.signal.aborted) {
      await takeUp
        .missing()
        .then(takeUp.stalled)
        .catch((error: unknown) => log.warn({ reason: String(error) }, "runs wait for the next sweep"));
      alertsArrived();
      await publisher
        .touchAllDue()
        .catch((error: unknown) => log.warn({ reason: String(error) }, "messages wait for the next sweep"));
      await sleep(SWEEP_MS, stopping.signal);
    }
  }

  let sweeping: Promise<unknown> | undefined;
  return {
    bot,
    alertsArrived,
    async start() {
      // before anybody can press
      await takeUp.restarts();
      await engine.start();
      await Promise.all(surfaces.map((surface) => surface.start()));
      // after a storm there are hundreds, and people are let in meanwhile
      const takingUp = takeUp
        .incidents()
        .catch((error: unknown) => log.error({ reason: String(error) }, "incidents were not taken up"));
      const catchUp = () => edges.retryRuns().then(takeUp.everything);
      const heeding = heedClock({ ...clocks, sleep, log, catchUp, signal: stopping.signal });
      sweeping = Promise.all([takingUp, sweep(), heeding]);
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled(surfaces.map((surface) => surface.stop()));
      await Promise.allSettled([sweeping, handling]);
      await engine.stop();
      await publisher.stop();
    },
  };
}
