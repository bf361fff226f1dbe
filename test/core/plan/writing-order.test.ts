import { expect, it } from 'vitest';
import type { Change } from '../../../lambda/core/plan/change.ts';
import { inWritingOrder } from '../../../lambda/core/plan/waiting-removals.ts';
import { change, member, removal } from '../../render/plans.ts';
import { brief } from '../world.ts';

/** A change of a group whose id is its own, or its name's. */
const of = (action: Change['action'], name: string, more: Partial<Change> = {}) =>
  change({ action, name, oktaIds: [`g-${name}`], secodaId: action === 'create' ? null : name, ...more });
const leaves = { remove: [removal('u1@acme.com', 'u1')] };
const comes = { add: [member('u2@acme.com', 'u2')] };

it('who loses comes before who gains, then what is new, and what goes, each by name and id', () => {
  const changes = [
    of('delete', 'A', leaves),
    of('delete', 'B'),
    of('create', 'C', comes),
    of('update', 'D', comes),
    of('update', 'E', { ...comes, ...leaves, secodaId: 's2' }),
    of('update', 'E', { ...leaves, secodaId: 's1' }),
    of('update', 'F', { renamedFrom: 'G' }),
    of('update', 'H', leaves),
  ];
  const order = [
    'update s1 E -u1',
    'update s2 E +u2 -u1',
    'update H H -u1',
    'update D D +u2',
    'update F F (was G)',
    'create new C +u2',
    'delete A A -u1',
    'delete B B',
  ];
  expect(inWritingOrder(changes).map(brief)).toEqual(order);
  expect(inWritingOrder(changes.toReversed()).map(brief)).toEqual(order);
});

it('what takes a name comes in a wave after what frees it, and deletions that free none wait for the last one', () => {
  const changes = [
    of('update', 'A', { renamedFrom: 'B', wave: 1 }),
    of('update', 'C', { renamedFrom: 'A' }),
    of('delete', 'D'),
    of('delete', 'Z'),
    of('create', 'Z', { wave: 1 }),
    of('update', 'Y', leaves),
  ];
  expect(inWritingOrder(changes).map((each) => [brief(each), each.wave, each.again])).toEqual([
    ['update Y Y -u1', 0, false],
    ['update C C (was A)', 0, false],
    ['delete Z Z', 0, false],
    ['update A A (was B)', 1, false],
    ['create new Z', 1, false],
    ['delete D D', 1, false],
  ]);
});
