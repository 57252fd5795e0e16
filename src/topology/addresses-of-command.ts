import { parseAddress, parsePort } from "./address.ts";
import type { UpstreamAddress } from "./target.ts";

const PORT_OPTIONS = ["-p", "--port", "-port", "--http-port", "--server.port"];
const ADDRESS_OPTIONS = [
  "-b",
  "--bind",
  "-l",
  "--listen",
  "-listen",
  "--addr",
  "-addr",
  "--address",
  "--socket",
];
const HOST_OPTIONS = ["-H", "--host", "--hostname", "-host"];

/**
 * Where a program of an unknown kind says it listens, by the options nearly all of them share: `--port 8080`,
 * `--host=127.0.0.1`, `--bind unix:/run/app.sock`. Empty when it says nothing of the sort.
 */
export function addressesOfCommand(command: string): UpstreamAddress[] {
  const words = command.split(/[ \n]/).filter((word) => word !== "");
  const valuesOf = (options: readonly string[]) =>
    words.flatMap((word, index) => {
      const equals = word.indexOf("=");
      if (equals > 0 && options.includes(word.slice(0, equals))) return [word.slice(equals + 1)];
      return options.includes(word) ? (words[index + 1] ?? []) : [];
    });
  const host = valuesOf(HOST_OPTIONS)[0] ?? "*";
  const ports = valuesOf(PORT_OPTIONS).flatMap((value) => parsePort(value) ?? []);
  const bound = valuesOf(ADDRESS_OPTIONS).flatMap((value) => parseAddress(value) ?? []);
  return [...bound, ...ports.map((port): UpstreamAddress => ({ kind: "tcp", host, port }))];
}
