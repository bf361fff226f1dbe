import { describe, expect, it } from 'vitest';
import { mapGroups } from '../../../lambda/core/groups/mapping.ts';
import { mappingRules, oktaGroup } from '../world.ts';

type Rules = Parameters<typeof mappingRules>[0];

function names(groups: readonly (readonly [id: string, name: string])[], rules: Rules): string[] {
  const mapped = mapGroups(
    groups.map(([id, name]) => oktaGroup(id, name)),
    mappingRules(rules),
  );
  return [
    ...mapped.wanted.map(({ name, oktaIds }) => `${name}: ${oktaIds.join()}`),
    ...mapped.skipped.map(({ group, oktaIds }) => `skipped ${group}: ${oktaIds.join()}`),
  ];
}

const rename = [
  { match: '^secoda-(.+)$', to: '$1' },
  { match: '-', to: '+' },
];
const HOSTILE = 'a\u202eb\u0007__proto__';

describe('mapping', () => {
  it.each<[string, [string, string][], Rules, string[]]>([
    ['keeps the Okta name without any rule', [['1', 'Data']], {}, ['Data: 1']],
    [
      'leaves out what no include fits',
      [
        ['1', 'Data'],
        ['2', 'HR'],
      ],
      { include: ['D*'] },
      ['Data: 1'],
    ],
    [
      'leaves out what an exclude fits',
      [
        ['1', 'Data'],
        ['2', 'Data (test)'],
      ],
      { exclude: ['* (test)'] },
      ['Data: 1'],
    ],
    ['renames by a regular expression', [['1', 'secoda-Data']], { rename }, ['Data: 1']],
    ['lets the first rename that fits win', [['1', 'secoda-a-b']], { rename }, ['a-b: 1']],
    ['renames by a later rule what an earlier one does not fit', [['1', 'a-b']], { rename }, ['a+b: 1']],
    ['maps by id', [['1', 'secoda-x']], { rename, map: new Map([['1', 'Analytics']]) }, ['Analytics: 1']],
    ['maps by exact name', [['1', 'BI']], { map: new Map([['BI', 'Analytics']]) }, ['Analytics: 1']],
    [
      'prefers the id to the name',
      [['1', 'BI']],
      {
        map: new Map([
          ['BI', 'A'],
          ['1', 'B'],
        ]),
      },
      ['B: 1'],
    ],
    [
      'unites groups mapped to one name, ids ascending',
      [
        ['2', 'x'],
        ['1', 'y'],
      ],
      {
        map: new Map([
          ['x', 'A'],
          ['1', 'A'],
        ]),
      },
      ['A: 1,2'],
    ],
    [
      'skips groups that only happen to arrive at one name',
      [
        ['1', 'Data'],
        ['2', 'secoda-Data'],
      ],
      { rename },
      ['skipped Data: 1,2'],
    ],
    [
      'skips all when one of them is mapped and another is not',
      [
        ['1', 'A'],
        ['2', 'x'],
      ],
      { map: new Map([['x', 'A']]) },
      ['skipped A: 1,2'],
    ],
    [
      'skips two Okta groups of one name',
      [
        ['1', 'Data'],
        ['2', 'Data'],
      ],
      {},
      ['skipped Data: 1,2'],
    ],
    [
      'takes a key that is the id of one group for that one alone, not for another that bears it as its name',
      [
        ['1', 'x'],
        ['2', '1'],
      ],
      { map: new Map([['1', 'A']]) },
      ['1: 2', 'A: 1'],
    ],
    [
      'skips two groups of one name that is mapped by name: which of them is meant nobody can tell',
      [
        ['1', 'x'],
        ['2', 'x'],
        ['3', 'y'],
      ],
      {
        map: new Map([
          ['x', 'A'],
          ['3', 'A'],
        ]),
      },
      ['skipped A: 1,2,3'],
    ],
    [
      'takes names that look the same as the same',
      [
        ['1', ' zoe\u0308 '],
        ['2', 'zo\u00eb'],
      ],
      {},
      ['skipped zo\u00eb: 1,2'],
    ],
    ...(
      [
        ['include lets in', { include: ['\u00c9quipe *'] }, '\u00c9quipe B'],
        ['an include in letters and accents lets in', { include: ['E\u0301quipe ?'] }, '\u00c9quipe B'],
        ['exclude leaves out', { exclude: ['\u00c9quipe *'] }, null],
        ['map maps', { map: new Map([['\u00c9quipe B', 'Team']]) }, 'Team'],
        ['a key in letters and accents maps', { map: new Map([['E\u0301quipe B', 'Team']]) }, 'Team'],
        ['rename renames', { rename: [{ match: '^\u00c9quipe (.)$', to: '$1' }] }, 'B'],
        [
          'a match in letters and accents renames',
          { rename: [{ match: '^[E\u0301]quipe (.)$', to: '$1' }] },
          'B',
        ],
      ] satisfies [string, Rules, string | null][]
    ).flatMap(([does, rules, result]) =>
      ['\u00c9quipe B', 'E\u0301quipe B'].map((name): [string, [string, string][], Rules, string[]] => [
        `${does} ${JSON.stringify(name)}`,
        [['1', name]],
        rules,
        result === null ? [] : [`${result}: 1`],
      ]),
    ),
    [
      'skips two names of one key that differ in how they are written',
      [
        ['1', 'zoe\u0308'],
        ['2', 'zo\u00eb'],
      ],
      { map: new Map([['zo\u00eb', 'Z']]) },
      ['skipped Z: 1,2'],
    ],
    [
      'tells names in different case apart',
      [
        ['1', 'data'],
        ['2', 'Data'],
      ],
      {},
      ['Data: 2', 'data: 1'],
    ],
    [
      'skips what the rules leave without a name',
      [['1', 'secoda-']],
      { rename: [{ match: '^secoda-', to: '' }] },
      ['skipped : 1'],
    ],
    [
      'orders by name, not by arrival',
      [
        ['1', 'b'],
        ['2', 'a'],
      ],
      {},
      ['a: 2', 'b: 1'],
    ],
    [
      'takes hostile names as data',
      [
        ['1', HOSTILE],
        ['2', 'constructor'],
      ],
      {},
      [`${HOSTILE}: 1`, 'constructor: 2'],
    ],
  ])('%s', (_, groups, rules, expected) => {
    expect(names(groups, rules)).toEqual(expected);
  });

  it('carries the Okta description of a single group only', () => {
    const groups = [oktaGroup('1', 'A', 'one'), oktaGroup('2', 'B', 'two'), oktaGroup('3', 'C', 'three')];
    const map = new Map([
      ['1', 'U'],
      ['2', 'U'],
    ]);
    const { wanted } = mapGroups(groups, mappingRules({ map }));
    expect(wanted.map(({ name, description }) => [name, description])).toEqual([
      ['C', 'three'],
      ['U', null],
    ]);
  });

  it('counts as in scope what include and exclude let in, skipped or not', () => {
    const groups = [oktaGroup('1', 'A'), oktaGroup('2', 'A'), oktaGroup('3', 'B')];
    expect([...mapGroups(groups, mappingRules({ exclude: ['B'] })).inScope]).toEqual(['1', '2']);
  });

  it('names every group and the fix when names collide', () => {
    const groups = [oktaGroup('1', 'Data'), oktaGroup('2', 'Data')];
    const reason = mapGroups(groups, mappingRules()).skipped[0]?.reason;
    expect(reason).toContain('“Data” (1), “Data” (2); name each by its id in groups.map to unite them');
  });
});

