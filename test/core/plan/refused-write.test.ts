import { describe, expect, it } from 'vitest';
import { markerLine } from '../../../lambda/core/groups/marker.ts';
import type { GroupContent, WorkspaceGroup, WorkspaceUser } from '../../../lambda/core/model/workspace.ts';
import { askedAgain, lesserAttempts, wholeOf } from '../../../lambda/core/plan/refused-write.ts';
import { tookEffect, verify } from '../../../lambda/core/plan/verify.ts';
import { creation } from '../../../lambda/core/plan/changes.ts';
import { at, handMade, identityOf, managed, NOW, user } from '../world.ts';

const LINE = markerLine({ oktaIds: ['g1'], via: 'okta' });
const NOBODY_NAMED = '{"users":["Some users are not valid."]}';

/** Two who are active, one invited, one switched off, one of whom nothing is said, a service account. `robot` is on no list. */
const USERS: readonly WorkspaceUser[] = [
  user('ada'),
  user('bob'),
  user('new', at('new'), false),
  { ...user('off', at('off'), false), disabled: true },
  { id: 'odd', email: at('odd'), active: null },
  { ...user('etl'), service: true },
];

/** Every attempt after the first one, while Secoda refuses all of them, saying this each time. */
function attempts(
  content: GroupContent,
  current: WorkspaceGroup | null,
  said: readonly string[] | string = NOBODY_NAMED,
  protect: readonly string[] = [],
) {
  const words = (n: number) => (typeof said === 'string' ? said : (said[n] ?? NOBODY_NAMED));
  const steps = lesserAttempts(content, current, identityOf({ protect }, USERS), words(0));
  const made = [];
  for (let step = steps.next(''); step.done !== true; step = steps.next(words(made.length))) {
    const { fields, lost } = step.value;
    made.push(lost.length > 0 ? { ...fields, lost: lost.map(({ userId }) => userId) } : fields);
    // Nothing is sent, so that nothing is refused.
    if (Object.keys(fields).length === 0) break;
  }
  return made;
}

/** A group of ours, and what it is to hold. */
const ours = (...userIds: string[]) => managed('s1', 'Data', ['g1'], userIds);
const asked = (...userIds: string[]): GroupContent => ({ name: 'Data', description: LINE, userIds });

describe('a change is sent', () => {
  it.each<[string, Partial<GroupContent>, Partial<GroupContent>]>([
    ['with nobody where nobody comes or goes', { name: 'Facts' }, { name: 'Facts' }],
    ['with all people where one comes', { userIds: ['bob', 'ada'] }, { userIds: ['bob', 'ada'] }],
    ['with its description alone', { description: `${LINE}\nAll` }, { description: `${LINE}\nAll` }],
    ['without people who stand in another order', { userIds: ['off', 'ada'] }, {}],
  ])('%s', (_, fields, sent) => {
    expect(wholeOf({ ...asked('ada', 'off'), ...fields }, ours('ada', 'off')).fields).toEqual(sent);
  });

  it('whole where the group is to be made', () => {
    expect(wholeOf(asked('ada'), null).fields).toEqual(asked('ada'));
  });
});

