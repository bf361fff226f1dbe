import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../../lambda/core/guard/guard.ts';
import { harmOf, type Plan } from '../../../lambda/core/plan/change.ts';
import { countInvited } from '../../../lambda/core/people/invitations.ts';
import { reportedInvitations } from '../../../lambda/core/report/onboard-answer.ts';
import { nothingToDo } from '../../../lambda/core/plan/plan.ts';
import { anyWorld } from '../arbitrary-world.ts';
import { at, GUARD, managed, person, planOf, user, users, type World } from '../world.ts';

const invite = { role: 'viewer', teams: [], max: 25 };

/** Two groups in sync and a third to be made; new people in them have no account. */
const world: World = {
  invite,
  okta: [
    { id: 'g1', name: 'A', people: [at('u1'), at('x1'), at('x2')] },
    { id: 'g2', name: 'B', people: [at('u1'), at('x2'), at('x1'), at('x3')] },
    { id: 'g3', name: 'C', people: [at('x4'), at('x3')] },
  ],
  users: users('u1'),
  groups: [managed('s1', 'A', ['g1'], ['u1']), managed('s2', 'B', ['g2'], ['u1'])],
};

const calls = ({ invitations }: Plan) =>
  invitations.map(({ emails, groups }) => [emails.join(), groups.map(({ name }) => name).join('+')]);

describe('invitations', () => {
  it('go to people with the same groups in one call, new groups by their Okta ids', () => {
    const plan = planOf(world);
    expect(calls(plan)).toEqual([
      [`${at('x1')},${at('x2')}`, 'A+B'],
      [at('x3'), 'B+C'],
      [at('x4'), 'C'],
    ]);
    expect(plan.invitations[2]?.groups).toEqual([{ oktaIds: ['g3'], secodaId: null, name: 'C' }]);
    expect(plan.unmatched).toEqual([]);
    expect(nothingToDo({ ...plan, changes: [] })).toBe(false);
  });

  it.each<[string, Partial<World>, string[]]>([
    ['nobody when they are off', { invite: null }, []],
    ['nobody outside the targets', { targets: ['g9'] }, []],
    ['those of targeted groups alone', { targets: ['g3'] }, [at('x3'), at('x4')]],
    ['nobody whom an earlier run invited', { invited: ['x1', 'x2', 'x3', 'x4'].map(at) }, []],
    [
      'nobody with an account, signed in or not',
      { users: [...users('u1', 'x1', 'x2', 'x3'), user('x4', at('x4'), false)] },
      [],
    ],
    [
      'nobody of several accounts',
      { users: [...users('u1', 'x1', 'x2', 'x3', 'x4'), user('t', at('x4'))] },
      [],
    ],
    [
      'nobody who is not eligible, of unheard-of status, or whose login is no address',
      {
        okta: [
          {
            id: 'g1',
            name: 'A',
            people: [at('u1'), person(at('x1'), 'SUSPENDED'), person(at('x2'), 'NEW'), 'x3'],
          },
        ],
        groups: [managed('s1', 'A', ['g1'], ['u1'])],
      },
      [],
    ],
    [
      'nobody for a group that is left alone',
      {
        okta: [
          { id: 'g1', name: 'A', people: [at('x1')] },
          { id: 'g2', name: 'A', people: [at('x1')] },
        ],
      },
      [],
    ],
    [
      'whoever a doubted list has, into the group that is there and into none that is not made',
      {
        okta: [
          { id: 'g1', name: 'A', people: [at('x1')], doubt: 'too short' },
          { id: 'g3', name: 'C', people: [at('x1'), at('x2')], doubt: 'too short' },
        ],
      },
      [at('x1')],
    ],
  ])('go to %s', (_, changes, expected) => {
    const plan = planOf({ ...world, ...changes });
    expect(plan.invitations.flatMap(({ emails }) => emails)).toEqual(expected);
  });

  it('of earlier runs are reported until the first sign-in, and keep nobody unmatched', () => {
    const invited = ['x1', 'x2', 'x3', 'x4'].map(at);
    const { awaited, unmatched } = planOf({ ...world, invited });
    expect(awaited.map(({ email, groups }) => [email, groups.join('+')])).toEqual([
      [at('x1'), 'A+B'],
      [at('x2'), 'A+B'],
      [at('x3'), 'B+C'],
      [at('x4'), 'C'],
    ]);
    expect(unmatched).toEqual([]);
    const signedIn = [...users('u1', 'x1', 'x2', 'x3'), user('x4', at('x4'), false)];
    expect(planOf({ ...world, invited, users: signedIn }).awaited).toEqual([
      { email: at('x4'), groups: ['C'], known: true },
    ]);
  });

  it('are for people in Secoda, by alias', () => {
    const aliases = new Map([['*@acme.com', '*@acme.io']]);
    const plan = planOf({ ...world, people: { aliases }, users: [user('u1', 'u1@acme.io')] });
    expect(plan.invitations[2]?.emails).toEqual(['x4@acme.io']);
  });

  it('are reported with what became of them', () => {
    const outcomes = [
      { email: at('x1'), outcome: 'applied', error: null },
      { email: at('x3'), outcome: 'failed', error: 'no seat is left' },
    ] as const;
    const reported = reportedInvitations(planOf({ ...world, invited: [at('x2')] }), outcomes);
    expect(reported.map(({ email, outcome }) => [email, outcome])).toEqual([
      [at('x1'), 'applied'],
      [at('x2'), 'awaited'],
      [at('x3'), 'failed'],
      [at('x4'), null],
    ]);
  });
});

