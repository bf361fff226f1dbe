import { describe, expect, it } from 'vitest';
import type { GroupContent, WorkspaceUser } from '../../../lambda/core/model/workspace.ts';
import { verify } from '../../../lambda/core/plan/verify.ts';
import {
  at,
  briefs,
  DAY_MS,
  handMade,
  identityOf,
  managed,
  NOW,
  planOf,
  user,
  users,
  type World,
} from '../world.ts';

const world: World = {
  okta: [{ id: 'g1', name: 'Data', people: [at('u1'), at('u2')] }],
  users: users('u1', 'u2'),
  groups: [managed('s1', 'Data', ['g1'])],
};

/** The world after its only change was written to a Secoda that made of it what `store` says. */
function after(store: (asked: GroupContent) => Partial<GroupContent>, before: World = world): World {
  const [change] = planOf(before).changes;
  if (!change?.content) throw new Error('nothing is asked of Secoda');
  const { name, description, userIds } = { ...change.content, ...store(change.content) };
  const shown = handMade('s1', name, userIds, description);
  const identity = identityOf({}, before.users ?? []);
  const { memory } = verify(change, change.content, shown, identity, NOW);
  return { ...before, groups: [shown], memory: { groups: new Map([['s1', memory]]) } };
}

const dropsU2 = () => ({ userIds: ['u1'] });
const withUsers = (changed: World, ...list: WorkspaceUser[]): World => ({ ...changed, users: list });

describe('what Secoda did not keep as sent', () => {
  it.each<[string, World, string[]]>([
    ['is not asked again when it drops a person', after(dropsU2), []],
    [
      'is not asked again when it changes the text',
      after(({ description }) => ({ description: `${description}!` })),
      [],
    ],
    [
      'is asked again when Secoda shows something else by now',
      { ...after(dropsU2), groups: [managed('s1', 'Data', ['g1'])] },
      ['update s1 Data +u1 +u2'],
    ],
    [
      'is asked again when Okta wants something else by now',
      { ...after(dropsU2), okta: [{ id: 'g1', name: 'Data', people: [at('u2')] }] },
      ['update s1 Data +u2 -u1'],
    ],
    [
      'is asked again when the person signs in',
      withUsers(
        after(dropsU2, withUsers(world, user('u1'), user('u2', at('u2'), false))),
        user('u1'),
        user('u2'),
      ),
      ['update s1 Data +u2'],
    ],
    [
      'is not asked again when another person’s row changes',
      withUsers(after(dropsU2), user('u1', at('u1'), false), user('u2')),
      [],
    ],
    ['is not asked again within the week', { ...after(dropsU2), now: NOW + 7 * DAY_MS - 1 }, []],
    ['is asked again after a week', { ...after(dropsU2), now: NOW + 7 * DAY_MS }, ['update s1 Data +u2']],
    ['is not asked again when it calls the group otherwise', after(() => ({ name: 'Data (2)' })), []],
    [
      'is asked again after a week when it calls the group otherwise',
      { ...after(() => ({ name: 'Data (2)' })), now: NOW + 7 * DAY_MS },
      ['update s1 Data (was Data (2))'],
    ],
    ['is asked again when the memory is lost', { ...after(dropsU2), memory: {} }, ['update s1 Data +u2']],
  ])('%s', (_, input, expected) => {
    expect(briefs(planOf(input))).toEqual(expected);
  });

  it('is listed as unsettled as long as it is remembered', () => {
    expect(planOf(after(dropsU2)).unsettled).toEqual([{ email: at('u2'), groups: ['Data'] }]);
  });

  it('counts people asked away and still shown', () => {
    const leaving = {
      ...world,
      okta: [{ id: 'g1', name: 'Data' }],
      groups: [managed('s1', 'Data', ['g1'], ['u1'])],
    };
    const plan = planOf(after(() => ({ userIds: ['u1'] }), leaving));
    expect(plan.changes).toEqual([]);
    expect(plan.unsettled).toEqual([{ email: at('u1'), groups: ['Data'] }]);
  });

  it('is remembered whatever the order of members in the answer', () => {
    const shuffled = after(() => ({ userIds: ['u2', 'u1'] }));
    expect(planOf(shuffled).unchanged).toBe(1);
  });
});

describe('an answer of Secoda', () => {
  const identity = identityOf({}, users('u1', 'u2'));
  it.each([
    ['that honours all', {}, [], null],
    ['that adds somebody of its own', { userIds: ['owner', 'u1', 'u2'] }, ['owner'], null],
    ['that drops somebody', { userIds: ['u1'] }, ['u2'], null],
    [
      'that keeps another name',
      { name: 'Data (2)' },
      [],
      'Secoda calls the group “Data (2)” instead of “Data”',
    ],
    [
      'that loses the marker',
      { description: '' },
      [],
      'Secoda did not keep the marker line of the description',
    ],
    ['that trims the name', { name: 'Data ' }, [], null],
  ])('%s is seen as what it is', (_, answer, unsettled, shortfall) => {
    const [change] = planOf(world).changes;
    if (!change?.content) throw new Error('nothing is asked of Secoda');
    const { name, description, userIds } = { ...change.content, ...answer };
    const shown = handMade('s1', name, userIds, description);
    const seen = verify(change, change.content, shown, identity, NOW);
    expect(seen).toMatchObject({ unsettled, shortfall, memory: { via: 'okta' } });
  });
});
