import { z } from "zod";
import { playbookSchema } from "./playbook-schema.ts";

/** The JSON Schema of a playbook file, as editors want it: `playbooks/playbook.schema.json`. */
export function renderPlaybookJsonSchema(): string {
  const schema = z.toJSONSchema(playbookSchema, { io: "input", reused: "inline" });
  return `${JSON.stringify({ title: "diagnose502 playbook", ...schema }, null, 2)}\n`;
}
