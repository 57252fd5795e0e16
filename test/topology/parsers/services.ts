import { renderAddress } from "../../../src/topology/address.ts";
import { parseProcesses } from "../../../src/topology/parse-processes.ts";
import { parseUnits } from "../../../src/topology/parse-units.ts";
import type { DeclaredService } from "../../../src/topology/parser.ts";
import { parserOf } from "../../../src/topology/parsers.ts";
import { playbooks, result, unitBlock } from "../site.ts";

/** What the shipped playbook's parser declares for the files and units of one host. */
export function declaredBy(
  id: string,
  given: {
    /** Path → text. */
    readonly files?: Readonly<Record<string, string>>;
    /** Unit → the command it starts. */
    readonly units?: Readonly<Record<string, string>>;
    readonly ps?: string;
    readonly moreUnits?: string;
  },
): readonly DeclaredService[] {
  const playbook = playbooks.find((candidate) => candidate.id === id);
  const services = playbook === undefined ? undefined : parserOf(playbook)?.services;
  if (playbook === undefined || services === undefined) throw new Error(`no playbook ${id} with services`);
  const { files = {}, units = {}, ps = "", moreUnits = "" } = given;
  const output = Object.entries(files)
    .map(([path, text]) => `# file ${path}\n${text}\n`)
    .join("");
  const shown = Object.entries(units).map(([unit, command]) =>
    unitBlock(unit, { ExecStart: `{ path=x ; argv[]=${command} ; ignore_errors=no ; pid=0 }` }),
  );
  return services({
    playbook,
    host: "origin-1",
    results: [result("origin-1", `${id}.files`, output)],
    processes: parseProcesses(ps),
    units: parseUnits([...shown, moreUnits].join("\n")),
  });
}

/** `unit[part] address address`: easy to compare. */
export function inShort({ unit, part, addresses }: DeclaredService): string {
  const name = `${unit ?? "?"}${part === undefined ? "" : `[${part}]`}`;
  return [name, ...addresses.map(renderAddress)].join(" ");
}
