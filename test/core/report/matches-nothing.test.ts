import { describe, expect, it } from 'vitest';
import { idleRules } from '../../../lambda/core/report/matches-nothing.ts';
import { nearest } from '../../../lambda/core/model/text.ts';
import { handMade, inputOf, managed, person, user, type World } from '../world.ts';

const WORLD: World = {
  okta: [
    { id: '00g1', name: 'Data Platform', people: ['ada@acme.com', person('bob@acme.com', 'DEPROVISIONED')] },
    { id: '00g2', name: 'secoda-BI', people: ['cleo@acme.com'] },
    { id: '00g3', name: 'Équipe (test)' },
  ],
  users: [user('u1', 'Ada.L@acme.io'), user('u2', 'bob@acme.com'), user('u3', null)],
};

function told(world: World): readonly string[] {
  const { rules, ...input } = inputOf({ ...WORLD, ...world });
  const warnings = idleRules(rules, input);
  for (const warning of warnings)
    expect(warning).toMatchObject({ kind: 'matches-nothing', group: null, email: null, since: null });
  return warnings.map(({ message }) => message);
}

const include = ['Data *', 'secoda-*'];
const map = (...keys: readonly string[]) => new Map(keys.map((key) => [key, 'Analytics']));
const aliases = (...pairs: readonly [string, string][]) => new Map(pairs);

describe('a rule that matches nothing is told with the nearest name', () => {
  it.each<[string, World, string]>([
    [
      'include',
      { mapping: { include: ['*', 'Dta *'] } },
      'groups.include: "Dta *" fits no group that Okta lists; the nearest is “Data Platform”',
    ],
    [
      'include in other letters',
      { mapping: { include: ['*', 'data *'] } },
      'groups.include: "data *" fits no group that Okta lists; the nearest is “Data Platform”',
    ],
    [
      'include without an accent',
      { mapping: { include: ['*', 'Equipe ?test?'] } },
      'groups.include: "Equipe ?test?" fits no group that Okta lists; the nearest is “Équipe (test)”',
    ],
    [
      'include far from all',
      { mapping: { include: ['*', 'Marketing'] } },
      'groups.include: "Marketing" fits no group that Okta lists',
    ],
    [
      'exclude',
      { mapping: { exclude: ['* (tset)'] } },
      'groups.exclude: "* (tset)" fits no group that Okta lists; the nearest is “Équipe (test)”',
    ],
    [
      'map by name',
      { mapping: { map: map('Data Plaform') } },
      'groups.map: "Data Plaform" is neither the id nor the name of an Okta group in scope; the nearest is “Data Platform”',
    ],
    [
      'map by id',
      { mapping: { map: map('00g9') } },
      'groups.map: "00g9" is neither the id nor the name of an Okta group in scope; the nearest is “00g1”',
    ],
    [
      'map of what is left out',
      { mapping: { include, map: map('00g3') } },
      'groups.map: "00g3" is left out by include and exclude',
    ],
    [
      'rename',
      { mapping: { rename: [{ match: '^secda-(.+)$', to: '$1' }] } },
      'groups.rename: "^secda-(.+)$" fits no Okta group in scope; the nearest is “secoda-BI”',
    ],
    [
      'rename of what is left out',
      { mapping: { include, rename: [{ match: '^Équipe ', to: '' }] } },
      'groups.rename: "^Équipe " fits no Okta group in scope',
    ],
    [
      'rename of no letters',
      { mapping: { rename: [{ match: String.raw`^\d+$`, to: '' }] } },
      String.raw`groups.rename: "^\\d+$" fits no Okta group in scope`,
    ],
    [
      'protect',
      { people: { protect: ['bbo@acme.com'] } },
      'users.protect: "bbo@acme.com" fits no Secoda account and protects nobody; the nearest is “bob@acme.com”',
    ],
    [
      'protect by a pattern',
      { people: { protect: ['*@acme.iu'] } },
      'users.protect: "*@acme.iu" fits no Secoda account and protects nobody; the nearest is “ada.l@acme.io”',
    ],
    [
      'the key of an alias',
      { people: { aliases: aliases(['ada@acm.com', 'ada.l@acme.io']) } },
      'users.aliases: nobody in the Okta groups in scope has "ada@acm.com"; the nearest is “ada@acme.com”',
    ],
    [
      'the key of an alias by a pattern',
      { people: { aliases: aliases(['*@amce.com', '*@acme.io']) } },
      'users.aliases: nobody in the Okta groups in scope has "*@amce.com"; the nearest is “ada@acme.com”',
    ],
    [
      'the account of an alias',
      { people: { aliases: aliases(['ada@acme.com', 'adal@acme.io']) } },
      'users.aliases: no Secoda account has "adal@acme.io", which "ada@acme.com" stands for; the nearest is “ada.l@acme.io”',
    ],
    [
      'the accounts of an alias',
      { people: { aliases: aliases(['*@acme.com', '*@acme.oi']) } },
      'users.aliases: no Secoda account has "*@acme.oi", which "*@acme.com" stands for; the nearest is “ada.l@acme.io”',
    ],
    [
      'a login',
      {
        people: { match: 'login', aliases: aliases(['adda', 'bob@acme.com']) },
        okta: [{ id: '00g1', name: 'Data', people: [person('ada@acme.com', 'ACTIVE', 'ada')] }],
      },
      'users.aliases: nobody in the Okta groups in scope has "adda"; the nearest is “ada”',
    ],
    [
      'frozen by a name',
      { mapping: { frozen: ['Data Platfrom'] } },
      'groups.frozen: "Data Platfrom" is neither the id nor the name of a group in Okta or in Secoda, and freezes nothing; the nearest is “Data Platform”',
    ],
    [
      'frozen by a pattern, which it is not',
      { mapping: { frozen: ['Data *'] }, groups: [handMade('s1', 'Data A')] },
      'groups.frozen: "Data *" is neither the id nor the name of a group in Okta or in Secoda, and freezes nothing; the nearest is “Data A”',
    ],
  ])('%s', (_, world, expected) => {
    expect(told(world)).toEqual([expected]);
  });

  it('but not what is frozen by a name or an id of either side, or an Okta id that only a marker has', () => {
    const groups = [managed('s1', 'Gone', ['00g9', '00g8']), handMade('s2', 'Mine')];
    const frozen = ['00g1', ' Data Platform', 's2', 'Mine', '00g8'];
    expect(told({ mapping: { frozen }, groups })).toEqual([]);
  });

  it('each in the order of the configuration', () => {
    const mapping = {
      include: ['*', 'x1', 'x2'],
      exclude: ['x3'],
      map: map('x5'),
      rename: [{ match: 'x4', to: '' }],
    };
    const people = { aliases: aliases(['x6@x', 'x7@x']), protect: ['x8@x'] };
    expect(told({ mapping, people }).map((message) => /x\d/.exec(message)?.[0])).toEqual([
      'x1',
      'x2',
      'x3',
      'x4',
      'x5',
      'x6',
      'x8',
    ]);
  });

  it('but not one that protects a service account', () => {
    const bot = { ...user('u1', 'bot@acme.com'), service: true as const };
    expect(told({ users: [bot], people: { protect: ['bot@acme.com'] } })).toEqual([]);
  });

  it('a hundred of them without looking for the nearest of each', () => {
    const protect = Array.from({ length: 100 }, (_, n) => `bob@acme.co${n}`);
    const messages = told({ people: { protect } });
    expect(messages).toHaveLength(100);
    expect(messages.filter((message) => message.includes('nearest'))).toHaveLength(25);
  });
});

