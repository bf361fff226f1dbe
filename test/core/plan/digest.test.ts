import { describe, expect, it } from 'vitest';
import { digestOf, harmDifference, harmOf } from '../../../lambda/core/plan/change.ts';
import { at, handMade, managed, planOf, users, type World } from '../world.ts';

/** A removal, a rename, an adoption and a deletion. */
const world: World = {
  okta: [
    { id: 'g1', name: 'A', people: [at('u1')] },
    { id: 'g2', name: 'New' },
    { id: 'g3', name: 'Hand' },
  ],
  unlisted: new Map([['g4', null]]),
  users: users('u1', 'u2', 'u3'),
  groups: [
    managed('s1', 'A', ['g1'], ['u1', 'u2']),
    managed('s2', 'Old', ['g2']),
    handMade('s3', 'Hand'),
    managed('s4', 'Gone', ['g4'], ['u3']),
  ],
};
const { digest, changes } = planOf(world);
const [a, renamed, hand] = world.okta ?? [];
const [first, second, third, fourth] = world.groups ?? [];
if (!a || !renamed || !hand || !first || !second || !third || !fourth)
  throw new Error('the world is incomplete');

describe('the digest', () => {
  it('names whoever is to be invited by an approval, be it a single person', () => {
    const seats = [[], ['ada@acme.example'], ['bob@acme.example'], ['ada@acme.example', 'bob@acme.example']];
    expect(new Set(seats.map((emails) => digestOf([], emails))).size).toBe(seats.length);
  });

  it.each<[string, World]>([
    ['an addition', { ...world, okta: [{ ...a, people: [at('u1'), at('u3')] }, renamed, hand] }],
    ['a creation', { ...world, okta: [a, renamed, hand, { id: 'g5', name: 'Fresh', people: [at('u3')] }] }],
    ['a new description', { ...world, okta: [{ ...a, description: 'Text' }, renamed, hand] }],
    ['the order of groups', { ...world, okta: [hand, a, renamed], groups: [fourth, third, second, first] }],
    [
      'the order of members',
      { ...world, groups: [{ ...first, userIds: ['u2', 'u1'] }, second, third, fourth] },
    ],
    ['a foreign group', { ...world, groups: [first, second, third, fourth, handMade('s0', 'X', ['u1'])] }],
    ['the time', { ...world, now: 0 }],
  ])('is not changed by %s', (_, other) => {
    expect(planOf(other).digest).toBe(digest);
  });

  it.each<[string, World]>([
    ['one more removal', { ...world, okta: [{ ...a, people: [] }, renamed, hand] }],
    ['one removal fewer', { ...world, okta: [{ ...a, people: [at('u1'), at('u2')] }, renamed, hand] }],
    [
      'another member before',
      { ...world, groups: [{ ...first, userIds: ['u1', 'u2', 'robot'] }, second, third, fourth] },
    ],
    ['another new name', { ...world, okta: [a, { ...renamed, name: 'Newer' }, hand] }],
    ['a missing adoption', { ...world, groups: [first, second, fourth] }],
    ['a missing deletion', { ...world, groups: [first, second, third] }],
    ['an emptying instead of a deletion', { ...world, whenGone: 'empty' }],
    [
      'another Secoda group that loses the same people',
      { ...world, groups: [{ ...first, id: 's9' }, second, third, fourth] },
    ],
  ])('is changed by %s', (_, other) => {
    expect(planOf(other).digest).not.toBe(digest);
  });

  it('is sixteen hexadecimal digits', () => {
    expect(digest).toMatch(/^[0-9a-f]{16}$/);
  });

  it('rests on ids, never on names or addresses of people', () => {
    expect(JSON.stringify(harmOf(changes))).not.toContain('@');
  });

  it('of an additive plan is that of an empty one', () => {
    const additive = planOf({ okta: [{ id: 'g1', name: 'A', people: [at('u1')] }], users: users('u1') });
    expect(additive.digest).toBe(planOf({}).digest);
  });
});

describe('the difference between two harms', () => {
  const harm = harmOf(changes);
  it('is nothing for the same', () => {
    expect(harmDifference(harm, harmOf(planOf(world).changes))).toBe('');
  });

  it('names what is new and what is no longer planned', () => {
    expect(harmDifference(harm.slice(1, 2), harm.slice(2, 3))).toBe(
      'new: update s3, 0 of 0 members leave, adopted; no longer planned: update s2, 0 of 0 members leave, renamed',
    );
  });

  it('names the first groups and how many more there are', () => {
    const [one] = harm;
    if (one === undefined) throw new Error('no harm');
    const many = Array.from({ length: 24 }, (_, n) => ({ ...one, secodaId: `g${n}` }));
    const told = harmDifference([], many);
    expect(told.split('; ')).toHaveLength(6);
    expect(told).toMatch(/^new: .* g0, .*; and 19 more$/);
  });
});
