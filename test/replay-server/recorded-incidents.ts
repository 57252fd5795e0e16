import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { CAUSES } from "../../src/classify/cause.ts";

const FOLDER = join(import.meta.dirname, "../incidents");

/** What a recorded incident must be diagnosed as; null where there is no cause. */
const Expected = z.strictObject({
  outcome: z.enum(["fault", "healthy", "recovered", "not-a-gateway-error", "inconclusive"]),
  cause: z.enum(CAUSES).nullable(),
  hop: z
    .enum(["edge->proxy", "proxy", "proxy->upstream", "upstream", "upstream->dependency", "none"])
    .nullable(),
  restartHelps: z.enum(["yes", "briefly", "no"]).nullable(),
});

export interface RecordedIncident {
  /** `<cause>--<stack>`. */
  readonly name: string;
  readonly folder: string;
  readonly expected: z.infer<typeof Expected>;
}

/** The folders of `test/incidents/` that say what they must be diagnosed as, by name. */
export function listRecordedIncidents(): readonly RecordedIncident[] {
  return globSync("*/expected.json", { cwd: FOLDER })
    .toSorted()
    .map((file) => {
      const expected = Expected.parse(JSON.parse(readFileSync(join(FOLDER, file), "utf8")));
      const folder = join(FOLDER, dirname(file));
      return { name: basename(folder), folder, expected };
    });
}
