import { writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { median } from "../statistics.ts";
import type { Contender, Endpoint, Login } from "./contender.ts";
import { createAnsible } from "./contenders/ansible.ts";
import {
  type Arrivals,
  createColdDiagnose502,
  createWarmDiagnose502,
  openVisit,
} from "./contenders/diagnose502.ts";
import { createFloor } from "./contenders/floor.ts";
import { createOpensshCold, createOpensshWarm } from "./contenders/openssh.ts";
import { hungLook } from "./looks.ts";
import { type Measurement, Settings } from "./measurement.ts";
import { startRelay } from "./start-relay.ts";

/** The measuring process: started in the network of the client, once a distance; prints one JSON document. */
const HANG_MS = 1000;
const REST_MS = 200;

/** Everybody in turn, again and again: what else the machine does meets all alike. The first turn does not count. */
async function measureInTurns(
  contenders: readonly { readonly contender: Contender; readonly runs: number }[],
): Promise<Record<string, number>> {
  const times = new Map<string, number[]>(contenders.map(({ contender }) => [contender.name, []]));
  const turns = Math.max(...contenders.map(({ runs }) => runs));
  for (let turn = 0; turn <= turns; turn++) {
    for (const { contender, runs } of contenders) {
      if (turn > runs) continue;
      // nobody pays for the farewells of the one before
      await pause(REST_MS);
      const ms = await contender.run();
      if (turn > 0) times.get(contender.name)?.push(ms);
    }
  }
  return Object.fromEntries([...times].map(([name, values]) => [name, median(values)]));
}

/** Rounds with and without a look that never ends, in turns. */
async function measureBesideHung(
  endpoints: readonly Endpoint[],
  options: { readonly login: Login; readonly runs: number },
): Promise<Measurement["besideHung"]> {
  const visit = await openVisit(endpoints, options.login);
  const calm: Arrivals[] = [];
  const disturbed: Arrivals[] = [];
  for (let turn = 0; turn < options.runs; turn++) {
    calm.push(await visit.look([]));
    disturbed.push(await visit.look([hungLook(HANG_MS)]));
  }
  await visit.close();
  const names = [...(calm[0]?.keys() ?? [])];
  const last = (rounds: readonly Arrivals[]) =>
    median(rounds.map((round) => Math.max(...names.map((name) => round.get(name) ?? Number.NaN))));
  const middle = (rounds: readonly Arrivals[]) =>
    median(rounds.map((round) => median(names.map((name) => round.get(name) ?? Number.NaN))));
  return { last: last(disturbed) / last(calm), middle: middle(disturbed) / middle(calm) };
}

const settings = Settings.parse(JSON.parse(process.argv[2] ?? ""));
const { runs, ansibleRuns, login } = settings;
const relay = await startRelay(settings.endpoints, settings.rttMs);
const { endpoints } = relay;
const hostKeys = process.argv[3] ?? "";
const names = endpoints.map(({ address, port }) => (port === 22 ? address : `[${address}]:${port}`));
await writeFile(login.knownHostsFile, names.map((name) => `${name} ${hostKeys}\n`).join(""));

const contenders = [
  { contender: createFloor(endpoints, login), runs },
  { contender: createOpensshCold(endpoints, login), runs },
  { contender: createColdDiagnose502(endpoints, login), runs },
  { contender: await createOpensshWarm(endpoints, login), runs },
  { contender: await createWarmDiagnose502(endpoints, login), runs },
];
if (ansibleRuns > 0) {
  contenders.push(
    { contender: await createAnsible(endpoints, login, { warm: false }), runs: ansibleRuns },
    { contender: await createAnsible(endpoints, login, { warm: true }), runs: ansibleRuns },
  );
}
const medians = await measureInTurns(contenders);
for (const { contender } of contenders) await contender.close();
const besideHung = await measureBesideHung(endpoints, { login, runs });
relay.close();
process.stdout.write(JSON.stringify({ contenders: medians, besideHung } satisfies Measurement));
