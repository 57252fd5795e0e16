import type { Playbook } from "../playbook/playbook.ts";
import { matchesWhole, parseTemplate, type Template } from "../playbook/template.ts";
import type { ProcessInfo, UnitState } from "./target.ts";

/** Which playbook a process or unit of a host belongs to. */
export interface Detector {
  /** Arguments say more than the name of the program, and that more than its unit. */
  process(process: Pick<ProcessInfo, "comm" | "args" | "unit">): Playbook | undefined;
  /** Running or not: by its names, then by the command it starts. */
  unit(unit: Pick<UnitState, "unit" | "names" | "execStart">): Playbook | undefined;
}

interface Marks {
  readonly playbook: Playbook;
  readonly comms: readonly Template[];
  readonly args: readonly Template[];
  readonly units: readonly Template[];
}

export function createDetector(playbooks: readonly Playbook[]): Detector {
  const all: readonly Marks[] = playbooks.map((playbook) => ({
    playbook,
    comms: playbook.detect.comms.map(parseTemplate),
    args: playbook.detect.args.map(parseTemplate),
    units: playbook.detect.units.map(parseTemplate),
  }));
  const byTemplate = (kind: "comms" | "args" | "units", text: string) =>
    all.find((marks) => marks[kind].some((template) => matchesWhole(template, text)))?.playbook;
  const process: Detector["process"] = ({ comm, args, unit }) =>
    byTemplate("args", args) ??
    byTemplate("comms", comm) ??
    (unit === undefined ? undefined : byTemplate("units", unit));
  return {
    process,
    unit({ unit, names, execStart }) {
      for (const name of [unit, ...names]) {
        const found = byTemplate("units", name);
        if (found !== undefined) return found;
      }
      const command = execStart.split("\n", 1)[0] ?? "";
      // `/usr/bin/env node app.js`, `/usr/bin/python3 /srv/venv/bin/app`: the program may be one of the next words
      for (const word of command.split(" ").slice(0, 3)) {
        if (word === "" || word.startsWith("-")) break;
        const found = process({ comm: word.slice(word.lastIndexOf("/") + 1).slice(0, 15), args: command });
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}