describe('nothing is told of a rule', () => {
  it.each<[string, World]>([
    [
      'that matches',
      {
        mapping: {
          include: ['D*', '?quipe *', 's*'],
          exclude: ['* (test)'],
          map: map('00g1', 'secoda-BI'),
          rename: [{ match: '^secoda-', to: '' }],
        },
      },
    ],
    [
      'whose letters are composed otherwise',
      { mapping: { include: ['*', 'E\u0301quipe *'], map: map('E\u0301quipe (test)') } },
    ],
    ['that excludes what no include lets in', { mapping: { include, exclude: ['* (test)'] } }],
    [
      'on people that matches in other letters',
      { people: { aliases: aliases(['ADA@acme.com', 'ada.l@ACME.io']), protect: ['BOB@*', '*@acme.io'] } },
    ],
    ['on somebody who has left', { people: { aliases: aliases(['bob@acme.com', 'bob@acme.com']) } }],
    ['that fits anything, where there is nothing', { okta: [], mapping: { include: ['*'] } }],
    [
      'while not everybody was read',
      {
        okta: [{ id: '00g1', name: 'Data', people: null }],
        people: { aliases: aliases(['x@y.z', 'bob@acme.com']) },
      },
    ],
    [
      'while a list is doubted',
      {
        okta: [{ id: '00g1', name: 'Data', people: [], doubt: 'short' }],
        people: { aliases: aliases(['x@y.z', 'bob@acme.com']) },
      },
    ],
  ])('%s', (_, world) => {
    expect(told(world)).toEqual([]);
  });
});

describe('the nearest name', () => {
  it.each([
    ['Dta', ['Data', 'BI'], {}, 'Data'],
    ['Daat', ['Dutt', 'Data'], {}, 'Data'],
    ['data', ['BI', 'DATA'], {}, 'DATA'],
    ['x', ['b', 'a'], {}, 'a'],
    ['Data', ['Marketing'], { most: 3 }, undefined],
    ['x', [], {}, undefined],
    ['Dta *', ['Dashboards', 'Data Platform'], { glob: true }, 'Data Platform'],
    ['*', ['BI'], {}, 'BI'],
    ['*-prod', ['BI-dev', 'BI-prd'], { glob: true }, 'BI-prd'],
    ['p?st', ['past', 'pest-control'], { glob: true }, 'past'],
  ])('of %j among %j (%j): %j', (text, candidates, closeness, expected) => {
    expect(nearest(text, candidates, closeness)).toBe(expected);
  });
});
