import { sampleTexts } from "./sample-texts.ts";

/** What stands behind what was repeated: so that it goes on as it did, or fits almost and never to its end. */
const ENDS = [undefined, "\u0001", "\n"];
const FILLERS = [..." \t=-./:,\"'[]()0aA1x_"];

/** A part of a text, to be repeated, between what stands before and behind it. */
export interface Pump {
  readonly before: string;
  readonly unit: string;
  readonly behind: string;
}

/** Of texts that fit the expression: each character of them to be repeated, each beginning of them, and what else often is. */
export function pumpsOf(expression: RegExp): readonly Pump[] {
  const pumps = sampleTexts(expression).flatMap((sample) => [
    ...pumpsIn(sample),
    ...FILLERS.map((unit) => ({ before: sample, unit, behind: "\u0001" })),
  ]);
  const fillers = FILLERS.map((unit) => ({ before: "", unit, behind: "\u0001" }));
  return [...new Map([...pumps, ...fillers].map((pump) => [JSON.stringify(pump), pump])).values()];
}

/** The same of a line that a product wrote. */
export function pumpsIn(sample: string): readonly Pump[] {
  return Array.from(sample, (_, at) => at).flatMap((at) => [
    ...ENDS.map((end) => ({
      before: sample.slice(0, at),
      unit: sample.slice(at, at + 1),
      behind: end ?? sample.slice(at + 1),
    })),
    { before: "", unit: sample.slice(0, at + 1), behind: "\u0001" },
  ]);
}

/** That pump as a text of exactly `length` characters, in one piece of memory as texts from hosts are. */
export function fill({ before, unit, behind }: Pump, length: number): string {
  const room = Math.max(0, length - before.length - behind.length);
  const text = before + unit.repeat(Math.ceil(room / unit.length)).slice(0, room) + behind;
  return Buffer.from(text, "utf16le").toString("utf16le");
}
