import { canonicalIp, parsePort } from "./address.ts";

/** One connection a program of the host holds or tries. */
export interface Connection {
  /** `ESTAB`, `SYN-SENT`, … */
  readonly state: string;
  readonly peer: { readonly ip: string; readonly port: number };
}

/** Reads `ss -Htan…`: state, queues, local and peer address. Other lines are passed over. */
export function parseConnections(output: string): Connection[] {
  return output.split("\n").flatMap((line) => {
    const [state, , , , peer = ""] = line.split(" ").filter((word) => word !== "");
    const colon = peer.lastIndexOf(":");
    const ip = canonicalIp(peer.slice(0, Math.max(colon, 0)));
    const port = parsePort(peer.slice(colon + 1));
    return state === undefined || ip === undefined || port === undefined
      ? []
      : [{ state, peer: { ip, port } }];
  });
}
