/** Rows as aligned columns, the first column to the left, all others to the right. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ");
  return `${rows.map((row) => line(row).trimEnd()).join("\n")}\n`;
}

/** One target of this project beside what was measured. `atMost`: a bound from above, else from below. */
export function renderVerdict(
  what: string,
  measured: number,
  bound: { readonly atMost: number } | { readonly atLeast: number },
): string {
  const [met, words] =
    "atMost" in bound
      ? [measured <= bound.atMost, `at most ${show(bound.atMost)}`]
      : [measured >= bound.atLeast, `at least ${show(bound.atLeast)}`];
  return `${met ? "met   " : "MISSED"}  ${what}: ${show(measured)}, wanted ${words}\n`;
}

function show(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toFixed(2);
}
