import { expect, it } from 'vitest';
import { canBeApproved, judge, judgeInPart } from '../../../lambda/core/guard/guard.ts';
import { without } from '../../../lambda/core/guard/hold.ts';
import { effectsOf, NOTHING_RECENT, type Recent, recentOf } from '../../../lambda/core/guard/recent.ts';
import type { Baseline } from '../../../lambda/core/plan/change.ts';
import { at, GUARD, handMade, managed, NOW, person, planOf, users, type World } from '../world.ts';

const world: World = {
  okta: [
    { id: 'g1', name: 'Data', people: [person(at('u2'), 'SUSPENDED'), ...['u3', 'u6', 'u7', 'u8'].map(at)] },
    { id: 'g2', name: 'Empty', people: [] },
    { id: 'g4', name: 'Hand', people: [at('u9'), at('u3')] },
  ],
  unlisted: new Map([['g3', null]]),
  users: users('u0', 'u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7', 'u8'),
  invite: { role: 'viewer', teams: [], max: 9 },
  groups: [
    managed('s1', 'Data', ['g1'], ['u0', 'u1', 'u2', 'u3']),
    managed('s2', 'Empty', ['g2'], ['u4', 'u5']),
    managed('s3', 'Gone', ['g3'], ['u1', 'u2']),
    handMade('s4', 'Hand', ['u5']),
  ],
};
const plan = planOf(world);
const strict = {
  groupDeletions: { max: 0, percent: 0 },
  memberRemovals: { max: 0, percent: 0 },
  removalsPerGroup: { max: 0, percent: 0 },
  emptiedGroups: { atLeast: 1 },
  additionsPerGroup: { max: 0, percent: 0 },
  adoptions: { max: 0 },
  invitations: { max: 0 },
  minimumGroups: 9,
  overLimit: 'refuse',
} as const;
const lately = {
  at: NOW - 1,
  runId: '20260102T030405Z-1a2b',
  approved: false,
  removed: [
    ['s1', ['x1', 'u0']],
    ['s2', ['x2']],
  ],
  out: [],
  deleted: ['s9'],
  granted: [['s1', ['u6', 'x3', 'u3']]],
  adopted: ['s8'],
  invited: ['z@acme.com'],
} as const;

const NONE = 'the limit is 0 (the larger of 0 and 0 %)';
const messages = (recent: Recent = NOTHING_RECENT, baseline: Baseline = plan.baseline) =>
  judge(plan, strict, null, recent, baseline).refusals.map(({ rule, message, count, limit }) => [
    `${rule} ${count} of ${limit}`,
    message,
  ]);

it('every rule tells its numbers', () => {
  expect(messages()).toEqual([
    ['minimumGroups 3 of 9', 'only 3 Okta groups are in scope; at least 9 are expected'],
    ['groupDeletions 1 of 0', `delete 1 of 4 managed groups (25 %); ${NONE}`],
    [
      'memberRemovals 7 of 0',
      `remove 7 of 9 memberships (78 %); ${NONE}. The plan removes 8: somebody who is out in Okta counts once`,
    ],
    ['removalsPerGroup 3 of 0', `remove 3 of 4 members of Data (75 %); ${NONE}`],
    ['removalsPerGroup 2 of 0', `remove 2 of 2 members of Empty (100 %); ${NONE}`],
    ['removalsPerGroup 1 of 0', `remove 1 of 1 members of Hand (100 %); ${NONE}`],
    ['removalsPerGroup 2 of 0', `remove 2 of 2 members of Gone (100 %); ${NONE}`],
    ['emptiedGroups 2 of 0', 'empty Empty of all its 2 members; a group of 1 or more is never emptied'],
    ['additionsPerGroup 3 of 0', `add 3 people to Data (4 members); ${NONE}`],
    ['additionsPerGroup 1 of 0', `add 1 person to Hand (1 member); ${NONE}`],
    ['adoptions 1 of 0', 'adopt 1 hand-made group; the limit is 0'],
    ['invitations 1 of 0', 'invite 1 person; the limit is 0'],
  ]);
});