describe('after a refusal', () => {
  it.each<[string, GroupContent, WorkspaceGroup, object[]]>([
    [
      'of name and people, people alone are asked for',
      { ...asked('ada', 'bob'), name: 'Taken' },
      ours('ada'),
      [{ userIds: ['ada', 'bob'] }],
    ],
    ['of people alone, these are not asked for again', asked('ada', 'bob'), ours('ada'), []],
    ['of a name alone, nothing is left to be sent', { ...asked('off'), name: 'Taken' }, ours('off'), [{}]],
    [
      'new people who are not active are left out',
      asked('ada', 'bob', 'new'),
      ours('ada'),
      [{ userIds: ['ada', 'bob'] }],
    ],
    [
      'of a name and of new people, both are left out',
      { ...asked('bob', 'new'), name: 'Taken' },
      ours('ada'),
      [{ userIds: ['bob', 'new'] }, { userIds: ['bob'] }, { userIds: [] }],
    ],
    [
      'where only new people would have come, the name alone is asked for',
      { ...asked('ada', 'new'), name: 'Facts' },
      ours('ada'),
      [{ userIds: ['ada', 'new'] }, { name: 'Facts' }, {}],
    ],
    [
      'and nothing where that is refused, too',
      { ...asked('off', 'new'), name: 'Taken' },
      ours('off'),
      [{ userIds: ['off', 'new'] }, { name: 'Taken' }, {}],
    ],
    ['where only new people would have come, nothing is', asked('ada', 'new'), ours('ada'), [{}]],
    ['somebody new of whom nothing is said stays in', asked('ada', 'odd'), ours('ada'), []],
    [
      'members who are not active are left out last',
      { ...asked('ada', 'bob', 'new', 'off'), description: `${LINE}\nLong` },
      ours('ada', 'off'),
      [
        { userIds: ['ada', 'bob', 'new', 'off'] },
        { userIds: ['ada', 'bob', 'off'] },
        { userIds: ['ada', 'bob'], lost: ['off'] },
      ],
    ],
    [
      'so are those on no list, and service accounts',
      asked('bob', 'robot', 'etl', 'odd'),
      ours('bob', 'robot', 'etl', 'odd', 'ada'),
      [{ userIds: ['bob', 'odd'], lost: ['robot', 'etl'] }],
    ],
    [
      'new people come back before members who are not active lose their place alone',
      asked('ada', 'new', 'off'),
      ours('ada', 'off', 'bob'),
      [
        { userIds: ['ada', 'off'] },
        { userIds: ['ada', 'new'], lost: ['off'] },
        { userIds: ['ada'], lost: ['off'] },
      ],
    ],
    [
      'new people stay out where the try is needed for those who leave',
      asked('odd', 'new', 'off'),
      ours('off', 'bob'),
      [{ userIds: ['odd', 'off'] }, { userIds: ['odd'], lost: ['off'] }, { userIds: ['off'] }],
    ],
    [
      'where nobody else can be the one, new people are left out for those who leave',
      asked('off', 'bob', 'odd'),
      ours('ada', 'off'),
      [{ userIds: ['bob', 'odd'], lost: ['off'] }, { userIds: ['off'] }],
    ],
    ['but not where nobody leaves', asked('ada', 'bob', 'odd'), ours('ada'), []],
  ])('%s', (_, content, current, expected) => {
    expect(attempts(content, current)).toEqual(expected);
  });

  it.each<[string, string, string[]]>([
    ['by id', '{"users":["Invalid pk \\"off\\" - object does not exist."]}', ['off']],
    ['by address, in any case', 'OFF@Acme.com is suspended.', ['off']],
    [
      'as a part of something else',
      'off.road@acme.com, off-2 and xoff@acme.com are suspended',
      ['off', 'robot'],
    ],
  ])('the members whom Secoda names are left out first: %s', (_, said, lost) => {
    const left = ['off', 'robot'].filter((id) => !lost.includes(id));
    const [first] = attempts(asked('bob', 'off', 'robot'), ours('ada', 'off', 'robot'), said);
    expect(first).toEqual({ userIds: ['bob', ...left], lost });
  });

  it('whom Secoda names one at a time is left out one at a time, and the last time whoever may be the one', () => {
    const said = (id: string) => `Invalid pk "${id}" - object does not exist.`;
    const members = ['r1', 'r2', 'r3', 'r4', 'off'];
    const made = attempts(asked('bob', 'odd', ...members), ours('bob', ...members), [
      said('r1'),
      said('odd'),
      said('r2'),
      said('r3'),
    ]);
    expect(made).toEqual([
      { userIds: ['bob', 'odd', 'r2', 'r3', 'r4', 'off'], lost: ['r1'] },
      { userIds: ['bob', 'r2', 'r3', 'r4', 'off'], lost: ['r1'] },
      { userIds: ['bob'], lost: ['r1', 'r2', 'r3', 'r4', 'off'] },
    ]);
  });

  it('somebody new whom Secoda names is left out as well', () => {
    expect(attempts(asked('ada', 'bob', 'odd'), ours('ada'), ['User "odd" is a guest.'])).toEqual([
      { userIds: ['ada', 'bob'] },
    ]);
  });

  it('new people come back where Secoda names somebody else, until it names them', () => {
    const content = asked('bob', 'new', 'off');
    const current = ours('bob', 'off', 'ada');
    const off = 'User "off" is suspended.';
    expect(attempts(content, current, [off, off, 'User "new" has not joined yet.'])).toEqual([
      { userIds: ['bob', 'off'] },
      { userIds: ['bob', 'new'], lost: ['off'] },
      { userIds: ['bob'], lost: ['off'] },
    ]);
  });

  it('whom Secoda named once does not come back, and costs nobody else their place', () => {
    const said = (id: string) => `Invalid pk "${id}" - object does not exist.`;
    const inactive = asked('bob', 'new', 'off', 'robot');
    expect(attempts(inactive, ours('bob', 'off', 'robot', 'ada'), [said('new'), said('off')])).toEqual([
      { userIds: ['bob', 'off', 'robot'] },
      { userIds: ['bob', 'robot'], lost: ['off'] },
      { userIds: ['bob'], lost: ['off', 'robot'] },
    ]);
    const three = asked('n1', 'n2', 'n3', 'ada', 'off');
    expect(attempts(three, ours('ada', 'off'), [said('n1'), said('n2'), said('n3')])).toEqual([
      { userIds: ['n2', 'n3', 'ada', 'off'] },
      { userIds: ['n3', 'ada', 'off'] },
      { userIds: ['ada'], lost: ['off'] },
    ]);
  });

  it('only what was said last counts', () => {
    const content = { ...asked('bob', 'off', 'robot'), name: 'off' };
    const said = ['The name off is taken.', 'Invalid pk "robot".'];
    expect(attempts(content, ours('ada', 'off', 'robot'), said).slice(0, 2)).toEqual([
      { userIds: ['bob', 'off', 'robot'] },
      { userIds: ['bob', 'off'], lost: ['robot'] },
    ]);
  });

  it('a protected member is never left out', () => {
    const content = asked('off', 'robot');
    const current = ours('ada', 'off', 'robot');
    expect(attempts(content, current, NOBODY_NAMED, [at('off')])).toEqual([
      { userIds: ['off'], lost: ['robot'] },
    ]);
    for (const said of ['off is suspended.', 'off and robot are no members.'])
      expect(attempts(content, current, said, [at('off')])).toEqual([]);
    expect(attempts(content, current, ['robot is no member.', 'off is suspended.'], [at('off')])).toEqual([
      { userIds: ['off'], lost: ['robot'] },
    ]);
    expect(attempts(asked('off'), ours('ada', 'off'), NOBODY_NAMED, ['off@*'])).toEqual([]);
  });

  it('an active member whom Secoda names stays', () => {
    expect(attempts(asked('bob', 'odd'), ours('ada', 'bob', 'odd'), 'bob and odd are refused.')).toEqual([]);
  });
});

