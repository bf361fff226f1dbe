import { describe, expect, it } from 'vitest';
import type { InviteOutcome } from '../../../lambda/core/people/invitations.ts';
import { onboardingPlan, onboardReport } from '../../../lambda/core/report/onboard-report.ts';
import { type ChangeOutcome, NO_REQUESTS, notAttempted } from '../../../lambda/core/report/report.ts';
import { removal } from '../../render/plans.ts';
import { onboardingOf } from '../onboarding.ts';
import { REQUESTED } from '../requested.ts';
import { at, managed, NOW, users, type World } from '../world.ts';

const ENDED = {
  ...{ runId: 'r', request: REQUESTED, digest: 'd', invited: [], refusals: [], failure: null },
  ...{ requests: NO_REQUESTS, startedAt: NOW, endedAt: NOW + 1 },
} as const;

/** Two who are to join A, one of whom joins B as well, and one without an account. */
const world: World = {
  okta: [
    { id: 'g1', name: 'A', people: [at('u1'), at('u2'), at('ada')] },
    { id: 'g2', name: 'B', people: [at('u1')] },
  ],
  groups: [managed('s1', 'A', ['g1'], ['u9']), managed('s2', 'B', ['g2'])],
  users: users('u1', 'u2', 'u9'),
};
const asked = ['u1', 'u2', 'ada'].map(at);
const onboarding = onboardingOf(world, asked, { invite: { role: 'viewer', teams: [], max: 9 } });
const [a, b] = onboarding.joins;
if (a === undefined || b === undefined) throw new Error('there are two');
const APPLIED: ChangeOutcome = { outcome: 'applied', written: null, unsettled: [], news: false, error: null };

/** What is told where A, or B as well, came to this. */
const told = (ends: readonly ChangeOutcome[], more: Partial<Parameters<typeof onboardReport>[0]> = {}) => {
  const outcomes = new Map(ends.map((end, n) => [n === 0 ? a : b, end]));
  const { people, changes, summary, status } = onboardReport({ ...ENDED, onboarding, outcomes, ...more });
  return {
    status,
    members: summary.members,
    unchanged: summary.groups.unchanged,
    changes: changes.map(({ group, add, remove, outcome, before }) => [
      group.name,
      add,
      remove,
      outcome,
      before,
    ]),
    ...Object.fromEntries(people.map(({ email, answers }) => [email, answers])),
  };
};
const [ONE, TWO, ADA] = asked;
if (ONE === undefined || TWO === undefined || ADA === undefined) throw new Error('there are three');
const ENDED_BEFORE = {
  [TWO]: ['not added to A: the run ended before'],
  [ADA]: ['no Secoda account; the run ended before the invitation'],
};
const B_OPEN = 'not added to B: the run ended before';

