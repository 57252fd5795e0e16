import { createServer, Socket } from "node:net";
import { z } from "zod";

/**
 * Stands for the distance to the hosts, for every contender alike: a process of its own that holds back each direction
 * of a TCP connection by half a round trip, in order, with Nagle off. The TCP handshake costs its round trip too: what
 * a client says is taken only then, and the server greets when a handshake's last packet would have arrived.
 *
 * Not in it: loss, a bandwidth, slow start, and the waits of Nagle's algorithm for acknowledgements from afar.
 */
const Target = z.object({ host: z.string(), port: z.number() });
type Target = z.infer<typeof Target>;
const Settings = z.object({ rttMs: z.number(), targets: z.array(Target) });

/** Hands chunks on after a delay; timers of one delay fire in the order they were set. */
function delayed(from: Socket, to: Socket, delayMs: number): void {
  from.on("data", (chunk) => setTimeout(() => to.writable && to.write(chunk), delayMs));
  from.on("end", () => setTimeout(() => to.end(), delayMs));
  from.on("close", () => setTimeout(() => to.destroySoon(), delayMs));
  from.on("error", () => undefined);
}

function relay(client: Socket, target: Target, rttMs: number): void {
  setTimeout(() => {
    const server = new Socket({ allowHalfOpen: true }).setNoDelay();
    // set before the timer of any chunk
    setTimeout(() => server.connect(target), rttMs / 2);
    delayed(client, server, rttMs / 2);
    delayed(server, client, rttMs / 2);
  }, rttMs);
}

const { rttMs, targets } = Settings.parse(JSON.parse(process.argv[2] ?? ""));
const ports = await Promise.all(
  targets.map(async (target) => {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) =>
      relay(client, target, rttMs),
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", resolve);
    await promise;
    const address = server.address();
    return typeof address === "object" ? address?.port : undefined;
  }),
);
process.stdout.write(`${JSON.stringify(ports)}\n`);
// ends with whoever started it
process.stdin.resume().on("end", () => process.exit());
