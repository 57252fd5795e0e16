import { createServer } from "node:http";
import { createOutage, type Outage } from "../outage.ts";
import { answerRequest } from "./answer-request.ts";
import { bodiesOf } from "./body.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import { createPeople, type People } from "./people.ts";
import { createRateLimits, type RateLimits } from "./rate-limits.ts";
import { type ReaderView, readMessage } from "./read-message.ts";
import { openSocketMode, type SocketMode } from "./socket-mode.ts";
import { createWorld, type Ephemeral, type Modal, type StoredMessage, type World } from "./world.ts";

const PATIENCE_MS = 10_000;

/** A message as its reader sees it, and as it is stored. */
export interface SeenMessage extends Readonly<StoredMessage>, Omit<ReaderView, "text"> {
  /** As it is drawn, not as it was sent. */
  readonly text: string;
}

interface SeenEphemeral extends ReaderView {
  readonly channel: string;
  readonly user: string;
  readonly via: Ephemeral["via"];
}

/** A workspace of Slack on this machine, spoken to by unmodified clients; what a test does in it, people and Slack itself would. */
export interface FakeSlack extends People {
  readonly world: World;
  readonly limits: RateLimits;
  readonly deliveries: Deliveries;
  readonly outage: Outage;
  readonly sockets: Pick<SocketMode, "count" | "disconnect" | "cut">;
  /** Ends in `/api/`. */
  readonly apiUrl: string;
  readonly channelId: string;
  home(user?: string): ReaderView | undefined;
  /** Messages of a channel, without those in threads. */
  messages(channel?: string): readonly SeenMessage[];
  thread(ts: string): readonly SeenMessage[];
  /** What one person was told privately, oldest first. */
  told(user?: string): readonly SeenEphemeral[];
  modals(): readonly Modal[];
  goDown(): void;
  goUp(): void;
  advance(ms: number): void;
  /** Resolves as soon as it holds; looked at after every change. */
  until(what: string, holds: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

export async function startSlack(): Promise<FakeSlack> {
  let offsetMs = 0;
  const waiters = new Set<() => void>();
  const now = () => Date.now() + offsetMs;
  const changed = () => {
    for (const look of [...waiters]) look();
  };
  const world = createWorld({ now, changed });
  const limits = createRateLimits(now);
  const server = createServer((request, response) => {
    if (outage.takes(request, response)) return;
    answerRequest(request, response, { world, limits }).catch((error: unknown) => {
      world.requests.push(`the double failed: ${error}`);
      response.destroy();
    });
  });
  const socketMode = openSocketMode(server, world, () => outage);
  const outage = createOutage(server, { lines: socketMode.lines, retryAfterS: () => limits.outageS });
  const deliveries = createDeliveries(world, socketMode);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  world.baseUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`;
  const see = (message: StoredMessage): SeenMessage => ({ ...message, ...readMessage(message) });

  return {
    ...createPeople(world, deliveries),
    world,
    limits,
    deliveries,
    outage,
    sockets: socketMode,
    apiUrl: `${world.baseUrl}/api/`,
    channelId: "C0INCIDENTS",
    home(user = "U0ANA") {
      const view = world.homes.get(user);
      return view === undefined ? undefined : readMessage({ text: "", blocks: bodiesOf(view.blocks) });
    },
    messages: (channel = "C0INCIDENTS") =>
      world.messages.filter((one) => one.channel === channel && one.threadTs === undefined).map(see),
    thread: (ts) => world.messages.filter(({ threadTs }) => threadTs === ts).map(see),
    told: (user = "U0ANA") =>
      world.ephemerals.filter((one) => one.user === user).map((one) => ({ ...one, ...readMessage(one) })),
    modals: () => [...world.modals.values()],
    goDown() {
      outage.begin("cut");
    },
    goUp() {
      void outage.end();
    },
    advance(ms) {
      offsetMs += ms;
    },
    until(what, holds) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiters.delete(look);
          reject(new Error(`never happened: ${what}\n${world.requests.slice(-20).join("\n")}`));
        }, PATIENCE_MS);
        function look(): void {
          if (!holds()) return;
          clearTimeout(timer);
          waiters.delete(look);
          resolve();
        }
        waiters.add(look);
        look();
      });
    },
    async stop() {
      await socketMode.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
