import { connect, createServer, type Socket } from "node:net";

/** Where a connection is cut: after so many bytes or packets towards the server (`up`) or from it (`down`), and how. */
export interface Cut {
  readonly direction: "up" | "down";
  readonly unit: "bytes" | "packets";
  readonly after: number;
  /** `reset`: both ends get a RST. `end`: both get a FIN. `split`: the client gets a RST, the server still gets all that was sent. */
  readonly how: "reset" | "end" | "split";
}

export interface CuttingRelay {
  readonly port: number;
  /** How much went each way over the last connection. */
  readonly passed: { readonly up: Passed; readonly down: Passed };
  close(): Promise<void>;
}

interface Passed {
  bytes: number;
  packets: number;
}

/** A TCP relay to a local port that cuts each connection at one place; without one it only counts. */
export async function startCuttingRelay(target: number, cut?: Cut): Promise<CuttingRelay> {
  const passed = { up: { bytes: 0, packets: 0 }, down: { bytes: 0, packets: 0 } };
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: target, host: "127.0.0.1", noDelay: true });
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => open.delete(socket));
    }
    const sever = () => {
      if (cut?.how === "end") {
        near.end();
        far.end();
      } else {
        near.resetAndDestroy();
        if (cut?.how === "split") far.end();
        else far.resetAndDestroy();
      }
    };
    const forward = (direction: "up" | "down", from: Socket, to: Socket) => {
      const count = passed[direction];
      from.on("data", (chunk: Buffer) => {
        if (to.destroyed || to.writableEnded) return;
        const isHere = cut?.direction === direction;
        const room = isHere && cut.unit === "bytes" ? cut.after - count.bytes : chunk.length;
        const whole = room >= chunk.length;
        count.bytes += chunk.length;
        count.packets++;
        to.write(whole ? chunk : chunk.subarray(0, Math.max(0, room)));
        if (isHere && (cut.unit === "bytes" ? count.bytes >= cut.after : count.packets >= cut.after)) sever();
      });
      from.on("end", () => to.end());
      from.on("close", () => to.end());
    };
    forward("up", near, far);
    forward("down", far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    passed,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
