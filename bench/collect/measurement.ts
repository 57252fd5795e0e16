import { z } from "zod";

/** What the measuring process is told. */
export const Settings = z.object({
  rttMs: z.number(),
  runs: z.number(),
  /** Fewer: one run of Ansible takes seconds. 0: Ansible is not there. */
  ansibleRuns: z.number(),
  endpoints: z.array(
    z.object({ name: z.string(), address: z.string(), port: z.number(), rootPid: z.number() }),
  ),
  login: z.object({
    user: z.string(),
    identityFile: z.string(),
    knownHostsFile: z.string(),
    directory: z.string(),
  }),
});
export type Settings = z.infer<typeof Settings>;

/** What it found at one distance; times are medians, ms. */
export const Measurement = z.object({
  contenders: z.record(z.string(), z.number()),
  /** How much later the other frames came beside a look that hangs, as ratios: the last one, and the middle one. */
  besideHung: z.object({ last: z.number(), middle: z.number() }),
});
export type Measurement = z.infer<typeof Measurement>;
