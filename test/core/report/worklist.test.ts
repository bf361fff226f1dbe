import { expect, it } from 'vitest';
import { nextWorklist, resolvedBy } from '../../../lambda/core/report/worklist.ts';

const FIRST = Date.UTC(2026, 10, 3, 2);
const NIGHT = 86_400_000;
const bob = { email: 'bob@acme.com' };
const cyd = { email: 'cyd@acme.com' };

it('somebody is unmatched since the first run that saw it, and each run counts', () => {
  const first = nextWorklist(null, [bob], 'r1', FIRST);
  const second = nextWorklist(first, [cyd, bob], 'r2', FIRST + NIGHT);
  expect(second.waiting).toEqual([
    { ...bob, since: '2026-11-03T02:00:00.000Z', runs: 2 },
    { ...cyd, since: '2026-11-04T02:00:00.000Z', runs: 1 },
  ]);
  expect(second.resolved).toEqual([]);
});

it('who is matched by now is resolved, once, and begins anew if it comes back', () => {
  const first = nextWorklist(null, [bob], 'r1', FIRST);
  const second = nextWorklist(first, [], 'r2', FIRST + NIGHT);
  expect(second.resolved).toEqual([{ ...bob, since: '2026-11-03T02:00:00.000Z' }]);
  const third = nextWorklist(second, [bob], 'r3', FIRST + 2 * NIGHT);
  expect(third).toMatchObject({ resolved: [], waiting: [{ ...bob, runs: 1 }] });
  expect(resolvedBy(third, [])).toMatchObject([bob]);
});

it('a run that is told twice counts once', () => {
  const first = nextWorklist(null, [bob], 'r1', FIRST);
  const second = nextWorklist(first, [cyd], 'r2', FIRST + NIGHT);
  expect(nextWorklist(second, [cyd], 'r2', FIRST + NIGHT)).toBe(second);
});
