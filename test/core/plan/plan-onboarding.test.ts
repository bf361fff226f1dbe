import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { contentOf, fingerprintOf, rowOf } from '../../../lambda/core/groups/settled-content.ts';
import type { GroupMemory } from '../../../lambda/core/model/memory.ts';
import { readMarker } from '../../../lambda/core/groups/marker.ts';
import { type Answer, answerText } from '../../../lambda/core/report/onboard-answer.ts';
import { onboardReport } from '../../../lambda/core/report/onboard-report.ts';
import type { ChangeOutcome } from '../../../lambda/core/report/report.ts';
import type { Join } from '../../../lambda/core/plan/join.ts';
import { onboardingOf, soughtIn } from '../onboarding.ts';
import type { Person } from '../../../lambda/core/model/directory.ts';
import type { Adder } from '../../../lambda/ports.ts';
import type { OnboardTask, RunContext } from '../../../lambda/run/context.ts';
import { anyWorld } from '../arbitrary-world.ts';
import { at, DAY_MS, managed, NOW, person, planOf, user, users, type World } from '../world.ts';
import { REQUESTED } from '../requested.ts';

const emails = ['u1', 'u2', 'u3', 'u4', 'u5', 'nobody'].map(at);

const requests = { reads: 0, writes: 0, throttled: 0, retries: 0 };
/** How a run ended in which nothing else happened. */
const ENDED = {
  runId: 'r',
  request: REQUESTED,
  digest: '',
  invited: [],
  refusals: [],
  requests: { okta: requests, secoda: requests },
  startedAt: NOW,
  endedAt: NOW,
  failure: null,
} as const;

