import { describe, expect, it } from 'vitest';
import { NOTHING_RECENT } from '../../../lambda/core/guard/recent.ts';
import { NO_READS, readsOf } from '../../../lambda/core/model/reads.ts';
import {
  inputOf as inputFrom,
  planAgain,
  planFrom,
  type Snapshot,
} from '../../../lambda/core/plan/plan-again.ts';
import {
  at,
  GUARD,
  inputOf,
  managed,
  NOW,
  oktaGroup,
  person,
  rulesOf,
  user,
  users,
  type World,
} from '../world.ts';

const IS = { ...person('new@acme.com'), id: '00uAda' };
const WAS = { ...person('old@acme.com'), id: '00uAda' };

/** A run's whole input in this world. */
function snapshotOf(world: World, more: Partial<Snapshot> = {}): Snapshot {
  const { now, nextRunAt, directory, workspace, memory } = inputOf(world);
  return {
    ...{ now, nextRunAt, directory, workspace, memory },
    ...{ invited: new Map(), recent: NOTHING_RECENT, reads: NO_READS, worklist: null },
    ...{ due: [], approval: null, heldBefore: null },
    ...more,
  };
}
/** What earlier runs read of one Okta group. */
const readOf = (id: string, ...people: readonly ReturnType<typeof person>[]) =>
  readsOf(NOW, 0, [oktaGroup(id, 'Data')], new Map([[id, { readAt: NOW, people, doubt: null }]]));

describe('somebody whose address changed', () => {
  const world: World = {
    okta: [{ id: 'g1', name: 'Data', people: [IS] }],
    users: [user('u1', 'old@acme.com')],
    groups: [managed('s1', 'Data', ['g1'], ['u1'])],
  };
  const deciding = { rules: rulesOf(world), guard: GUARD };

  it('keeps their account in a plan made again, by what was read of them before', () => {
    const { plan } = planAgain(snapshotOf(world, { reads: readOf('g1', WAS) }), deciding);
    expect(plan.changes).toEqual([]);
    expect(plan.warnings).toMatchObject([{ kind: 'address-changed', email: 'old@acme.com' }]);
  });

  it('does not where nobody knows them', () => {
    const { plan } = planAgain(snapshotOf(world), deciding);
    expect(plan.changes).toMatchObject([{ remove: [{ userId: 'u1' }] }]);
    expect(plan.warnings).toEqual([]);
  });

  it('is not looked for where everybody has an account', () => {
    const both = { ...world, users: [...(world.users ?? []), user('u2', 'new@acme.com')] };
    const input = inputFrom(snapshotOf(both, { reads: readOf('g1', WAS) }), deciding);
    expect(input.moved).toEqual([]);
    expect(input.rules).toEqual(deciding.rules);
  });
});

it('why people come and go is told by what was read of their groups before, and by who waited for an account', () => {
  const world: World = {
    okta: [{ id: 'g1', name: 'Data', people: [at('u1'), at('u3')] }],
    unlisted: new Map([['g2', null]]),
    users: users('u1', 'u2', 'u3', 'u4'),
    groups: [managed('s1', 'Data', ['g1', 'g2'], ['u2', 'u4'])],
  };
  const causes = (more: Partial<Snapshot>) => {
    const { plan } = planAgain(snapshotOf(world, more), { rules: rulesOf(world), guard: GUARD });
    return plan.changes.flatMap(({ add, remove }) =>
      [...add, ...remove].map(({ userId, why }) => [userId, why?.cause ?? null, why?.oktaId ?? null]),
    );
  };
  const waiting = [{ email: at('u1'), since: '2026-01-01T00:00:00.000Z', runs: 3 }];
  const [one, two] = [person(at('u1')), person(at('u2'))];
  expect(causes({ reads: readOf('g2', two), worklist: { runId: 'r', waiting, resolved: [] } })).toEqual([
    ['u1', 'account-appeared', one.id],
    ['u3', null, null],
    ['u2', 'group-gone', two.id],
    ['u4', 'not-in-group', null],
  ]);
  expect(causes({ reads: readOf('g1', two) })).toEqual([
    ['u1', null, null],
    ['u3', null, null],
    ['u2', 'group-gone', two.id],
    ['u4', 'group-gone', null],
  ]);
});

describe('a plan made again', () => {
  const many = Array.from({ length: 8 }, (_, n) => `u${n}`);
  const grows: World = {
    okta: [{ id: 'g1', name: 'Data', people: many.map(at) }],
    users: users(...many),
    groups: [managed('s1', 'Data', ['g1'], ['u0'])],
  };
  const rules = rulesOf(grows);
  const strict = { ...GUARD, additionsPerGroup: { max: 2, percent: 0 } };

  it('lets pass who was due, where a group grows too much without', () => {
    const due = [['Data', many.map(at)]] as const;
    const found = (more: Partial<Snapshot>, guard = strict) => {
      const { verdict } = planAgain(snapshotOf(grows, more), { rules, guard });
      return verdict.refusals.map(({ rule }) => rule);
    };
    expect(found({})).toEqual(['additionsPerGroup']);
    expect(found({ due })).toEqual([]);
    expect(found({ due: [['Data', many.slice(0, 6).map(at)]] })).toEqual([]);
    expect(found({ due: [['Data', many.slice(0, 5).map(at)]] })).toEqual(['additionsPerGroup']);
    expect(found({}, GUARD)).toEqual([]);
  });

  it('has a baseline of who was due only there', () => {
    const due = [['Data', many.map(at)]] as const;
    const measured = (guard = strict) =>
      planAgain(snapshotOf(grows, { due }), { rules, guard }).plan.baseline;
    expect(measured()).toEqual({ groupsInScope: 1, managedGroups: 1, memberships: 1 });
    expect(measured(GUARD)).toEqual(measured());
  });

  it('says since when the same is held, and of nothing else', () => {
    const losing: World = {
      ...grows,
      okta: [{ id: 'g1', name: 'Data', people: [] }],
      groups: [managed('s1', 'Data', ['g1'], many)],
    };
    const hold = { ...GUARD, memberRemovals: { max: 1, percent: 0 }, overLimit: 'hold' } as const;
    const again = (heldBefore: Snapshot['heldBefore'], guard: typeof GUARD = hold) =>
      planAgain(snapshotOf(losing, { heldBefore }), { rules, guard }).plan;
    const { digest, warnings } = again(null);
    expect(warnings).toEqual([]);
    const since = NOW - 86_400_000;
    expect(again({ digest, since }).warnings).toMatchObject([
      { kind: 'held', since: new Date(since).toISOString() },
    ]);
    expect(again({ digest: 'other', since }).warnings).toEqual([]);
    const refused = again(null, { ...hold, overLimit: 'refuse' });
    expect(again({ digest: refused.digest, since }, { ...hold, overLimit: 'refuse' }).warnings).toEqual([]);
  });

  it('is warned of rules that match nothing before all else', () => {
    const idle = rulesOf({ ...grows, people: { protect: ['nobody@*'] } });
    const { warnings } = planFrom(inputFrom(snapshotOf(grows), { rules: idle, guard: GUARD }), idle);
    expect(warnings).toMatchObject([{ kind: 'matches-nothing' }]);
  });
});
