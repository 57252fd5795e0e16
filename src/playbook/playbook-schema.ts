import { z } from "zod";
import type { Playbook } from "./playbook.ts";
import { probeSchema } from "./probe-schema.ts";
import { SIGNALS } from "./signal.ts";
import { kebabName, mapOf, oneOf, strict, template, text, word } from "./yaml-values.ts";

/** What changes a host, in full: a playbook picks one of these and cannot word its own. */
const RESTARTS = {
  systemd: ["systemctl", "restart", "--", "{unit}"],
} as const;

const signature = strict({
  id: z.string().regex(/^[A-Z]{2}\d{2}[a-z]?$/, "must be two capitals and two digits, such as NG01 or NG01b"),
  message: template,
  signal: oneOf(SIGNALS),
  in: oneOf(["own", "client"]).default("own"),
  source: text,
});

const page = strict({
  statuses: z.array(z.int().min(400).max(599)).min(1).exactOptional(),
  headers: mapOf(kebabName, template).exactOptional(),
  body: z.array(template).min(1).exactOptional(),
  without: z.array(kebabName).min(1).exactOptional(),
  relayed: z.boolean().exactOptional(),
});

const remediation = strict({
  title: text,
  manager: oneOf(["systemd"]),
  argv: z.array(word),
}).superRefine(({ manager, argv }, context) => {
  const expected = RESTARTS[manager].join(" ");
  if (argv.join(" ") === expected) return;
  context.addIssue({ code: "custom", path: ["argv"], message: `must be exactly: ${expected}` });
});

const NOTHING_DETECTED = { comms: [], args: [], units: [], ports: [] };

/** One file of `playbooks/`; its id is the file's name. Input: the YAML. Output: the playbook. */
export const playbookSchema = strict({
  title: text,
  role: oneOf(["host", "edge", "proxy", "upstream", "dependency"]),
  parser: kebabName.exactOptional(),
  speaks: z
    .array(oneOf(["http", "fastcgi", "uwsgi", "ajp"]))
    .min(1)
    .exactOptional(),
  detect: strict({
    comms: z.array(template).default([]),
    args: z.array(template).default([]),
    units: z.array(template).default([]),
    ports: z.array(z.int().min(1).max(65_535)).default([]),
  }).default(NOTHING_DETECTED),
  defaults: mapOf(
    z.string().regex(/^[a-z][A-Za-z]{1,60}$/, "must be a name such as connectTimeoutMs"),
    z.number(),
  ).default({}),
  probes: mapOf(kebabName, probeSchema).default({}),
  signatures: z.array(signature).max(200).superRefine(checkIds).default([]),
  pages: z.array(page).max(20).default([]),
  remediations: mapOf(kebabName, remediation).default({}),
}) satisfies z.ZodType<Omit<Playbook, "id">>;

function checkIds(
  signatures: readonly { readonly id: string }[],
  context: z.core.$RefinementCtx<unknown>,
): void {
  const seen = new Set<string>();
  for (const [index, { id }] of signatures.entries()) {
    if (seen.has(id)) {
      context.addIssue({
        code: "custom",
        path: [index, "id"],
        message: `${id} is taken by a signature above`,
      });
    }
    seen.add(id);
  }
}