describe('of an onboarding is told', () => {
  it('that it ended before anything was done', () => {
    expect(told([], { failure: new Error('Okta is down') })).toEqual({
      status: 'failed',
      members: { add: 3, remove: 0 },
      unchanged: 0,
      changes: [
        ['A', [ONE, TWO], [], null, null],
        ['B', [ONE], [], null, null],
      ],
      [ONE]: ['not added to A: the run ended before', B_OPEN],
      ...ENDED_BEFORE,
    });
  });

  it('who was added, and who was invited', () => {
    const invited: InviteOutcome[] = [{ email: ADA, outcome: 'applied', error: null }];
    const ends = [
      { ...APPLIED, written: a },
      { ...APPLIED, written: b },
    ];
    expect(told(ends, { invited })).toEqual({
      status: 'applied',
      members: { add: 3, remove: 0 },
      unchanged: 0,
      changes: [
        ['A', [ONE, TWO], [], 'applied', null],
        ['B', [ONE], [], 'applied', null],
      ],
      [ONE]: ['added to A', 'added to B'],
      [TWO]: ['added to A'],
      [ADA]: ['invited'],
    });
  });

  it('whom Secoda took, whom it did not, and who left because it refuses them', () => {
    const written = { ...a, remove: [removal('u9@acme.com', 'u9')] };
    const end = { ...APPLIED, outcome: 'unsettled', written, unsettled: [TWO], news: true } as const;
    expect(told([end])).toEqual({
      status: 'partial',
      members: { add: 2, remove: 1 },
      unchanged: 0,
      changes: [
        ['A', [ONE], ['u9@acme.com'], 'unsettled', null],
        ['B', [ONE], [], null, null],
      ],
      [ONE]: ['added to A', B_OPEN],
      [TWO]: ['not taken by Secoda: A; asked for again when their account changes, or after a week'],
      [ADA]: ['no Secoda account; the run ended before the invitation'],
    });
  });

  it('who was there already, by whoever did it: that is no change', () => {
    const there = { ...APPLIED, needless: true } as const;
    expect(told([there, there])).toEqual({
      status: 'in-sync',
      members: { add: 0, remove: 0 },
      unchanged: 2,
      changes: [],
      [ONE]: ['already there: A', 'already there: B'],
      [TWO]: ['already there: A'],
      [ADA]: ['no Secoda account; the run ended before the invitation'],
    });
    const only = { ...a, add: a.add.slice(0, 1) };
    expect(told([{ ...APPLIED, written: only }])).toMatchObject({
      changes: [
        ['A', [ONE], [], 'applied', null],
        ['B', [ONE], [], null, null],
      ],
      [TWO]: ['already there: A'],
    });
  });

  it('who does not belong there any more', () => {
    const dropped = ['u1'];
    expect(told([{ ...notAttempted('nobody belongs into it any more'), dropped }])).toMatchObject({
      status: 'partial',
      changes: [
        ['A', [ONE, TWO], [], 'not-attempted', null],
        ['B', [ONE], [], null, null],
      ],
      [ONE]: ['not added to A: Okta says otherwise by now', B_OPEN],
      [TWO]: ['not added to A: nobody belongs into it any more'],
    });
  });

  it('why somebody was not added, or not invited', () => {
    const failed = { ...APPLIED, outcome: 'failed', error: 'Secoda is down' } as const;
    const invited: InviteOutcome[] = [{ email: ADA, outcome: 'failed', error: 'no seat' }];
    expect(told([failed, APPLIED], { invited })).toMatchObject({
      status: 'partial',
      changes: [
        ['A', [ONE, TWO], [], 'failed', null],
        ['B', [ONE], [], 'applied', null],
      ],
      [ONE]: [
        'not added to A: Secoda is down',
        'not added to B: what came of it could not be kept; the same onboarding once more tells',
      ],
      [TWO]: ['not added to A: Secoda is down'],
      [ADA]: ['no Secoda account; not invited: no seat'],
    });
  });

  it.each([
    ['a dry run', 'a dry run writes nothing', 'planned', { planned: true }],
    [
      'a refusal',
      'the guard refused the run',
      'refused',
      { planned: true, refusals: [{ rule: 'recent', message: '', count: null, limit: null }] },
    ],
  ] as const)('that %s writes nothing', (_, why, status, more) => {
    expect(told([], { ...more, refusals: 'refusals' in more ? [...more.refusals] : [] })).toMatchObject({
      status,
      [ONE]: [`not added to A: ${why}`, `not added to B: ${why}`],
      [TWO]: [`not added to A: ${why}`],
      [ADA]: [`no Secoda account; not invited: ${why}`],
    });
  });

  it('what is known of people whom it does not concern, as it was found', () => {
    const found = onboardingOf(world, [...asked, at('nobody'), at('u9')], {});
    const { people, status } = onboardReport({
      ...ENDED,
      onboarding: found,
      outcomes: new Map(),
      planned: true,
    });
    expect(people.slice(2)).toEqual([
      { email: ADA, answers: ['no Secoda account'] },
      { email: at('nobody'), answers: ['not in Okta'] },
      { email: at('u9'), answers: ['not in Okta'] },
    ]);
    expect(status).toBe('planned');
  });

  it('why it ended before it was known whom it is about', () => {
    const failure = new Error('Okta is down');
    const report = onboardReport({ ...ENDED, onboarding: null, outcomes: new Map(), failure });
    expect(report).toMatchObject({
      status: 'failed',
      digest: null,
      people: [],
      changes: [],
      error: failure.message,
    });
  });
});

it('an onboarding is a plan that has its digest, and tells frozen groups apart', () => {
  expect(onboardReport({ ...ENDED, onboarding, outcomes: new Map() })).toMatchObject({
    digest: 'd',
    mode: 'onboard',
  });
  const skipped = [
    { group: 'F', oktaIds: ['g3'], reason: 'it is frozen', because: 'frozen' as const },
    { group: 'D', oktaIds: ['g4'], reason: 'deferred', because: 'deferred' as const },
    { group: 'O', oktaIds: ['g5'], reason: 'others' },
  ];
  const plan = onboardingPlan({ ...onboarding, skipped, unchanged: 3 });
  expect(plan.skipped).toEqual(skipped.slice(1));
  expect(plan.frozen).toEqual([{ group: 'F', oktaIds: ['g3'], wouldRemove: [] }]);
  expect(plan.changes).toEqual(onboarding.joins);
  expect(plan.unchanged).toBe(3);
  // No group is the measure of what it may do.
  expect(plan.baseline).toEqual({ groupsInScope: 0, managedGroups: 0, memberships: 0 });
  expect(onboardingPlan({ ...onboarding, unchanged: 3 }, [])).toMatchObject({ unchanged: 5, changes: [] });
});
