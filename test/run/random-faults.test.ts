import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Effect,
  hangAfterEffect,
  resetAfter,
  resetBefore,
  secodaTooMany,
  status,
} from '../emulators/index.ts';
import { drift, membersOf, smallWorld } from './small-world.ts';
import { scenario } from './scenario.ts';

const EFFECTS: (() => Effect)[] = [
  () => status(500),
  resetBefore,
  resetAfter,
  hangAfterEffect,
  () => secodaTooMany(2),
  () => status(400),
];
const CALLS = [
  'secoda.group.list',
  'secoda.group.create',
  'secoda.group.update',
  'secoda.group.delete',
  'secoda.user.list',
];

const schedule = fc.array(
  fc.record({
    on: fc.constantFrom(...CALLS),
    nth: fc.integer({ min: 1, max: 4 }),
    times: fc.integer({ min: 1, max: 4 }),
    effect: fc.integer({ min: 0, max: EFFECTS.length - 1 }),
  }),
  { minLength: 1, maxLength: 5 },
);

it('after any schedule of faults, a run without them ends where a faultless one does, with no group twice', async () => {
  const calm = await scenario();
  drift(calm, smallWorld(calm));
  await calm.report('apply');
  const end = membersOf(calm);
  const run = async (faults: readonly { on: string; nth: number; times: number; effect: number }[]) => {
    const stand = await scenario();
    drift(stand, smallWorld(stand));
    for (const { effect, ...fault } of faults) {
      stand.secoda.faults.add({ ...fault, effect: (EFFECTS[effect] ?? resetBefore)() });
    }
    await stand.report('apply');
    stand.secoda.faults.clear();
    expect((await stand.report('apply')).code).toBe(0);
    expect(membersOf(stand)).toEqual(end);
    expect(stand.secoda.state.groups.size).toBe(Object.keys(end).length);
    expect(await stand.report('apply')).toMatchObject({ code: 0, changes: [] });
  };
  await fc.assert(fc.asyncProperty(schedule, run), { numRuns: 12, endOnFailure: true });
}, 120_000);