describe('where our marker does not stand yet', () => {
  const found = handMade('s1', 'Data', ['ada', 'off', 'robot'], 'By hand');
  const content = { ...asked('bob', 'new', 'off', 'robot'), description: `${LINE}\nBy hand` };

  it.each([
    ['none', found],
    ['another deployment’s', managed('s1', 'Data', ['g1'], ['ada', 'off', 'robot'], 'other')],
  ])('people are never asked for alone, and no member is left out: %s', (_, current) => {
    const { description } = content;
    expect(attempts(content, current)).toEqual([{ description, userIds: ['bob', 'off', 'robot'] }]);
    expect(attempts({ ...content, userIds: ['off', 'robot'] }, current)).toEqual([]);
  });
});

describe('a refused creation', () => {
  const long = { ...asked('ada', 'new'), description: `${LINE}\nA long text` };

  it('is asked for with the marker line alone, then without new people who are not active', () => {
    expect(attempts(long, null)).toEqual([
      { name: 'Data', description: LINE, userIds: ['ada', 'new'] },
      { name: 'Data', description: LINE, userIds: ['ada'] },
    ]);
  });

  it('is not repeated where that is what was asked for', () => {
    expect(attempts(asked('ada'), null)).toEqual([]);
    expect(attempts(asked('ada', 'new'), null)).toEqual([asked('ada')]);
  });
});

