import ssh2, { type BaseAgent, type ParsedKey } from "ssh2";

const { createAgent, utils } = ssh2;

/**
 * The agent at a socket, offering at most `maxKeys` keys and none that was offered from a file already: servers count
 * every offer, and hang up after a few. With `only` no other key than these (public key blobs) is offered.
 */
export function createLimitedAgent(
  socketPath: string,
  options: {
    readonly without: readonly ParsedKey[];
    readonly only?: readonly Buffer[];
    readonly maxKeys: number;
  },
): BaseAgent {
  const { without, only, maxKeys } = options;
  const offered = without.map((key) => key.getPublicSSH());
  const agent = createAgent(socketPath);
  const listAll = agent.getIdentities.bind(agent);
  agent.getIdentities = (callback) =>
    listAll((error, keys) => {
      if (keys === undefined) return callback(error ?? new Error("The agent lists no keys"));
      const fresh = keys.filter((entry) => {
        const key = typeof entry === "object" && "pubKey" in entry ? entry.pubKey : entry;
        const parsed = utils.parseKey(typeof key === "object" && "pubKey" in key ? key.pubKey : key);
        if (parsed instanceof Error) return only === undefined;
        const blob = parsed.getPublicSSH();
        if (only !== undefined && !only.some((wanted) => wanted.equals(blob))) return false;
        return !offered.some((other) => other.equals(blob));
      });
      callback(error, fresh.slice(0, maxKeys));
    });
  return agent;
}
