import { describe, expect, it } from 'vitest';
import { NO_MEMORY } from '../../lambda/core/memory.ts';
import type { WorkspaceGroup } from '../../lambda/core/model.ts';
import { withoutSuccessor } from '../../lambda/core/succession.ts';
import { at, directory, handMade, managed, planOf, rulesOf, users, type World } from './world.ts';

/** Okta's A and B are united in `Data`; B has a group of its own still, which is the change in question. */
const united: World = {
  okta: [
    { id: 'g1', name: 'A' },
    { id: 'g2', name: 'B', people: [at('u1')] },
  ],
  mapping: { map: new Map(['g1', 'g2'].map((id) => [id, 'Data'])) },
  users: users('u1'),
  groups: [managed('s1', 'Data', ['g1']), managed('s2', 'B', ['g2'], ['u1'])],
};

/** The Okta groups whose people `s2` must not lose yet, while Secoda's groups stand like this. */
function waitsFor(world: World, standing: readonly WorkspaceGroup[]): readonly string[] {
  const change = planOf(world).changes.find(({ secodaId }) => secodaId === 's2');
  if (change === undefined) throw new Error('nothing is to be done about s2');
  const memory = { ...NO_MEMORY, ...world.memory };
  return withoutSuccessor(change, directory(world.okta ?? []), standing, rulesOf(world), memory);
}

const old = united.groups ?? [];
const copied = { copies: new Map([['copy', { oktaIds: ['g2'], via: 'okta' }]]) };

describe.each(['delete', 'empty'] as const)(
  'with whenGone “%s” a group that another one mirrors',
  (whenGone) => {
    it.each<[string, World, readonly WorkspaceGroup[], readonly string[]]>([
      ['waits while that one is as it was', {}, old, ['g2']],
      ['goes once that one bears its id', {}, [managed('s1', 'Data', ['g1', 'g2']), ...old.slice(1)], []],
      [
        'does not wait for an Okta group that is gone',
        { okta: [{ id: 'g1', name: 'A' }], unlisted: new Map([['g2', null]]) },
        old,
        [],
      ],
      ['does not wait for an Okta group that our rules leave out', { mapping: { exclude: ['B'] } }, old, []],
      ['is not its own successor', {}, old.slice(1), ['g2']],
      [
        'has none in another deployment’s group',
        {},
        [...old, managed('s3', 'X', ['g2'], [], 'emea')],
        ['g2'],
      ],
      ['has none in a hand-made group', {}, [...old, handMade('s3', 'Data')], ['g2']],
      ['has none in a copy', { memory: copied }, [...old, managed('copy', 'X', ['g2'])], ['g2']],
    ])('%s', (_, world, standing, expected) => {
      expect(waitsFor({ ...united, whenGone, ...world }, standing)).toEqual(expected);
    });
  },
);

it('a group that goes on living waits for nobody', () => {
  const okta = [{ id: 'g2', name: 'B' }];
  expect(waitsFor({ ...united, okta, mapping: {}, groups: old.slice(1) }, old.slice(1))).toEqual([]);
});
