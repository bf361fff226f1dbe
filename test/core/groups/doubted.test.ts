import { describe, expect, it } from 'vitest';
import type { Person } from '../../../lambda/core/model/directory.ts';
import { makePlan } from '../../../lambda/core/plan/plan.ts';
import { reconcile } from '../../../lambda/core/plan/reconcile.ts';
import { unaskedIn } from '../../../lambda/core/plan/plan.ts';
import {
  at,
  briefs,
  DAY_MS,
  handMade,
  inputOf,
  managed,
  NOW,
  oktaGroup,
  person,
  planOf,
  remembered,
  user,
  users,
  type World,
} from '../world.ts';

const doubt = 'Okta counts 9 people in g1 and listed 4';
const gone = (id: string, status = 'DEPROVISIONED') => person(at(id), status);
const map = (...pairs: [string, string][]) => ({ map: new Map(pairs) });

/** Four members: one is listed, one is missing, two are listed as out, one of whom Okta shows nowhere else. */
const data: World = {
  okta: [
    {
      id: 'g1',
      name: 'Data',
      people: [at('here'), at('hire'), gone('left'), gone('twice', 'SUSPENDED')],
      doubt,
    },
  ],
  asked: { [at('left')]: [gone('left')], [at('twice')]: [gone('twice', 'SUSPENDED'), person(at('twice'))] },
  users: users('here', 'missing', 'left', 'twice', 'hire'),
  groups: [managed('s1', 'Data', ['g1'], ['here', 'missing', 'left', 'twice'])],
};

const warnings = (world: World) => planOf(world).warnings.filter(({ kind }) => kind === 'doubted');