describe('a group of an app that has the name of another', () => {
  const okta = (id: string, app = false) => ({
    ...oktaGroup(id, 'Data'),
    ...(app ? { isAppGroup: true as const } : {}),
  });
  const told = (groups: ReturnType<typeof okta>[], marked: string[], map = new Map<string, string>()) => {
    const mapped = mapGroups(groups, mappingRules({ map }), new Set(marked));
    return [
      mapped.wanted.map(({ oktaIds }) => oktaIds.join()),
      mapped.skipped.map(({ oktaIds }) => oktaIds.join()),
    ];
  };

  it('leaves one alone whose marker tells them apart, and is skipped itself', () => {
    expect(told([okta('1'), okta('2', true)], ['1'])).toEqual([['1'], ['2']]);
    expect(told([okta('1', true), okta('2', true), okta('3', true)], ['2'])).toEqual([['2'], ['1,3']]);
    const united = new Map([
      ['1', 'Data'],
      ['2', 'Data'],
    ]);
    expect(told([okta('1'), okta('2'), okta('3', true)], ['1', '2'], united)).toEqual([['1,2'], ['3']]);
  });

  it('is as good as any other where no marker tells, or several do', () => {
    expect(told([okta('1'), okta('2', true)], [])).toEqual([[], ['1,2']]);
    expect(told([okta('1'), okta('2', true)], ['1', '2'])).toEqual([[], ['1,2']]);
    expect(told([okta('1'), okta('2', true)], ['2'])).toEqual([[], ['1,2']]);
    expect(told([okta('1'), okta('2')], ['1'])).toEqual([[], ['1,2']]);
  });
});
