import { expect, it } from 'vitest';
import { inTime } from '../../../lambda/settings/schedule.ts';
import { mapGroups } from '../../../lambda/core/groups/mapping.ts';
import { rulesThatMatchNothing } from '../../../lambda/core/report/matches-nothing.ts';
import {
  briefs,
  inputOf,
  managed,
  mappingRules,
  oktaGroup,
  planOf,
  rulesOf,
  users,
  type World,
} from '../world.ts';

/** On this name the expression tries more ways than any machine can in a lifetime. */
const ENDLESS = '^(a+)+$';
const NAME = `${'a'.repeat(100)}!`;
const mapping = mappingRules({
  inTime,
  rename: [
    { match: '^x-(.+)$', to: '$1' },
    { match: ENDLESS, to: 'A' },
    { match: '!$', to: '' },
  ],
});
const world: World = {
  mapping,
  okta: [
    { id: 'g1', name: NAME, people: [] },
    { id: 'g2', name: 'aaa', people: ['u1@acme.com'] },
    { id: 'g3', name: 'x-Data!', people: ['u1@acme.com'] },
    { id: 'g4', name: `x-${NAME}`, people: [] },
  ],
  users: users('u1'),
  groups: [managed('s1', 'Old', ['g1'], ['u1'])],
};

it('a rule that takes longer than a second on a name skips that group alone, and is named', () => {
  const plan = planOf(world);
  expect(plan.skipped).toMatchObject([{ group: NAME, oktaIds: ['g1'] }]);
  expect(plan.skipped[0]?.reason).toMatch(/^the rename rule "\^\(a\+\)\+\$" takes longer than a second/);
  expect(briefs(plan).sort()).toEqual(['create new A +u1', 'create new Data! +u1', `create new ${NAME}`]);
});

it('a rule that is too slow for one name is no rule that fits nothing, and a mapped group needs none', () => {
  const groups = [oktaGroup('g1', NAME)];
  const { workspace } = inputOf(world);
  const idle = rulesThatMatchNothing({
    ...rulesOf(world),
    groups,
    users: workspace.users,
    secodaGroups: [],
    inOkta: null,
  });
  expect(idle.filter(({ message }) => message.includes('a+'))).toEqual([]);
  const { wanted } = mapGroups(groups, { ...mapping, map: new Map([['g1', 'Mapped']]) });
  expect(wanted).toMatchObject([{ name: 'Mapped', oktaIds: ['g1'] }]);
});
