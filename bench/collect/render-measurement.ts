import { renderTable, renderVerdict } from "../render-table.ts";
import type { Measurement } from "./measurement.ts";
import { NAMES } from "./names.ts";

/** The table of one distance, and each target beside what was measured. */
export function renderMeasurement(
  { contenders, besideHung }: Measurement,
  { rttMs }: { readonly rttMs: number },
): string {
  const ms = (name: string) => contenders[name] ?? Number.NaN;
  const rows = Object.values(NAMES).map((name) => [
    name,
    shown(ms(name), 0),
    shown(ms(name) / ms(NAMES.floor), 2),
    shown(ms(name) / ms(NAMES.opensshCold), 2),
  ]);
  const table = renderTable([[`RTT ${rttMs} ms`, "median ms", "× floor", "× OpenSSH cold"], ...rows]);

  const warm = ms(NAMES.ourWarm);
  const verdicts = [
    renderVerdict("cold, of OpenSSH's time", ms(NAMES.ourCold) / ms(NAMES.opensshCold), {
      atMost: rttMs >= 80 ? 0.75 : 0.65,
    }),
    renderVerdict("warm, ms", warm, { atMost: 1.1 * ms(NAMES.floor) + 1.5 * rttMs }),
    ...(NAMES.ansibleWarm in contenders
      ? [renderVerdict("warm, times faster than Ansible", ms(NAMES.ansibleWarm) / warm, { atLeast: 30 })]
      : []),
    renderVerdict("last other frame beside a hung look, of its time", besideHung.last, { atMost: 1.2 }),
    renderVerdict("middle frame beside a hung look, of its time", besideHung.middle, { atMost: 1.2 }),
  ];
  return `\n${table}${verdicts.join("")}`;
}

function shown(value: number, digits: number): string {
  return Number.isNaN(value) ? "missing" : value.toFixed(digits);
}
