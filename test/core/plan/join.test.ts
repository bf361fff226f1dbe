import { describe, expect, it } from 'vitest';
import { joinsOf, placeOf, stillBelongs } from '../../../lambda/core/plan/join.ts';
import { at, identityOf, managed, person, user } from '../world.ts';

const joiner = (id: string, email = at(id)) => ({ userId: id, user: user(id, email), email, personIds: [] });
const identity = identityOf({}, []);

it('a join is a change of a group as it was found, with everybody who joins it, each once', () => {
  const group = managed('s1', 'Data', ['g1'], ['u9']);
  const places = [
    { group, oktaIds: ['g1'], joiner: joiner('u2') },
    { group, oktaIds: ['g1'], joiner: joiner('u1') },
    { group, oktaIds: ['g1'], joiner: joiner('u2') },
  ];
  expect(joinsOf(places)).toEqual([
    {
      ...{ action: 'update', secodaId: 's1', name: 'Data', oktaIds: ['g1'], reason: 'onboarding' },
      ...{ add: [joiner('u1'), joiner('u2')], remove: [], content: null, handovers: [], wave: 0 },
      ...{ adopted: false, known: false, renamedFrom: null, superseded: false, again: false },
      before: { name: 'Data', description: '', members: [{ userId: 'u9', email: null }] },
    },
  ]);
});

it('joins come by the names of their groups, and then by their ids', () => {
  const into = (id: string, name: string) => ({
    group: managed(id, name, [id]),
    oktaIds: [id],
    joiner: joiner('u1'),
  });
  const joins = joinsOf([into('s3', 'B'), into('s2', 'B'), into('s1', 'C'), into('s4', 'A')]);
  expect(joins.map(({ secodaId }) => secodaId)).toEqual(['s4', 's2', 's3', 's1']);
});

describe('by a record of Okta’s, read again,', () => {
  const [join] = joinsOf([
    { group: managed('s1', 'Data', ['g1', 'g2']), oktaIds: ['g1', 'g2'], joiner: joiner('u1') },
  ]);
  const belongs = (who = person(at('u1')), groupIds = ['g0', 'g2']) =>
    join && stillBelongs(join, joiner('u1'), { person: who, groupIds }, identity);

  it('somebody belongs into a group who is eligible, has their address, and is in one of its Okta groups', () => {
    expect(belongs()).toBe(true);
    expect(belongs(person(at('u1'), 'SUSPENDED'))).toBe(false);
    expect(belongs(person(at('u1'), 'NEW'))).toBe(false);
    expect(belongs(person(at('u2')))).toBe(false);
    expect(belongs(person(null))).toBe(false);
    expect(belongs(undefined, ['g0'])).toBe(false);
    expect(belongs(undefined, [])).toBe(false);
  });
});

describe('an address that somebody is asked for by', () => {
  const record = (who: ReturnType<typeof person>, ...groupIds: string[]) => ({ person: who, groupIds });
  const place = (asked: string, ...records: ReturnType<typeof record>[]) => placeOf(asked, records, identity);

  it('means all records that bear it, with the groups of those who are eligible', () => {
    const [one, two] = [person(at('u1'), 'ACTIVE', 'b'), person(at('u1'), 'LOCKED_OUT', 'a')];
    const out = person(at('u1'), 'SUSPENDED');
    expect(place(at('u1'), record(one, 'g1'), record(two, 'g2', 'g1'), record(out, 'g3'))).toEqual({
      email: at('u1'),
      personIds: [two.id, one.id],
      groupIds: new Set(['g1', 'g2']),
    });
  });

  it('may be the login of somebody, whose address it then leads to', () => {
    expect(place('ada', record(person(at('u1'), 'ACTIVE', 'ada')))).toMatchObject({ email: at('u1') });
  });

  it.each([
    ['nobody bears', [], { kind: 'not-in-okta', detail: null }],
    [
      'only people bear who are out',
      [person(at('u1'), 'STAGED')],
      { kind: 'not-eligible', detail: 'STAGED' },
    ],
    [
      'somebody bears of whom nobody knows whether they are out',
      [person(at('u1'), 'STAGED'), person(at('u1'), 'NEW')],
      { kind: 'unknown-status', detail: 'NEW' },
    ],
    [
      'somebody has for a login who has no address',
      [person(null, 'ACTIVE', at('u1'))],
      { kind: 'no-address', detail: null },
    ],
    [
      'several people have for a login',
      [person(at('u2'), 'ACTIVE', at('u1')), person(at('u3'), 'ACTIVE', at('u1'))],
      { kind: 'several', detail: null },
    ],
  ])('that %s is answered with why', (_, people, expected) => {
    expect(place(at('u1'), ...people.map((each) => record(each, 'g1')))).toEqual({
      ...{ group: null, join: null, email: null },
      ...expected,
    });
  });
});
