import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Endpoint } from "./contender.ts";

const PROGRAM = fileURLToPath(new URL("./relay.ts", import.meta.url));

/** The same hosts at a distance: endpoints on 127.0.0.1 of this network namespace. Without a distance, as they are. */
export async function startRelay(
  endpoints: readonly Endpoint[],
  rttMs: number,
): Promise<{ readonly endpoints: readonly Endpoint[]; close(): void }> {
  if (rttMs === 0) return { endpoints, close: () => undefined };
  const targets = endpoints.map(({ address, port }) => ({ host: address, port }));
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify({ rttMs, targets })], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  const ports = z.array(z.number()).parse(JSON.parse(String(line)));
  return {
    endpoints: endpoints.map((endpoint, index) => ({
      ...endpoint,
      address: "127.0.0.1",
      port: ports[index] ?? 0,
    })),
    close: () => child.stdin.end(),
  };
}