describe('a list that is shorter than Okta counts', () => {
  it('adds whoever it has, and removes whoever it has as out and Okta shows nowhere else', () => {
    const plan = planOf(data);
    expect(briefs(plan)).toEqual(['update s1 Data +hire -left']);
    expect(plan.changes[0]?.remove).toMatchObject([{ userId: 'left', ineligible: true }]);
    expect([plan.skipped, plan.doubted]).toEqual([[], ['g1']]);
  });

  it.each<[string, World]>([
    [
      'who is missing, though every record that Okta shows is out',
      { asked: { [at('missing')]: [gone('missing')] } },
    ],
    ['whom nobody asked for', { asked: {} }],
    ['of whom the answer shows nobody at all', { asked: { [at('left')]: [] } }],
    [
      'whose other record has a status never seen before',
      { asked: { [at('left')]: [gone('left'), gone('left', 'NEW')] } },
    ],
    [
      'whose address is the login of somebody without one',
      { asked: { [at('left')]: [gone('left'), person(null, 'ACTIVE', at('left'))] } },
    ],
    ['who is protected', { people: { protect: [at('left')] } }],
    [
      'who has two accounts',
      { users: [...users('here', 'missing', 'left', 'twice', 'hire'), user('x', at('left'))] },
    ],
    [
      'whose other record is listed and eligible',
      { okta: [{ id: 'g1', name: 'Data', people: [gone('left'), at('left')], doubt }] },
    ],
    [
      'who is out in another group alone',
      {
        okta: [
          { id: 'g1', name: 'Data', doubt },
          { id: 'g2', name: 'Other', people: [gone('left')] },
        ],
      },
    ],
  ])('keeps somebody %s', (_, world) => {
    const removed = planOf({ ...data, ...world }).changes.flatMap(({ remove }) => remove);
    expect(removed.map(({ userId }) => userId)).toEqual([]);
  });

  it('lets Okta be asked for those alone who are listed as out and still members, as the address may be written', () => {
    const aliases = new Map([['l.eft@acme.io', at('left')]]);
    const shouting = { ...gone('left'), email: 'Left@Acme.com', login: 'left1' };
    const okta = [{ id: 'g1', name: 'Data', people: [shouting, gone('hire')], doubt }];
    const world = { ...data, okta, asked: {}, people: { aliases } };
    const [only, ...more] = unaskedIn(inputOf(world));
    expect([only?.address, more]).toEqual([at('left'), []]);
    expect(new Set(only?.written)).toEqual(new Set(['l.eft@acme.io', 'Left@Acme.com', 'left1']));
    expect(unaskedIn(inputOf(data))).toEqual([]);
    expect(unaskedIn(inputOf({ ...world, targets: ['g9'] }))).toEqual([]);
  });

  it.each<[string, World, string[]]>([
    ['rename', { okta: [{ id: 'g1', name: 'New', people: [at('here')], doubt }] }, []],
    ['creation', { groups: [] }, []],
    ['adoption', { groups: [handMade('s1', 'Data', ['missing'])] }, []],
    [
      'marker in place of a lost one',
      { groups: [handMade('s1', 'Data')], memory: remembered(['s1', ['g1']]) },
      [],
    ],
    [
      'deletion of a group that it may inherit',
      { groups: [managed('s0', 'Data', ['g0'], ['here'])], unlisted: new Map([['g0', null]]) },
      [],
    ],
    [
      'new marker where another Okta group joins it',
      {
        okta: [
          { id: 'g1', name: 'Data', people: [at('here')], doubt },
          { id: 'g2', name: 'More', people: [at('hire')] },
        ],
        mapping: map(['g1', 'Data'], ['g2', 'Data']),
      },
      ['update s1 Data +hire'],
    ],
    [
      'deletion of what is united with it',
      {
        okta: [
          { id: 'g1', name: 'A', people: [at('here')], doubt },
          { id: 'g2', name: 'B', people: [at('hire'), gone('left')] },
        ],
        mapping: map(['g1', 'Data'], ['g2', 'Data']),
        groups: [managed('s1', 'Data', ['g1'], ['here']), managed('s2', 'B', ['g2'], ['missing', 'left'])],
      },
      ['update s2 B -left', 'update s1 Data +hire'],
    ],
    [
      'creation out of what is taken apart',
      {
        okta: [
          { id: 'g1', name: 'Data', people: [at('here')] },
          { id: 'g2', name: 'B', people: [at('hire')], doubt },
        ],
        groups: [managed('s1', 'Data', ['g1', 'g2'], ['missing', 'hire'])],
      },
      ['update s1 Data +here'],
    ],
    [
      'removal of somebody who is listed where the group’s marker leads and its name no longer does',
      {
        okta: [
          { id: 'g1', name: 'Data', people: [], doubt },
          { id: 'g2', name: 'B', people: [gone('left'), at('here')] },
        ],
        groups: [managed('s1', 'Data', ['g1', 'g2'], ['here', 'left'])],
      },
      ['update s1 Data -left'],
    ],
  ])('leads to no %s', (_, world, expected) => {
    const plan = planOf({ ...data, ...world });
    expect(briefs(plan)).toEqual(expected);
    expect(
      plan.changes.filter(({ before, content }) => before?.description !== content?.description),
    ).toEqual([]);
    expect(warnings({ ...data, ...world })).not.toEqual([]);
    expect(plan.skipped).toEqual([]);
  });

  it('is left alone with what shares an Okta id with something that is skipped', () => {
    const okta = [{ id: 'g1', name: 'Data', people: [at('hire')], doubt }];
    const groups = [managed('s1', 'Data', ['g1', 'g2'], ['here'])];
    const plan = planOf({ ...data, okta, groups, unlisted: new Map([['g2', oktaGroup('g2', 'Other')]]) });
    expect([briefs(plan), plan.warnings]).toEqual([[], []]);
    expect(plan.skipped.map(({ oktaIds }) => oktaIds.join())).toEqual(['g1', 'g2']);
  });

  it('takes out in a run of events those alone whom its events name', () => {
    const waits = (...userIds: string[]) => {
      const plan = makePlan({
        ...inputOf(data),
        named: { userIds: new Set(userIds), deletedIds: new Set() },
      });
      const left = plan.warnings.filter(({ kind }) => kind === 'not-named').map(({ email }) => email);
      return [briefs(plan), left];
    };
    expect(waits('left', 'missing')).toEqual([['update s1 Data +hire -left'], []]);
    expect(waits('missing')).toEqual([['update s1 Data +hire'], [at('left')]]);
  });

  it('says since when it is so from the third night on', () => {
    const said = (nights: number) => {
      const memory = { doubtedSince: new Map([['g1', NOW - nights * DAY_MS]]) };
      return warnings({ ...data, memory }).map(({ since, message }) => [
        since,
        message.includes('since 2026'),
      ]);
    };
    expect(said(1)).toEqual([[null, false]]);
    expect(said(40 / 24 - 1e-6)).toEqual([[null, false]]);
    expect(said(40 / 24)).toEqual([[new Date(NOW - 40 * 3_600_000).toISOString(), true]]);
    expect(said(2)).toEqual([[new Date(NOW - 2 * DAY_MS).toISOString(), true]]);
    expect(warnings(data)).toEqual([
      {
        kind: 'doubted',
        message: `${doubt}: whoever is missing stays, and the group keeps its name and its marker until they agree`,
        group: 'Data',
        oktaIds: ['g1'],
        email: null,
        since: null,
      },
    ]);
  });

  it('is told by the name that the group would have where there is none', () => {
    expect(warnings({ ...data, groups: [] }).map(({ group }) => group)).toEqual(['Data']);
  });

  it('says who stays because Okta could not be asked', () => {
    const said = (why: string | null) => {
      const input = inputOf(data);
      const directory = { ...input.directory, asked: { bearers: new Map<string, Person[]>(), why } };
      return makePlan({ ...input, directory })
        .warnings.map(({ message }) => message)
        .join();
    };
    expect(said('no right')).toMatch(
      /; 2 whom Okta shows as out stay, since it cannot be asked for their addresses: no right$/,
    );
    expect(said(null)).not.toContain('stay, since');
  });

  it('leaves an approved change that came to nothing unattempted, and says why', () => {
    const whole = planOf({
      ...data,
      okta: [{ id: 'g1', name: 'Data', people: [at('here'), at('left'), at('twice')] }],
    });
    const cut = planOf({ ...data, okta: [{ id: 'g1', name: 'Data', people: [at('here')], doubt }] });
    expect(briefs(whole)).toEqual(['update s1 Data -missing']);
    const [approved] = whole.changes;
    if (approved === undefined) throw new Error('nothing is planned');
    expect(reconcile(approved, cut)).toMatchObject({
      change: null,
      agreed: false,
      reason: expect.stringContaining(doubt) as string,
    });
  });
});