describe('whatever both sides hold, onboarding', () => {
  it('adds nobody whom a full plan over the same world would not add, and nothing else', () => {
    let joins = 0;
    fc.assert(
      fc.property(anyWorld, fc.subarray(emails, { minLength: 3 }), (world, asked) => {
        const full = planOf(world);
        for (const join of onboardingOf(world, asked).joins) {
          joins++;
          const change = full.changes.find(({ secodaId }) => secodaId === join.secodaId);
          const added = change?.add.map(({ userId }) => userId) ?? [];
          for (const { user, email } of join.add) {
            expect(added).toContain(user.id);
            expect(asked).toContain(email);
          }
        }
      }),
      { numRuns: 1_500 },
    );
    expect(joins).toBeGreaterThan(50);
  });

  it('has to do with groups of our marker alone', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        for (const { secodaId } of onboardingOf(world, emails).joins) {
          const group = world.groups?.find(({ id }) => id === secodaId);
          expect(readMarker(group?.description ?? '')?.via).toBe('okta');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('answers each person at least once, and reports no change but additions', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const onboarding = onboardingOf(world, emails);
        expect(onboarding.people.map(({ email }) => email)).toEqual(emails);
        for (const { answers } of onboarding.people) expect(answers.length).toBeGreaterThan(0);
        const report = onboardReport({ ...ENDED, onboarding, outcomes: new Map() });
        for (const change of report.changes)
          expect(change).toMatchObject({ action: 'update', remove: [], renamedFrom: null, adopted: false });
        expect(report.summary.members.remove).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});

/** Of each of its forms. */
type KeysOf<T> = T extends unknown ? keyof T : never;

it('says of nobody that they are there where what came of a join could not be kept', () => {
  const world: World = {
    okta: [{ id: 'g1', name: 'A', people: [at('u1')] }],
    groups: [managed('s1', 'A', ['g1'])],
    users: users('u1'),
  };
  const onboarding = onboardingOf(world, [at('u1')]);
  const told = (end: Partial<ChangeOutcome>) => {
    const outcome = { outcome: 'applied', written: null, unsettled: [], news: false, error: null } as const;
    const outcomes = new Map(onboarding.joins.map((join) => [join, { ...outcome, ...end }]));
    return onboardReport({ ...ENDED, onboarding, outcomes }).people[0]?.answers;
  };
  expect(told({})?.[0]).toMatch(/^not added to A: what came of it could not be kept/);
  expect(told({ needless: true })).toEqual(['already there: A']);
});

it('remembers of a group that memory does not know what it shows, and nothing as asked of it', () => {
  const group = managed('s1', 'A', ['g1']);
  const world = { okta: [{ id: 'g1', name: 'A', people: [at('u1')] }], groups: [group], users: users('u1') };
  const answered = fingerprintOf(contentOf(group));
  expect(onboardingOf(world, [at('u1')]).ours).toMatchObject([{ secodaId: 's1', answered, asked: '' }]);
});

describe('by its types, onboarding', () => {
  it('is given nothing that could remove, rename, create or delete', () => {
    expectTypeOf<keyof Adder>().toEqualTypeOf<'add'>();
    expectTypeOf<Extract<keyof RunContext | KeysOf<OnboardTask>, 'writer'>>().toBeNever();
    expectTypeOf<Join['action']>().toEqualTypeOf<'update'>();
    expectTypeOf<Join['secodaId']>().toEqualTypeOf<string>();
    expectTypeOf<Join['remove']>().toEqualTypeOf<readonly []>();
    expectTypeOf<Join['content']>().toEqualTypeOf<null>();
    expectTypeOf<Join['renamedFrom']>().toEqualTypeOf<null>();
    expectTypeOf<Join['adopted']>().toEqualTypeOf<false>();
    const adder: Adder = { add: () => Promise.reject(new Error('never called')) };
    expect(Object.keys(adder)).toEqual(['add']);
  });
});

describe('an address in Okta', () => {
  const group = managed('s1', 'A', ['g1'], ['u2']);
  const base: World = { users: users('u1', 'u2', 'u3'), groups: [group] };
  const ask = (people: NonNullable<World['okta']>[number]['people'], email = at('u1')) =>
    onboardingOf({ ...base, okta: [{ id: 'g1', name: 'A', people: people ?? [] }] }, [email]).people[0]
      ?.answers[0]?.kind;

  it.each([
    ['nobody bears is not in Okta', [], 'not-in-okta'],
    ['an active person bears joins', [person(at('u1'))], 'joins'],
    ['a suspended person bears does not', [person(at('u1'), 'SUSPENDED')], 'not-eligible'],
    ['a person of an unheard-of status bears does not', [person(at('u1'), 'NEW')], 'unknown-status'],
    ['joins if any record is eligible', [person(at('u1'), 'SUSPENDED', 'b'), person(at('u1'))], 'joins'],
  ] as const)('%s', (_, people, kind) => {
    expect(ask(people)).toBe(kind);
  });

  /** An address that the records of two people in one group bear. */
  const sharing = (email: string, ...people: readonly Person[]) => {
    const world: World = { ...base, okta: [{ id: 'g1', name: 'A', people: [...people] }] };
    const records = people.map((each) => ({ person: each, groupIds: ['g1'] }));
    return onboardingOf(world, [], { sought: [{ email, records }] });
  };

  it('that two people of different addresses could mean is ambiguous', () => {
    const [one, two] = [person(at('u1'), 'ACTIVE', at('u9')), person(at('u3'), 'ACTIVE', at('u9'))];
    const { people } = sharing(at('u9'), one, two);
    expect(people[0]?.answers.map(({ kind }) => kind)).toEqual(['several']);
  });

  it('that is the e-mail address of one and the login of another means the one', () => {
    const [one, two] = [person(at('u1')), person(at('u3'), 'ACTIVE', at('u1'))];
    const { joins } = sharing(at('u1'), one, two);
    expect(joins.map(({ add }) => add.map(({ user }) => user.id))).toEqual([['u1']]);
  });

  const asked: GroupMemory = {
    secodaId: 's1',
    oktaIds: ['g1'],
    asked: 'with u1',
    answered: fingerprintOf(contentOf(group)),
    unsettled: [{ userId: 'u1', row: rowOf(user('u1')) }],
    triedAt: NOW - 7 * DAY_MS + 1,
  };
  it.each<[string, Partial<GroupMemory>, string]>([
    ['waits', {}, 'unsettled'],
    ['is asked for again after a week', { triedAt: NOW - 7 * DAY_MS }, 'joins'],
    ['is asked for again when the row changes', { unsettled: [{ userId: 'u1', row: 'invited' }] }, 'joins'],
    ['is asked for again when the group changes', { answered: 'otherwise' }, 'joins'],
    [
      'does not wait on behalf of another',
      { unsettled: [{ userId: 'u3', row: rowOf(user('u1')) }] },
      'joins',
    ],
  ])('of somebody whom Secoda did not take %s', (_, change, kind) => {
    const memory = { groups: new Map([['s1', { ...asked, ...change }]]) };
    const world: World = { ...base, memory, okta: [{ id: 'g1', name: 'A', people: [at('u1')] }] };
    expect(onboardingOf(world, [at('u1')]).people[0]?.answers).toMatchObject([{ kind }]);
  });

  it('goes along for whom Secoda did not show yet, only where Okta says so', () => {
    const world: World = {
      ...base,
      okta: [
        { id: 'g1', name: 'A', people: [at('u1'), at('u3')] },
        { id: 'g2', name: 'B', people: [at('u4')] },
      ],
      users: users('u1', 'u2', 'u3', 'u4'),
    };
    const companions = [soughtIn(world, at('u3')), soughtIn(world, at('u4'))];
    const { joins, people } = onboardingOf(world, [at('u1')], { companions });
    expect(people).toHaveLength(1);
    expect(joins.map(({ add }) => add.map(({ user }) => user.id))).toEqual([['u1', 'u3']]);
  });
});

describe('an account that is not active', () => {
  it.each([
    [{ active: false }, 'invited'],
    [{ active: false, disabled: true as const }, 'disabled'],
    [{ active: null }, 'joins'],
  ])('is told as %o', (fields, last) => {
    const world = {
      okta: [{ id: 'g1', name: 'A', people: [at('u1')] }],
      groups: [managed('s1', 'A', ['g1'])],
      users: [{ ...user('u1'), ...fields }],
    };
    expect(onboardingOf(world, [at('u1')]).people[0]?.answers.at(-1)?.kind).toBe(last);
  });
});

describe('an answer', () => {
  const answer = (kind: Answer['kind']): Answer => ({
    kind,
    group: 'A',
    detail: 'why',
    join: null,
    email: null,
  });

  it.each([
    ['added', 'added to A'],
    ['already-there', 'already there: A'],
    ['invited', 'invited'],
    ['disabled', 'account disabled in Secoda: an Admin has to enable it there'],
    ['no-account', 'no Secoda account'],
    ['not-in-okta', 'not in Okta'],
    ['no-group', 'in no synced group'],
    ['not-created', 'group not yet created: A; the next full run does it'],
    ['not-added', 'not added to A: why'],
  ] as const)('%s reads “%s”', (kind, text) => {
    expect(answerText(answer(kind))).toBe(text);
  });
});
