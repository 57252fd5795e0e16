import { parseAddress, parsePort } from "../address.ts";
import { addressesOfCommand } from "../addresses-of-command.ts";
import { plainGrammar } from "../log-grammars.ts";
import type { DeclaredService, ParserInput, ProductParser } from "../parser.ts";
import type { UpstreamAddress } from "../target.ts";
import { ownServices } from "./common/own-services.ts";
import { unitEnvironments } from "./common/unit-environments.ts";

/**
 * Node.js services under systemd. They have no configuration of their own: by custom the port comes as `PORT`, in the
 * unit file or one of its drop-ins, or as an option. Any unit that sets it is declared, whatever its program.
 */
export const nodeSystemd: ProductParser = { services, errorLog: plainGrammar };

function services(input: ParserInput): readonly DeclaredService[] {
  const environments = unitEnvironments(input);
  const own = ownServices(input);
  const names = new Set([...environments.keys(), ...own.map(({ unit }) => unit)]);
  return [...names].flatMap((unit) => {
    const command = own.find((candidate) => candidate.unit === unit)?.execStart ?? "";
    const variables = environments.get(unit);
    const addresses = [
      ...(variables === undefined ? [] : addressesOfEnvironment(variables)),
      ...addressesOfCommand(command),
    ];
    return addresses.length === 0 ? [] : [{ unit, addresses, logs: [], settings: {} }];
  });
}

function addressesOfEnvironment(variables: ReadonlyMap<string, string>): UpstreamAddress[] {
  const whole = parseAddress(variables.get("LISTEN") ?? variables.get("BIND") ?? "");
  const value = variables.get("PORT") ?? "";
  const host = variables.get("HOST") ?? "*";
  const port = parsePort(value);
  return [
    ...(whole === undefined ? [] : [whole]),
    ...(port === undefined ? [] : [{ kind: "tcp" as const, host, port }]),
    // many programs take a socket's path as their port
    ...(value.startsWith("/") ? [{ kind: "unix" as const, path: value }] : []),
  ];
}
