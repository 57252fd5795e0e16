import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadPlaybooks } from "../src/playbook/load-playbooks.ts";
import { makeReport } from "../src/report/make-report.ts";
import { renderText } from "../src/report/render-text.ts";
import { loadIncident } from "../src/store/load-incident.ts";
import { diagnoseEvidence } from "../src/workflow/diagnose-evidence.ts";

const ROOT = join(import.meta.dirname, "..");
const README = join(ROOT, "README.md");
const SHOWN = "upstream-oom-killed--nginx-node";
const START = "<!-- sample -->";
const END = "<!-- /sample -->";

/** The README with the report of a recorded incident between its marks, as a terminal shows it. */
export async function renderReadme(): Promise<string> {
  const playbooks = await loadPlaybooks([{ path: join(ROOT, "playbooks"), origin: "shipped" }]);
  const evidence = await loadIncident(join(ROOT, "test/incidents", SHOWN));
  const { diagnosis } = diagnoseEvidence(evidence, { playbooks, durationMs: 0 });
  const report = renderText(makeReport(diagnosis), { width: 100, unicode: true, colours: false });
  const text = await readFile(README, "utf8");
  const start = text.indexOf(START);
  const end = text.indexOf(END);
  if (start < 0 || end < start)
    throw new Error(`README.md has no ${START} … ${END} to show a report between.`);
  return `${text.slice(0, start + START.length)}\n\`\`\`\n${report.trimEnd()}\n\`\`\`\n${text.slice(end)}`;
}

if (import.meta.main) await writeFile(README, await renderReadme());