describe('who was lost', () => {
  const identity = identityOf({}, USERS);
  const lost = ['off', 'robot', 'etl'].map((id) => ({
    ...identity.member(id),
    ineligible: false,
    why: { cause: 'refused-by-secoda', oktaId: null, okta: null } as const,
  }));

  it('is asked for again as far as Okta can want them', () => {
    expect(askedAgain(asked('ada', 'off', 'robot', 'etl'), lost, identity).userIds).toEqual(['ada', 'off']);
  });

  it('is unsettled, with what Secoda said', () => {
    const content = asked('ada', 'off');
    const change = {
      ...creation({ name: 'Data', oktaIds: ['g1'], description: null }, EMPTY, 'okta', 0),
      content,
    };
    const shown = ours('ada');
    const seen = verify({ ...change, remove: lost }, content, shown, identity, NOW, 'No.');
    expect(seen).toMatchObject({ unsettled: ['etl', 'off', 'robot'], shortfall: 'No.' });
    expect(seen.memory).toMatchObject({
      shortfall: 'No.',
      unsettled: [{ userId: 'etl' }, { userId: 'off' }, {}],
    });
  });
});

const EMPTY = { userIds: [], add: [], remove: [], waiting: [], unmatched: [], held: [] };

describe('a write that was accepted without showing the group', () => {
  const base = creation({ name: 'Data', oktaIds: ['g1'], description: null }, EMPTY, 'okta', 0);
  const member = (userId: string) => ({ userId, email: at(userId), ineligible: false });
  const change = (add: string[], remove: string[], fields: Partial<GroupContent> = {}) => ({
    ...base,
    add: add.map(member),
    remove: remove.map(member),
    content: { ...asked('bob'), ...fields },
  });
  const before = ours('ada');

  it.each<[string, ReturnType<typeof change>, WorkspaceGroup | null, WorkspaceGroup, boolean]>([
    ['failed where nothing of it stands', change(['bob'], []), before, before, false],
    ['failed where a leaver is still in', change(['bob'], ['ada']), before, ours('ada', 'bob'), false],
    ['took effect where the leaver is out', change(['bob'], ['ada']), before, ours(), true],
    ['took effect where one of two came', change(['bob', 'new'], []), before, ours('ada', 'bob'), true],
    [
      'took effect where the name stands',
      change(['bob'], [], { name: 'B' }),
      before,
      { ...before, name: 'B' },
      true,
    ],
    [
      'failed where somebody else changed the name',
      change(['bob'], []),
      before,
      { ...before, name: 'B' },
      false,
    ],
    [
      'took effect where the description stands, if cut',
      change([], [], { description: `${LINE}\nAll of it` }),
      before,
      { ...before, description: `${LINE}\nAll` },
      true,
    ],
    ['took effect where there is a group by now', change(['bob'], []), null, ours(), true],
  ])('%s', (_, changed, current, shown, expected) => {
    expect(tookEffect(changed, current, shown)).toBe(expected);
  });
});
