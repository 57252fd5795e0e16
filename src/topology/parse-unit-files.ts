/** Reads `systemctl list-unit-files --no-legend`: unit → `enabled`, `disabled`, `masked`, `static`, … */
export function parseUnitFiles(output: string): ReadonlyMap<string, string> {
  const states = new Map<string, string>();
  for (const line of output.split("\n")) {
    const [unit, state] = line.split(" ").filter((word) => word !== "");
    if (unit !== undefined && state !== undefined && /\.(service|socket)$/.test(unit))
      states.set(unit, state);
  }
  return states;
}
