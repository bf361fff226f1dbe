import type { Figure } from './figures.ts';

export const whole = (value: number) => Math.round(value).toLocaleString('en-GB');
export const minutes = (value: number) => (value / 60_000).toFixed(1);
export const seconds = (value: number) => `${(value / 1000).toFixed(2)} s`;
export const ms = (value: number) => `${Math.round(value)} ms`;
export const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
export const megabytes = (value: number) => `${(value / 1024 / 1024).toFixed(value < 10_000_000 ? 2 : 0)} MB`;

/** A median, and where the runs differ as far as is shown, the least and the largest of them. */
export function spread({ median: middle, least, most }: Figure, shown: (value: number) => string): string {
  const [low, high] = [shown(least), shown(most)];
  return low === high ? shown(middle) : `${shown(middle)} [${low}–${high}]`;
}
