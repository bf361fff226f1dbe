import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('no client of AWS waits longer for an answer than an invocation can spare', () => {
  const limits = globSync('lambda/**/*.ts').flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/\b(connectionTimeout|requestTimeout): ([\d_]+)/g)].map(
      ([, name = '', ms = '']) => ({ path, name, ms: Number(ms.replaceAll('_', '')) }),
    ),
  );
  expect(new Set(limits.map(({ path }) => path)).size).toBeGreaterThanOrEqual(4);
  // In milliseconds; the longest is for a large part that is sent to S3.
  expect(limits.filter(({ name, ms }) => ms > (name === 'connectionTimeout' ? 5_000 : 60_000))).toEqual([]);
});
