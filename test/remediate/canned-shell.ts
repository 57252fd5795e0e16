import type { ScriptLimits, Shell } from "../../src/collect/shell.ts";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import { factsOf } from "./make-run.ts";

/** What a look prints before it ends with 0, or the status it ends with. */
export type Printed = string | number;

/** One connection, as the host saw it. */
export interface Visit {
  readonly host: HostAccess;
  readonly options: Parameters<Shell["connect"]>[1];
  /** What each look runs, after its bounds: seconds and bytes. */
  readonly looks: readonly string[];
  readonly limits: Partial<ScriptLimits>;
  readonly closed: boolean;
}

/** Makes the mark of every script the same, so that frames can be written down beforehand. */
export const zeroes = (bytes: number) => Buffer.alloc(bytes);
const MARK = zeroes(16).toString("hex");

/** A host that answers the looks of each connection with the next of those lists, in their order. */
export function createCannedShell(
  answers: readonly (readonly Printed[])[],
  {
    hostKey,
    rttMs = 1,
    about = {},
  }: {
    readonly hostKey?: string;
    readonly rttMs?: number;
    readonly about?: Parameters<typeof factsOf>[0];
  } = {},
): Shell & { readonly visits: readonly Visit[] } {
  const visits: Visit[] = [];
  return {
    visits,
    async connect(host, options) {
      const number = visits.length;
      const visit = (parts: Partial<Visit>) => {
        visits[number] = { host, options, looks: [], limits: {}, closed: false, ...visits[number], ...parts };
      };
      visit({});
      return {
        ok: true,
        connection: {
          rttMs,
          ...(hostKey === undefined ? {} : { hostKey }),
          async runScript(script, limits) {
            visit({ looks: looksOf(script), limits });
            limits.onBytes(Buffer.from(printFrames([factsOf(about), ...(answers[number] ?? [])])));
            return { kind: "closed", exitCode: 0 };
          },
          close: () => visit({ closed: true }),
        },
      };
    },
    close: async () => undefined,
  };
}

function looksOf(script: string): readonly string[] {
  return [...script.matchAll(/^run_self \d+ (.*) \|$/gm)].map(([, look = ""]) => look.replaceAll("'", ""));
}

function printFrames(printed: readonly Printed[]): string {
  const frames = printed.map((one, index) => {
    const body = typeof one === "string" ? `${one}\n0` : `\n${one}`;
    return `${MARK} ${index === 0 ? "facts" : index - 1} ${Buffer.byteLength(body)}\n${body}\n`;
  });
  return `${frames.join("")}${MARK} end\n`;
}
