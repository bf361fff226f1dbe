/** Random worlds of few names, ids and people, so that everything collides with everything. */
import fc from 'fast-check';
import type { OktaGroup, Person } from '../../lambda/core/model/directory.ts';
import type { WorkspaceGroup } from '../../lambda/core/model/workspace.ts';
import { at, handMade, managed, NOW, oktaGroup, person, remembered, user, type World } from './world.ts';

const OKTA_IDS = ['g1', 'g2', 'g3', 'g4', 'g5', 'g6'];
const SECODA_IDS = ['s1', 's2', 's3', 's4', 's5', 's6'];
const USER_IDS = ['u1', 'u2', 'u3', 'u4', 'u5'];
const NAMES = ['A', 'B', 'C', 'D', 'E', ' A ', '__proto__'];
const STATUSES = ['ACTIVE', 'ACTIVE', 'SUSPENDED', 'HIBERNATING'];

const name = fc.constantFrom(...NAMES);
const description = fc.constantFrom(
  null,
  '',
  'Text',
  'two\u2028lines',
  'Managed by Okta (g1) via okta. Mine.',
);

const people: fc.Arbitrary<Person[]> = fc.array(
  fc
    .tuple(
      fc.constantFrom(...USER_IDS.map(at), at('nobody'), ' U1@ACME.com', null),
      fc.constantFrom(...STATUSES),
    )
    .map(([email, status]) => person(email, status)),
  { maxLength: 5 },
);

const oktaSides = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom(...OKTA_IDS),
    name,
    description,
    people: fc.option(people, { freq: 24 }),
  }),
  { selector: ({ id }) => id, maxLength: 4 },
);

const members = fc.uniqueArray(fc.constantFrom(...USER_IDS, 'robot'), { maxLength: 5 });

const secodaGroup = (id: string): fc.Arbitrary<WorkspaceGroup> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.tuple(name, members).map(([title, ids]) => handMade(id, title, ids)) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(
          name,
          fc.uniqueArray(fc.constantFrom(...OKTA_IDS), { minLength: 1, maxLength: 3 }),
          members,
          fc.constantFrom('okta', 'okta', 'okta', 'emea'),
        )
        .map(([title, oktaIds, ids, via]) => managed(id, title, oktaIds, ids, via)),
    },
  );

const secodaGroups = fc.subarray(SECODA_IDS).chain((ids) => fc.tuple(...ids.map(secodaGroup)));

const answerFor = (id: string) =>
  fc
    .option(name, { freq: 1 })
    .map((found): [string, OktaGroup | null] => [id, found === null ? null : oktaGroup(id, found)]);
const unlisted = fc.tuple(...OKTA_IDS.map(answerFor)).map((answers) => new Map(answers));

const copies = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom(...SECODA_IDS),
      fc.uniqueArray(fc.constantFrom(...OKTA_IDS), { minLength: 1, maxLength: 2 }),
    ),
    { selector: ([id]) => id, maxLength: 4 },
  )
  .map((pairs) => new Map(pairs.map(([id, ids]) => [id, { oktaIds: ids.sort(), via: 'okta' }])));

/** Some groups are remembered as ours and some as copies, some Okta groups were missed before. */
const memory = fc
  .tuple(fc.subarray(SECODA_IDS), fc.constantFrom(...OKTA_IDS), fc.subarray(OKTA_IDS), copies)
  .map(([ours, oktaId, missed, copied]) => ({
    ...remembered(...ours.map((id): [string, string[]] => [id, [oktaId]])),
    unlistedSince: new Map(missed.map((id) => [id, NOW - 1])),
    copies: copied,
  }));

const mapping = fc.record({
  exclude: fc.subarray(['C', 'D']),
  map: fc.subarray(OKTA_IDS).map((ids) => new Map(ids.map((id, i) => [id, i < 3 ? 'A' : 'B']))),
});

const accounts = fc
  .tuple(fc.boolean(), fc.boolean())
  .map(([twins, blank]) => [
    ...USER_IDS.map((id) => user(id)),
    ...(twins ? [user('t1', at('u5'))] : []),
    ...(blank ? [user('n1', null)] : []),
  ]);

export const anyWorld: fc.Arbitrary<World> = fc.record({
  okta: oktaSides,
  unlisted,
  users: accounts,
  groups: secodaGroups,
  mapping,
  people: fc.record({ protect: fc.subarray(['u4@*']) }),
  whenGone: fc.constantFrom('delete', 'empty', 'keep'),
  memory,
});

/** Ids of people a Secoda never accepts as new members, and of those it never lets go. */
export const anyStubbornness = fc.record({
  drops: fc.subarray(USER_IDS),
  keeps: fc.subarray(USER_IDS),
});
