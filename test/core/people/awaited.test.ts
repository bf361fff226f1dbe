import { expect, it } from 'vitest';
import {
  byGroups,
  countInvited,
  mayBeInvited,
  seatsToApprove,
  unansweredWarning,
  WAITING_MS,
} from '../../../lambda/core/people/invitations.ts';
import { makePlan } from '../../../lambda/core/plan/plan.ts';
import { at, inputOf, managed, NOW, planOf, user, users, type World } from '../world.ts';

const rules = { role: 'viewer', teams: [], max: 2 };
const ref = (secodaId: string) => ({ oktaIds: [`g-${secodaId}`], secodaId, name: secodaId });

it('an invitation that nobody answered is told from the thirtieth day on, in the words that fit', () => {
  const late = { email: 'a@b.c', at: NOW - WAITING_MS, sure: true };
  expect(WAITING_MS).toBe(2_592_000_000);
  expect(unansweredWarning({ ...late, at: late.at + 1 }, NOW, true)).toBeNull();
  const since = '2025-12-06T02:00:00.000Z';
  const told = (sure: boolean, listed: boolean) => unansweredWarning({ ...late, sure }, NOW, listed);
  expect(told(true, true)).toEqual({
    kind: 'unanswered',
    message:
      'a@b.c was invited on 2025-12-06 and has not signed in since; remind them, or send it again under Members in Secoda',
    group: null,
    oktaIds: [],
    email: 'a@b.c',
    since,
  });
  expect(told(false, false)?.message).toMatch(
    /^it is not known whether the invitation of 2025-12-06 reached a@b\.c; (?!remind)/,
  );
});

it('who was invited is waited for, listed or not, and is told when it is late', () => {
  const world: World = {
    invite: rules,
    okta: [{ id: 'g1', name: 'A', people: [at('u1'), at('x1'), at('x2')] }],
    users: [...users('u1'), user('x1', at('x1'), false)],
    groups: [managed('s1', 'A', ['g1'], ['u1', 'x1'])],
    invited: [at('x1'), at('x2')],
  };
  const both = ['x1', 'x2'].map((id) => ({ email: at(id), groups: ['A'], known: true }));
  expect(planOf(world)).toMatchObject({ awaited: both, invitations: [], unmatched: [], warnings: [] });
  const late = makePlan({ ...inputOf(world), now: NOW + WAITING_MS });
  expect(late).toMatchObject({ awaited: [], invitations: [], unmatched: [{ email: at('x2') }] });
  expect(late.warnings.map(({ kind, email }) => [kind, email])).toEqual([
    ['unanswered', at('x1')],
    ['unanswered', at('x2')],
  ]);
});

it('people with the same groups are invited together, and counted one by one', () => {
  const [a, b] = [ref('a'), ref('b')];
  const invitations = byGroups(
    new Map([
      ['z@b.c', [b, a]],
      ['y@b.c', [a, b]],
      ['x@b.c', [b]],
    ]),
  );
  expect(invitations).toEqual([
    { emails: ['x@b.c'], groups: [b] },
    { emails: ['y@b.c', 'z@b.c'], groups: [a, b] },
  ]);
  expect([countInvited(invitations), countInvited([])]).toEqual([3, 0]);
});

it('seats are to be approved where there are more than the guard lets pass, those of late along', () => {
  const two = [{ emails: ['b@b.c', 'a@b.c'], groups: [] }];
  const seats = (max: number | null, ...recently: string[]) =>
    seatsToApprove(two, max === null ? null : { ...rules, max }, new Set(recently));
  expect(seats(2)).toEqual([]);
  expect(seats(2, 'a@b.c')).toEqual([]);
  expect(seats(2, 'c@b.c')).toEqual(['a@b.c', 'b@b.c']);
  expect(seats(1)).toEqual(['a@b.c', 'b@b.c']);
  expect(seats(null)).toEqual([]);
  expect(seatsToApprove([], { ...rules, max: 0 }, new Set(['a@b.c']))).toEqual([]);
});

it('an invitation helps nobody who has accounts, or no address', () => {
  expect(mayBeInvited('no-account', 'a@b.c')).toBe(true);
  expect(mayBeInvited('no-account', 'ada')).toBe(false);
  expect(mayBeInvited('ambiguous', 'a@b.c')).toBe(false);
});
