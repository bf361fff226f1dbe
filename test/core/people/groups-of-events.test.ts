import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EventsInput,
  groupsOfEvents,
  MOST_GROUPS,
} from '../../../lambda/core/people/groups-of-events.ts';
import { mapGroups } from '../../../lambda/core/groups/mapping.ts';
import { markedBy } from '../../../lambda/core/groups/match.ts';
import { anyWorld } from '../arbitrary-world.ts';
import { at, identityOf, inputOf, managed, person, planOf, users, type World } from '../world.ts';

function groupsOf(world: World, hints: Partial<EventsInput>): string[] | 'everything' {
  const { rules, directory, workspace } = inputOf(world);
  const found = groupsOfEvents({
    groupIds: [],
    people: [],
    emails: [],
    ...hints,
    mapped: mapGroups(directory.groups, rules.mapping),
    managed: markedBy(workspace.groups, rules.name),
    identity: identityOf(world.people ?? {}, world.users ?? []),
  });
  return found === 'everything' ? found : [...found].sort();
}

const world: World = {
  okta: [
    { id: 'g1', name: 'A', people: [at('u1')] },
    { id: 'g2', name: 'B' },
    { id: 'g3', name: 'C' },
    { id: 'g9', name: 'Left out' },
  ],
  users: users('u1', 'u2'),
  groups: [managed('s1', 'A', ['g1'], ['u1']), managed('s3', 'C', ['g3', 'g4'], ['u2'])],
  mapping: { exclude: ['Left*'] },
};

describe('events that name', () => {
  it.each<[string, Partial<EventsInput>, string[]]>([
    ['nothing known target nothing', { groupIds: ['gX', 'g9'], emails: ['nobody@acme.com', ''] }, []],
    ['groups target them, however often', { groupIds: ['g2', 'g1', 'g2'] }, ['g1', 'g2']],
    ['a group that is gone from Okta target what mirrors it', { groupIds: ['g4'] }, ['g3', 'g4']],
    [
      'a person target the groups they are in on either side',
      { people: [{ person: person(at('u2')), groupIds: ['g1', 'g9'] }] },
      ['g1', 'g3', 'g4'],
    ],
    [
      'a deactivated person target every managed group that holds them',
      { people: [{ person: person(at('u2'), 'DEPROVISIONED'), groupIds: [] }] },
      ['g3', 'g4'],
    ],
    [
      'a deleted person by address target every managed group that holds them',
      { emails: [' U1@acme.com'] },
      ['g1'],
    ],
    [
      'a person whose address changed target the groups that hold the account of the other one',
      { people: [{ person: person('new@acme.com', 'ACTIVE', at('u2')), groupIds: [] }] },
      ['g3', 'g4'],
    ],
  ])('%s', (_, hints, expected) => {
    expect(groupsOf(world, hints)).toEqual(expected);
  });

  it('too many groups are about everything', () => {
    const okta = Array.from({ length: MOST_GROUPS + 1 }, (_, n) => ({ id: `g${n}`, name: `Group ${n}` }));
    const groupIds = okta.map(({ id }) => id);
    expect(groupsOf({ okta }, { groupIds })).toBe('everything');
    expect(groupsOf({ okta }, { groupIds: groupIds.slice(1) })).toHaveLength(MOST_GROUPS);
  });

  it('two that map together with many others count them all', () => {
    const okta = Array.from({ length: MOST_GROUPS + 1 }, (_, n) => ({ id: `g${n}`, name: `Group ${n}` }));
    const map = new Map(okta.map(({ id }) => [id, 'All']));
    expect(groupsOf({ okta, mapping: { map } }, { groupIds: ['g0'] })).toBe('everything');
  });
});

describe('whatever both sides hold', () => {
  it('a hint at a person covers every change of their access that a full run would make', () => {
    let seen = 0;
    fc.assert(
      fc.property(anyWorld, fc.constantFrom('u1', 'u2', 'u3'), fc.boolean(), (any, id, gone) => {
        const okta = (any.okta ?? []).map((side) => ({
          ...side,
          people: gone
            ? (side.people?.filter((each) => typeof each !== 'string' && !isAbout(each.email, id)) ?? null)
            : (side.people ?? null),
        }));
        const now: World = { ...any, okta };
        const people = okta
          .flatMap(({ people: list }) => list ?? [])
          .filter((each) => typeof each !== 'string');
        const own = people.filter(({ email }) => isAbout(email, id));
        const placed = own.map((each) => ({
          person: each,
          groupIds: okta.filter(({ people: list }) => list?.includes(each)).map((side) => side.id),
        }));
        const targets = groupsOf(now, { people: placed, emails: own.length === 0 ? [at(id)] : [] });
        if (targets === 'everything') throw new Error('no world has so many groups');
        for (const change of planOf(now).changes) {
          const about = [...change.add, ...change.remove].some(({ userId }) => userId === id);
          // A hand-made group is none that the person is in by our doing: who leaves it leaves it with the next full run.
          if (!about || ((change.adopted || change.known) && change.add.every(({ userId }) => userId !== id)))
            continue;
          seen++;
          expect(change.oktaIds.some((each) => targets.includes(each))).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(seen).toBeGreaterThan(100);
  });
});

function isAbout(email: string | null, id: string): boolean {
  return email?.trim().toLowerCase() === at(id);
}
