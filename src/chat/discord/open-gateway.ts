import { Client, Events, GatewayDispatchEvents, GatewayIntentBits, SimpleShardingStrategy } from "discord.js";
import type { Log } from "../../workflow/log.ts";

/** Why Discord closed for good: the client library tries no more. Source: Discord, "Gateway Close Event Codes". */
const FINAL_REASONS: ReadonlyMap<number, string> = new Map([
  [4004, "the token is not valid; make a new one in the developer portal"],
  [4010, "the shard is not valid"],
  [4011, "the bot is in too many servers for one connection"],
  [4012, "the API version is not valid"],
  [4013, "the intents are not valid"],
  [4014, "the intents are not allowed for this application"],
]);

/** The standing connection that interactions come in by. It reconnects and resumes by itself. */
export interface Gateway {
  /** Resolves when it stands. @throws when the token is refused or Discord is out of reach; then it can only be closed. */
  connect(): Promise<void>;
  isConnected(): boolean;
  close(): Promise<void>;
}

/** Only the Guilds intent: no message of anybody is read. */
export function openGateway(deps: {
  readonly token: string;
  readonly apiUrl?: string;
  /** The payload as it came; must not throw. */
  readonly onInteraction: (payload: unknown) => void;
  /** It is closed for good, and can only be opened anew. */
  readonly onRefused: () => void;
  readonly log: Log;
}): Gateway {
  const { token, apiUrl, onInteraction, onRefused, log } = deps;
  const fields = { surface: "discord" };
  let isConnected = false;
  let isClosed = false;
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    allowedMentions: { parse: [], repliedUser: false },
    ...(apiUrl === undefined ? {} : { rest: { api: apiUrl } }),
    ws: {
      // destroy() does not reach a connection that is being made anew: it asks for its session first, and then waits for good
      buildStrategy(manager) {
        const { retrieveSessionInfo } = manager.options;
        manager.options.retrieveSessionInfo = (shard) =>
          isClosed ? new Promise(() => undefined) : retrieveSessionInfo(shard);
        return new SimpleShardingStrategy(manager);
      },
    },
  });
  // an "error" nobody listens to ends the process
  client.on(Events.Error, (error) => log.error({ ...fields, reason: String(error) }, "the client failed"));
  client.on(Events.ShardError, (error) =>
    log.warn({ ...fields, reason: String(error) }, "connection failed"),
  );
  client.on(Events.ShardReady, () => {
    isConnected = true;
    log.info(fields, "connected");
  });
  client.on(Events.ShardResume, () => {
    isConnected = true;
    log.info(fields, "connected again");
  });
  client.on(Events.ShardReconnecting, () => {
    isConnected = false;
    if (!isClosed) log.warn(fields, "connection lost; trying again");
  });
  client.on(Events.ShardDisconnect, ({ code }) => {
    isConnected = false;
    const reason = FINAL_REASONS.get(code);
    if (reason === undefined || isClosed) return;
    log.error({ ...fields, code, reason }, "Discord refuses us; trying again, ever more rarely");
    onRefused();
  });
  client.ws.on(GatewayDispatchEvents.InteractionCreate, (payload: unknown) => onInteraction(payload));

  return {
    async connect() {
      await client.login(token);
    },
    isConnected: () => isConnected,
    async close() {
      isClosed = true;
      isConnected = false;
      await client.destroy();
    },
  };
}
