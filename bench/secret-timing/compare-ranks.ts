/**
 * Mann-Whitney's U, by its normal approximation with ties corrected: `share` of all pairs in which the one of `ys` is larger (ties count
 * half), `p` two-sided. For hundreds of values and more.
 */
export function compareRanks(
  xs: readonly number[],
  ys: readonly number[],
): { readonly share: number; readonly p: number } {
  const all = [...xs.map((value) => ({ value, isY: false })), ...ys.map((value) => ({ value, isY: true }))];
  all.sort((a, b) => a.value - b.value);
  let rankSum = 0;
  let ties = 0;
  for (let start = 0; start < all.length; ) {
    let end = start;
    while (end < all.length && all[end]?.value === all[start]?.value) end++;
    const count = end - start;
    const rank = (start + 1 + end) / 2;
    rankSum += rank * all.slice(start, end).filter(({ isY }) => isY).length;
    ties += count ** 3 - count;
    start = end;
  }
  const pairs = xs.length * ys.length;
  const n = all.length;
  const u = rankSum - (ys.length * (ys.length + 1)) / 2;
  const deviation = Math.sqrt((pairs / 12) * (n + 1 - ties / (n * (n - 1))));
  const z = Math.abs(u - pairs / 2) / deviation;
  return { share: u / pairs, p: 2 * upperTail(z) };
}

/** Of the normal distribution. Source: Abramowitz and Stegun, 26.2.17; wrong by less than 10^-7. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const factors = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153];
  const sum = factors.reduce((carried, factor) => (carried + factor) * t, 0);
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}
