import { describe, expect, it } from 'vitest';
import { at, briefs, managed, person, planOf, user, users, type World } from '../world.ts';

/** One Okta group “Data” with these people, mirrored by the Secoda group s1 with these members. */
function data(people: (string | ReturnType<typeof person>)[], members: string[], more: World = {}): World {
  return {
    okta: [{ id: 'g1', name: 'Data', people }],
    users: users('u1', 'u2', 'u3'),
    groups: [managed('s1', 'Data', ['g1'], members)],
    ...more,
  };
}

const twins = [user('u1'), user('t1', at('twin')), user('t2', 'TWIN@acme.com')];

describe('in a managed group', () => {
  it.each<[string, World, string[]]>([
    ['someone wanted who is missing is added', data([at('u1')], []), ['update s1 Data +u1']],
    ['someone wanted who is there stays', data([at('u1')], ['u1']), []],
    ['a member who is not wanted leaves', data([at('u1')], ['u1', 'u2']), ['update s1 Data -u2']],
    ['coming and going are one change', data([at('u2')], ['u1']), ['update s1 Data +u2 -u1']],
    ['an address differs in case and space only', data([' U1@ACME.com'], ['u1']), []],
    ['a suspended person leaves', data([person(at('u1'), 'SUSPENDED')], ['u1']), ['update s1 Data -u1']],
    [
      'a person of any eligible record stays',
      data([person(at('u1'), 'DEPROVISIONED'), at('u1')], ['u1']),
      [],
    ],
    [
      'two Okta people of one address are one person',
      data([at('u1'), person(at('u1'), 'ACTIVE', 'other')], []),
      ['update s1 Data +u1'],
    ],
    ['an unseen status keeps a member', data([person(at('u1'), 'HIBERNATING')], ['u1']), []],
    ['an unseen status adds nobody', data([person(at('u1'), 'HIBERNATING')], []), []],
    [
      'an eligible record decides over one of an unseen status',
      data([person(at('u1'), 'HIBERNATING'), at('u1')], []),
      ['update s1 Data +u1'],
    ],
    [
      'an unseen status decides over an ineligible one',
      data([person(at('u1'), 'HIBERNATING'), person(at('u1'), 'SUSPENDED')], ['u1']),
      [],
    ],
    [
      'a protected member stays',
      data([], ['u1', 'u2'], { people: { protect: ['u1@*'] } }),
      ['update s1 Data -u2'],
    ],
    ['one of several accounts of one address is not added', data([at('twin')], [], { users: twins }), []],
    ['one of several accounts of one address is not removed', data([], ['t1'], { users: twins }), []],
    ['a hidden id is carried along', data([at('u1')], ['robot']), ['update s1 Data +u1']],
    [
      'a service account is carried along, and nobody’s account',
      data([at('u1'), at('robot')], ['robot'], { users: [user('u1'), { ...user('robot'), service: true }] }),
      ['update s1 Data +u1'],
    ],
    ['a member without an address is carried along', data([], ['n'], { users: [user('n', null)] }), []],
    ['a person without an account is not added', data([at('nobody')], []), []],
    ['a person without an address is not added', data([person(null)], []), []],
    ['nor by their login', data([person(null, 'ACTIVE', at('u1'))], []), []],
    [
      'a member whose login is known still and whose address is not stays',
      data([person(null, 'ACTIVE', ' U1@ACME.com')], ['u1', 'u2']),
      ['update s1 Data -u2'],
    ],
    ['or of whom the status decides nothing', data([person(null, 'HIBERNATING', at('u1'))], ['u1']), []],
    [
      'but not one who is switched off',
      data([person(null, 'SUSPENDED', at('u1'))], ['u1']),
      ['update s1 Data -u1'],
    ],
    [
      'and the other way round, where people are matched by login',
      data([person(at('u1'), 'ACTIVE', null)], ['u1', 'u2'], { people: { match: 'login' } }),
      ['update s1 Data -u2'],
    ],
    ['a member listed twice is one member', data([at('u1')], ['u1', 'u1']), []],
    [
      'an alias leads to the account',
      data(['ada@x.org'], [], { people: { aliases: new Map([['*@x.org', 'u1@acme.com']]) } }),
      ['update s1 Data +u1'],
    ],
    [
      'an account that only looks like a property of objects is nobody',
      data(['__proto__', 'constructor'], []),
      [],
    ],
  ])('%s', (_, world, expected) => {
    expect(briefs(planOf(world))).toEqual(expected);
  });

  it('hidden members are in what is written', () => {
    expect(planOf(data([at('u1')], ['robot', 'u2'])).changes[0]?.content?.userIds).toEqual(['robot', 'u1']);
  });

  it('a person of two united Okta groups stays when one of them lets them go', () => {
    const world = data([], ['u1'], {
      okta: [
        { id: 'g1', name: 'A', people: [] },
        { id: 'g2', name: 'B', people: [at('u1')] },
      ],
      mapping: {
        map: new Map([
          ['A', 'Data'],
          ['B', 'Data'],
        ]),
      },
      groups: [managed('s1', 'Data', ['g1', 'g2'], ['u1'])],
    });
    expect(briefs(planOf(world))).toEqual([]);
  });
});