it('every rule counts along what was done in the last 20 hours, each once', () => {
  const along = (all: number, late: number, done: string) =>
    `, which makes ${all} with ${late} ${done} in the last 20 hours`;
  const [removed, added] = [(all: number, late: number) => along(all, late, 'removed'), along(5, 2, 'added')];
  expect(messages(recentOf({ entries: [lately], unknown: null }, NOW))).toEqual([
    ['minimumGroups 3 of 9', 'only 3 Okta groups are in scope; at least 9 are expected'],
    ['groupDeletions 2 of 0', `delete 1 of 4 managed groups (25 %)${along(2, 1, 'deleted')}; ${NONE}`],
    [
      'memberRemovals 9 of 0',
      `remove 7 of 9 memberships (78 %)${removed(9, 2)}; ${NONE}. The plan removes 8: somebody who is out in Okta counts once`,
    ],
    ['removalsPerGroup 4 of 0', `remove 3 of 5 members of Data (60 %)${removed(4, 1)}; ${NONE}`],
    ['removalsPerGroup 3 of 0', `remove 2 of 3 members of Empty (67 %)${removed(3, 1)}; ${NONE}`],
    ['removalsPerGroup 1 of 0', `remove 1 of 1 members of Hand (100 %); ${NONE}`],
    ['removalsPerGroup 2 of 0', `remove 2 of 2 members of Gone (100 %); ${NONE}`],
    [
      'emptiedGroups 3 of 0',
      `empty Empty of all its 2 members${removed(3, 1)}; a group of 1 or more is never emptied`,
    ],
    ['additionsPerGroup 5 of 0', `add 3 people to Data (4 members)${added}; ${NONE}`],
    ['additionsPerGroup 1 of 0', `add 1 person to Hand (1 member); ${NONE}`],
    ['adoptions 2 of 0', `adopt 1 hand-made group${along(2, 1, 'adopted')}; the limit is 0`],
    ['invitations 2 of 0', `invite 1 person${along(2, 1, 'invited')}; the limit is 0`],
  ]);
});

it('people who were due before count for no growth', () => {
  const due = [['Data', [at('u7')]]] as const;
  const found = messages(NOTHING_RECENT, { ...plan.baseline, due });
  expect(found.filter(([rule]) => rule?.startsWith('additionsPerGroup 2'))).toEqual([
    ['additionsPerGroup 2 of 0', `add 2 people to Data (4 members; 1 more were due before); ${NONE}`],
  ]);
});

it('a change that is held in part leaves the rest as it was planned', () => {
  const [data] = plan.changes;
  if (data?.content === undefined || data.content === null) throw new Error('Data changes');
  const parts = { removed: new Set(['s1/u0']), added: new Set(['s1/u7']), deleted: new Set<string>() };
  const [u6, u7, u8] = ['u6', 'u7', 'u8'].map((userId) => ({ userId, email: at(userId) }));
  const [u0, ...gone] = data.remove;
  const content = { ...data.content, userIds: ['u0', 'u3', 'u6', 'u8'] };
  expect(without([data], parts)).toEqual({
    passing: [{ ...data, add: [u6, u8], remove: gone, content, withheld: ['u7'] }],
    held: [{ ...data, add: [u7], remove: [u0], reason: 'held by the guard: its members differ', held: true }],
  });
  expect(without([data], { ...parts, removed: new Set(), added: new Set() })).toEqual({
    passing: [data],
    held: [],
  });
});

it('nothing passes in part while nobody knows what counts along, and no word of an operator is made of it', () => {
  const unknown = { ...NOTHING_RECENT, unknown: 'it cannot be read' };
  const rules = { ...GUARD, overLimit: 'hold' } as const;
  expect(judgeInPart(plan, rules, null, () => false, unknown).approved).toBeNull();
  const slices = judgeInPart(plan, rules, null, () => false, NOTHING_RECENT).approved?.slices(9);
  expect(slices?.map(({ byOperator }) => byOperator)).toEqual([false]);
});

it('an approval is offered unless nothing is in scope, or nobody knows what counts along', () => {
  expect(canBeApproved([])).toBe(true);
  expect(
    canBeApproved([
      { rule: 'minimumGroups', count: 1 },
      { rule: 'adoptions', count: 0 },
    ]),
  ).toBe(true);
  expect(canBeApproved([{ rule: 'minimumGroups', count: 0 }])).toBe(false);
  expect(canBeApproved([{ rule: 'adoptions' }, { rule: 'recent' }])).toBe(false);
});

it('a group that was made takes and gives nothing that counts, also once it has an id', () => {
  const [data] = plan.changes;
  if (data === undefined) throw new Error('Data changes');
  expect(effectsOf([{ ...data, action: 'create' }])).toEqual(effectsOf([]));
  expect(effectsOf([data]).granted).toEqual([['s1', ['u6', 'u7', 'u8']]]);
});

it('what is to be written again comes last, once', () => {
  const [first, second] = plan.changes;
  if (first === undefined || second === undefined) throw new Error('two groups change');
  const changes = [{ ...first, again: true }, second];
  const slices = judge({ ...plan, changes }, GUARD, null).approved?.slices(9) ?? [];
  expect(slices.map((slice) => slice.changes)).toEqual([changes, [first]]);
});
