import { describe, expect, it } from 'vitest';
import { at, briefs, handMade, managed, oktaGroup, planOf, users, type World } from '../world.ts';

/** `United` mirrors A and B, which nothing unites any more; A takes it over, and B would be made. */
const apart: World = {
  okta: [
    { id: 'g1', name: 'A', people: [at('u1')] },
    { id: 'g2', name: 'B', people: [at('u2')] },
    { id: 'g3', name: 'C', people: [at('u3')] },
  ],
  users: users('u1', 'u2', 'u3'),
  groups: [managed('s1', 'United', ['g1', 'g2'], ['u1', 'u2']), managed('s3', 'C', ['g3'])],
};
const beside = (...more: NonNullable<World['groups']>): World => ({
  ...apart,
  groups: [...(apart.groups ?? []), ...more],
});

describe('a group is left alone with its people when the name of one that takes some of them', () => {
  it.each<[string, World, string[]]>([
    ['is borne by two hand-made groups', beside(handMade('h1', 'B'), handMade('h2', 'B')), []],
    [
      'is borne by a group of ours that is left alone itself',
      { ...beside(managed('s2', 'B', ['g9'])), unlisted: new Map([['g9', oktaGroup('g9', 'Q')]]) },
      ['g9'],
    ],
    [
      'is borne by a group of ours that goes on under it, because its own new name is taken',
      {
        ...beside(managed('s2', 'B', ['g4']), handMade('h1', 'D')),
        okta: [...(apart.okta ?? []), { id: 'g4', name: 'D' }],
      },
      [],
    ],
    [
      'is borne by a hand-made group and by one whose Okta groups are gone',
      {
        ...beside(managed('s2', 'B', ['g9'], ['u3']), handMade('h1', 'B')),
        unlisted: new Map([['g9', null]]),
      },
      ['g9'],
    ],
    [
      'is borne by a copy',
      {
        ...beside(managed('copy', 'B', ['g3'])),
        memory: { copies: new Map([['copy', { oktaIds: ['g3'], via: 'okta' }]]) },
      },
      ['g3'],
    ],
    [
      'would be freed by a group that is left alone, too, for the name of another one',
      {
        ...beside(managed('s2', 'B', ['g4', 'g5']), handMade('h1', 'E'), handMade('h2', 'E')),
        okta: [...(apart.okta ?? []), { id: 'g4', name: 'D' }, { id: 'g5', name: 'E' }],
      },
      ['g4', 'g5'],
    ],
  ])('%s', (_, world, also) => {
    const plan = planOf(world);
    expect(briefs(plan).filter((each) => each !== 'update s3 C +u3')).toEqual([]);
    expect(plan.skipped.flatMap(({ oktaIds }) => oktaIds)).toEqual(['g1', 'g2', ...also]);
  });

  it('and each of them is told why', () => {
    const { skipped } = planOf(beside(handMade('h1', 'B'), handMade('h2', 'B')));
    const reason = '2 hand-made Secoda groups have this name (h1, h2); rename or delete all but one';
    expect(skipped).toEqual([
      {
        group: 'A',
        oktaIds: ['g1'],
        reason: `it shares Okta groups with “B”, which is left alone: ${reason}`,
      },
      { group: 'B', oktaIds: ['g2'], reason },
    ]);
  });
});