describe('the guard', () => {
  const strict: World = { ...world, invite: { ...invite, max: 3 } };
  const rules = { ...GUARD, invitations: { max: 3 } };

  it('refuses more invitations than its limit, and no fewer', () => {
    expect(judge(planOf(world), { ...GUARD, invitations: { max: 4 } }, null).refusals).toEqual([]);
    expect(judge(planOf(strict), rules, null).refusals).toEqual([
      { rule: 'invitations', message: 'invite 4 people; the limit is 3', count: 4, limit: 3 },
    ]);
  });

  it('takes an approval for these very people', () => {
    const plan = planOf(strict);
    expect(judge(plan, rules, { digest: plan.digest, harm: harmOf(plan.changes) }).approved).not.toBeNull();
    const more = planOf({
      ...strict,
      okta: [...(world.okta ?? []), { id: 'g4', name: 'D', people: [at('x5')] }],
    });
    const { refusals } = judge(more, rules, { digest: plan.digest, harm: harmOf(plan.changes) });
    expect(refusals.map(({ rule }) => rule)).toEqual(['approve']);
    expect(refusals[0]?.message).toContain('other people would be invited');
  });

  it('leaves the digest as it is while they are within the limit', () => {
    const off = planOf({ ...world, invite: null });
    expect(planOf(world).digest).toBe(off.digest);
    expect(planOf(strict).digest).not.toBe(off.digest);
  });
});

describe('whatever both sides hold', () => {
  it('each person is invited at most once, has no account, and is wanted in each of the groups', () => {
    let seen = 0;
    fc.assert(
      fc.property(anyWorld, (any) => {
        const given = { ...any, users: (any.users ?? []).filter(({ id }) => id !== 'u1' && id !== 'u2') };
        const plan = planOf({ ...given, invite });
        const emails = plan.invitations.flatMap((call) => call.emails);
        seen += emails.length;
        expect(new Set(emails).size).toBe(emails.length);
        expect(countInvited(plan.invitations)).toBe(emails.length);
        const addresses = new Set(given.users.map(({ email }) => email));
        for (const email of emails) expect(addresses.has(email)).toBe(false);
        for (const call of plan.invitations) {
          for (const email of call.emails) {
            for (const { oktaIds } of call.groups) {
              const sides = (any.okta ?? []).filter(({ id }) => oktaIds.includes(id));
              const wanted = sides.some(({ people }) =>
                people?.some(
                  (each) =>
                    typeof each !== 'string' &&
                    each.status === 'ACTIVE' &&
                    each.email?.trim().toLowerCase() === email,
                ),
              );
              expect(wanted).toBe(true);
            }
          }
        }
        const { invitations: none, ...without } = planOf(given);
        expect(none).toEqual([]);
        expect(plan.changes).toEqual(without.changes);
      }),
      { numRuns: 1_000 },
    );
    expect(seen).toBeGreaterThan(100);
  });
});