describe('of people a plan says', () => {
  it.each<[string, World, unknown]>([
    [
      'who has no account',
      data([at('nobody')], []),
      [{ email: at('nobody'), groups: ['Data'], reason: 'no-account' }],
    ],
    [
      'who has several',
      data([at('twin')], [], { users: twins }),
      [{ email: at('twin'), groups: ['Data'], reason: 'ambiguous' }],
    ],
    [
      'who has no address',
      data([person(null, 'ACTIVE', 'ada')], []),
      [{ email: 'ada', groups: ['Data'], reason: 'no-email' }],
    ],
    [
      'nothing of those who are not eligible',
      data([person(at('nobody'), 'STAGED'), person(null, 'STAGED')], []),
      [],
    ],
  ])('%s', (_, world, expected) => {
    expect(planOf(world).unmatched).toEqual(expected);
  });

  it('all groups of one unmatched person in one entry', () => {
    const okta = ['B', 'A'].map((name) => ({ id: name, name, people: [at('nobody')] }));
    expect(planOf({ okta }).unmatched).toEqual([
      { email: at('nobody'), groups: ['A', 'B'], reason: 'no-account' },
    ]);
  });

  it('whose status was never seen before', () => {
    const { warnings } = planOf(data([person(at('u1'), 'HIBERNATING')], ['u1']));
    expect(warnings).toEqual([
      {
        kind: 'unknown-status',
        message:
          'u1@acme.com has the status HIBERNATING, which was never seen before: the membership stays as it is',
        group: 'Data',
        oktaIds: ['g1'],
        email: 'u1@acme.com',
        since: null,
      },
    ]);
  });

  it('whose status was never seen before not where another record of theirs decides', () => {
    expect(planOf(data([person(at('x'), 'HIBERNATING'), at('x')], [])).warnings).toEqual([]);
  });

  it.each([
    ['is switched off in this group', [person(at('u2'), 'SUSPENDED')], [], true],
    ['is switched off in another group', [], [person(at('u2'), 'DEPROVISIONED')], true],
    ['is eligible in another group', [], [at('u2')], false],
    [
      'has an eligible record beside the one switched off',
      [person(at('u2'), 'SUSPENDED')],
      [at('u2')],
      false,
    ],
    ['is in no other group', [], [], false],
    ['has a status never seen before in another group', [], [person(at('u2'), 'HIBERNATING')], false],
  ])('a removal is “ineligible” in Okta when the person %s', (_, here, elsewhere, expected) => {
    const okta = [
      { id: 'g1', name: 'Data', people: here },
      { id: 'g2', name: 'Other', people: elsewhere },
    ];
    const change = planOf(data([], ['u2'], { okta })).changes.find(({ secodaId }) => secodaId === 's1');
    expect(change?.remove).toEqual([{ userId: 'u2', email: at('u2'), ineligible: expected }]);
  });
});
