/** The middle of some numbers; of an even number of them, the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** A median with the least and the largest of the runs it was taken from. */
export interface Figure {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function figureOf(numbers: readonly number[]): Figure {
  return { median: median(numbers), least: Math.min(...numbers), most: Math.max(...numbers) };
}

/** `e` in y ~ size^e between two sizes: 1 is linear, less is better. */
export function exponent(small: number, large: number, times: number): number {
  return Math.log(large / small) / Math.log(times);
}
