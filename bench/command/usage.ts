import { readFile } from "node:fs/promises";
import { z } from "zod";

/** What one Node process used in its life. */
const Usage = z.object({ maxRSS: z.number(), userCPUTime: z.number(), systemCPUTime: z.number() });

/** `NODE_OPTIONS` that make a Node process write its usage to `file` as it exits; nothing of it runs before. */
export function usageOptions(file: string): string {
  const program = `process.on('exit',()=>process.getBuiltinModule('fs').writeFileSync(${JSON.stringify(file)},JSON.stringify(process.resourceUsage())))`;
  return `--import=data:text/javascript,${encodeURIComponent(program)}`;
}

/** Reads what `usageOptions` wrote. */
export async function readUsage(file: string): Promise<{ readonly rssMb: number; readonly cpuMs: number }> {
  const { maxRSS, userCPUTime, systemCPUTime } = Usage.parse(JSON.parse(await readFile(file, "utf8")));
  return { rssMb: maxRSS / 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 };
}
