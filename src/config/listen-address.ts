import { isIP } from "node:net";
import { isPort } from "./host-spec.ts";

/** Where the web server listens. */
export interface ListenAddress {
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
}

export const DEFAULT_LISTEN: ListenAddress = { address: "127.0.0.1", port: 8502 };

/** `127.0.0.1:8502` or `[::1]:8502`; undefined when it is neither. */
export function readListenAddress(text: string): ListenAddress | undefined {
  const [, v6, v4, digits] = /^(?:\[([0-9a-fA-F:]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = v6 ?? v4;
  const port = Number(digits);
  if (address === undefined || isIP(address) === 0 || (port !== 0 && !isPort(port))) return undefined;
  return { address, port };
}

export function isListenAddress(text: string): boolean {
  return readListenAddress(text) !== undefined;
}
