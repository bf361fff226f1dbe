import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { noteRun } from '../../lambda/archive/run-index.ts';
import { mergeMemory } from '../../lambda/archive/state-file.ts';
import { explainAccess, explainRun } from '../../lambda/commands/explain.ts';
import type { OktaGroup, Person } from '../../lambda/core/model/directory.ts';
import type { Question } from '../../lambda/core/model/request.ts';
import type { WorkspaceGroup } from '../../lambda/core/model/workspace.ts';
import type { Report } from '../../lambda/core/report/report.ts';
import type { Directory, PersonCache, Workflow, Workspace } from '../../lambda/ports.ts';
import { memoryArchive } from '../archive/lease/memory-archive.ts';
import { report } from '../aws/reports.ts';
import { handMade, managed, oktaGroup, person, rulesOf, user, type World } from '../core/world.ts';
import { ORIGIN } from '../core/requested.ts';

const ADA = person('ada@acme.com');
const DATA = oktaGroup('00g1', 'Data');
const OPS = oktaGroup('00g2', 'Ops');

interface Sides extends Omit<World, 'groups' | 'okta'> {
  /** All that Okta has. */
  readonly all?: readonly OktaGroup[];
  /** Who is in Okta, with their groups. */
  readonly persons?: readonly (readonly [Person, readonly OktaGroup[]])[];
  readonly secoda?: readonly WorkspaceGroup[];
}

const never = () => Promise.reject(new Error('nobody needs this'));
const traffic = (n: number) => ({ reads: n, writes: 0, throttled: 10 * n, retries: 100 * n });

/** Both sides in memory; `asked`: what was asked of them, in order; `atOnce`: how many of a kind at once, at most. */
function sidesOf({ all = [DATA, OPS], persons = [[ADA, [DATA]]], secoda = [], ...world }: Sides = {}) {
  const asked: string[] = [];
  const underWay: Record<string, number> = {};
  const atOnce: Record<string, number> = {};
  const answer = async <T>(question: string, value: T): Promise<T> => {
    asked.push(question);
    const [what = ''] = question.split(' ');
    underWay[what] = (underWay[what] ?? 0) + 1;
    atOnce[what] = Math.max(atOnce[what] ?? 0, underWay[what]);
    await setImmediate();
    underWay[what] -= 1;
    return value;
  };
  const directory: Directory = {
    groups: () => answer('groups', all),
    selects: (id) => answer(`selects ${id}`, true),
    ...{ group: never, chosen: never, members: never, listed: never, changedSince: never, blindTo: never },
    skewMs: () => null,
    traffic: () => traffic(1),
  };
  const people: PersonCache = {
    person: never,
    byEmail: (email) =>
      answer(
        `people ${email}`,
        persons.flatMap(([each]) => ([each.email, each.login].includes(email) ? [each] : [])),
      ),
    groupsOf: (id) => answer(`groups of ${id}`, persons.find(([each]) => each.id === id)?.[1] ?? null),
    traffic: () => traffic(2),
  };
  const workspace: Workspace = {
    users: () => answer('users', world.users ?? [user('u1', 'ada@acme.com')]),
    groups: () => answer('secoda groups', secoda),
    group: (id) => answer(`secoda ${id}`, secoda.find((each) => each.id === id) ?? null),
    traffic: () => traffic(4),
  };
  const lookup = {
    named: (text: string) =>
      answer(
        `named ${text}`,
        all.filter(({ id, name }) => id === text || name === text),
      ),
    like: () => answer('like', []),
  };
  const archive = memoryArchive();
  const input = { directory, people, workspace, lookup, rules: rulesOf(world), archive };
  const explained = (given: Partial<Question>) =>
    explainAccess({ person: null, group: null, ...given }, input);
  return { input, asked, atOnce, archive, explained };
}
const namesIn = async (sides: ReturnType<typeof sidesOf>, given: Partial<Question>) =>
  (await sides.explained(given)).groups.map(({ group }) => group.name);

describe('an explanation of a person', () => {
  it('is of each of their groups, by name, with whom both sides know', async () => {
    const sides = sidesOf({ persons: [[ADA, [OPS, DATA]]] });
    const { person: who, groups } = await sides.explained({ person: 'ada@acme.com' });
    expect(who).toEqual({
      email: 'ada@acme.com',
      okta: [ADA],
      account: { id: 'u1', email: 'ada@acme.com', active: true },
    });
    expect(groups.map(({ group }) => group.name)).toEqual(['Data', 'Ops']);
    const nobody = await sidesOf({ persons: [] }).explained({ person: 'ADA@acme.com ' });
    expect(nobody).toMatchObject({ person: { okta: [], account: { id: 'u1' } }, groups: [] });
    expect((await sidesOf({ users: [] }).explained({ person: 'ada@acme.com' })).person?.account).toBeNull();
    const hidden = sidesOf({ users: [user('u1', null)], persons: [[person(null, 'ACTIVE', 'ada'), []]] });
    expect((await hidden.explained({ person: 'ada' })).person?.account).toBeNull();
    await expect(hidden.explained({ person: 'ada@acme.com' })).rejects.toThrow(
      'neither Okta nor Secoda knows',
    );
  });

  it('is of whoever an alias makes this address of, where Okta has nobody of it', async () => {
    const aliases = new Map([['ada@acme.com', 'ada@acme.io']]);
    const sides = sidesOf({ people: { aliases }, users: [user('u1', 'ada@acme.io')] });
    expect((await sides.explained({ person: 'ada@acme.io' })).person).toMatchObject({
      okta: [{ email: 'ada@acme.com' }],
      account: { id: 'u1' },
    });
    expect(sides.asked).toContain('people ada@acme.com');
    const known = sidesOf({ people: { aliases } });
    await known.explained({ person: 'ada@acme.com' });
    expect(known.asked.filter((each) => each.startsWith('people'))).toEqual(['people ada@acme.com']);
  });

  it('takes the groups that memory knows from Secoda, each once', async () => {
    const sides = sidesOf({
      secoda: [managed('s1', 'Data', ['00g1', '00g2'], ['u1'])],
      persons: [[ADA, [DATA, OPS]]],
    });
    const known = {
      secodaId: 's1',
      oktaIds: ['00g1', '00g2'],
      asked: '',
      answered: '',
      unsettled: [],
      triedAt: 0,
    };
    await mergeMemory(sides.archive, { remember: [known], forget: [] });
    const { groups } = await sides.explained({ person: 'ada@acme.com' });
    expect(groups.map(({ member }) => member)).toEqual([true, true]);
    expect(sides.asked.filter((each) => each.startsWith('secoda'))).toEqual(['secoda s1']);
  });

  it('knows the last run over everything that could write', async () => {
    const sides = sidesOf({ users: [] });
    const note = async (n: number, given: Partial<Report>) => {
      const waiting = { email: 'ada@acme.com', groups: ['Data'], reason: 'no-account' as const, runs: n };
      const startedAt = `2026-01-${String(n).padStart(2, '0')}T02:00:00.000Z`;
      const run = report({
        runId: `202601${String(n).padStart(2, '0')}T020000Z-abcd`,
        startedAt,
        unmatched: [{ ...waiting, since: startedAt }],
        ...given,
      });
      sides.archive.texts.set(`${run.runId}/report.json`, JSON.stringify(run));
      await noteRun(sides.archive, run);
    };
    const story = async () =>
      (await sides.explained({ person: 'ada@acme.com' })).groups[0]?.steps.at(-1)?.text;
    expect(await story()).toBe('nobody in Secoda has ada@acme.com');
    await note(1, {});
    await note(2, {});
    await note(3, { mode: 'plan' });
    await note(4, { request: { ...report().request, groups: ['Data'] } });
    expect(await story()).toBe('nobody in Secoda has ada@acme.com; unmatched since 2026-01-02, 2 runs');
    await expect(sides.explained({ person: 'adda@acme.com' })).rejects.toThrow(
      'did you mean "ada@acme.com"?',
    );
  });
});

it('an explanation asks four things at a time of either side, and no more', async () => {
  const numbers = Array.from({ length: 9 }, (_, n) => n);
  const all = numbers.map((n) => oktaGroup(`00g${n}`, `Group ${n}`));
  const aliases = new Map(numbers.map((n) => [`ada${n}@acme.com`, 'ada@acme.io']));
  const persons = numbers.map((n) => [person(`ada${n}@acme.com`), all] as const);
  const sides = sidesOf({ all, persons, people: { aliases }, secoda: [] });
  const known = numbers.map((n) => ({
    ...{ secodaId: `s${n}`, oktaIds: [`00g${n}`], asked: '', answered: '', unsettled: [], triedAt: 0 },
  }));
  await mergeMemory(sides.archive, { remember: known, forget: [] });
  const { groups } = await sides.explained({ person: 'ada@acme.io' });
  expect(groups).toHaveLength(9);
  expect(sides.atOnce).toEqual({ users: 1, people: 4, groups: 4, selects: 4, secoda: 4 });
});

describe('an explanation of a group', () => {
  it.each<[string, string, Sides, string[], string[]]>([
    ['one of the person’s', 'Data', {}, ['Data'], []],
    [
      'by the name that a rule makes of one of the person’s',
      'Analytics',
      { mapping: { map: new Map([['Data', 'Analytics']]) } },
      ['Analytics'],
      [],
    ],
    ['one of Okta, by name', 'Ops', {}, ['Ops'], ['named Ops']],
    ['one of Okta, by id', '00g2', {}, ['Ops'], ['named 00g2']],
    [
      'by the name that the map has',
      'BI',
      {
        mapping: {
          map: new Map([
            ['Ops', 'BI'],
            ['Data', 'Other'],
          ]),
        },
      },
      ['BI'],
      ['named BI', 'named Ops'],
    ],
    [
      'by the name that a rule makes',
      'Team Ops',
      { mapping: { rename: [{ match: '^Ops$', to: 'Team Ops' }] } },
      ['Team Ops'],
      ['named Team Ops', 'groups', 'secoda groups'],
    ],
    [
      'by the name of a managed group',
      'Old name',
      { secoda: [managed('s1', 'Old name', ['00g2'])] },
      ['Ops'],
      ['named Old name', 'groups', 'secoda groups', 'named 00g2'],
    ],
  ])('takes %s, and asks no more than it needs', async (_, group, given, names, more) => {
    const sides = sidesOf(given);
    expect(await namesIn(sides, { person: 'ada@acme.com', group })).toEqual(names);
    const first = ['users', 'people ada@acme.com', `groups of ${ADA.id}`];
    expect(sides.asked.filter((each) => !each.startsWith('selects'))).toEqual([...first, ...more]);
  });

  it('tells of a managed group whose Okta groups are gone, and of none that another sync manages', async () => {
    const secoda = [
      managed('s1', 'Gone', ['00g8']),
      managed('s2', 'Half', ['00g2', '00g9']),
      managed('s3', 'Theirs', ['00g7'], [], 'emea'),
    ];
    for (const group of ['Gone', 's1', '00g8'])
      expect(await namesIn(sidesOf({ secoda }), { group })).toEqual(['Gone']);
    expect(await namesIn(sidesOf({ secoda }), { group: 'Half' })).toEqual(['Ops']);
    for (const group of ['Theirs', 's3'])
      await expect(sidesOf({ secoda }).explained({ group })).rejects.toThrow(
        `--group "${group}": no Okta group has this id or name, and none goes by it in Secoda; Secoda has a group of it that this sync does not manage`,
      );
    await expect(sidesOf({ secoda }).explained({ group: '00g7' })).rejects.toThrow(/goes by it in Secoda$/);
  });

  it('names what was probably meant, of both sides and of the map', async () => {
    const given = {
      secoda: [managed('s1', 'Finance', ['00g8']), handMade('s2', 'Marketing')],
      mapping: { map: new Map([['X', 'Logistics']]) },
    };
    const meant = async (group: string) => sidesOf(given).explained({ group }).then(String, String);
    expect(await meant('Dara')).toContain('did you mean "Data"?');
    expect(await meant('Finanse')).toContain('did you mean "Finance"?');
    expect(await meant('Logistic')).toContain('did you mean "Logistics"?');
    expect(await meant('Marketin')).not.toContain('did you mean');
  });
});

describe('a run that explains', () => {
  const workflow: Workflow = {
    step: (_, work) => work(),
    wait: () => Promise.resolve(),
    rest: () => Promise.resolve(),
  };

  async function ran(sides: ReturnType<typeof sidesOf>, question: Question) {
    const { archive, rules, directory, people, workspace, lookup } = sides.input;
    let now = 1_000;
    const clock = { now: () => (now += 500), sleep: never };
    const listen = () => undefined;
    const told: Report[] = [];
    const end = await explainRun(
      'r1',
      question,
      lookup,
      {
        ...{ archive, rules, workflow, sources: { directory, people, workspace, clock, listen } },
        origin: { ...ORIGIN, version: '1.0.0', config: 'c0ffee' },
      },
      (each) => Promise.resolve(void told.push(each)),
    );
    const written: unknown = JSON.parse(sides.archive.texts.get('r1/report.json') ?? '');
    expect(told).toEqual([written]);
    return { end, written };
  }

  it('ends as planned, with what it asked of both sides', async () => {
    const { end, written } = await ran(sidesOf(), { person: 'ada@acme.com', group: 'Data' });
    expect(end).toEqual({ status: 'planned', failure: null });
    expect(written).toMatchObject({
      mode: 'explain',
      status: 'planned',
      error: null,
      request: { groups: ['Data'], full: false, dryRun: true, approve: null },
      requests: {
        okta: { reads: 3, throttled: 30, retries: 300 },
        secoda: { reads: 4, writes: 0, throttled: 40, retries: 400 },
      },
      durationMs: 500,
      explanation: { person: { email: 'ada@acme.com' } },
    });
    const all = await ran(sidesOf(), { person: 'ada@acme.com', group: null });
    expect(all.written).toMatchObject({ request: { groups: [] } });
  });

  it('answers a mistaken question, and fails where a side cannot be read', async () => {
    const mistaken = await ran(sidesOf(), { person: null, group: 'Nobody' });
    expect(mistaken.end).toEqual({ status: 'planned', failure: null });
    expect(mistaken.written).toMatchObject({
      status: 'planned',
      explanation: null,
      error: expect.stringContaining('--group "Nobody"') as unknown,
    });
    const sides = sidesOf();
    sides.input.workspace.users = () => Promise.reject(new Error('no answer'));
    const broken = await ran(sides, { person: 'ada@acme.com', group: null });
    expect(broken.end).toMatchObject({ status: 'failed', failure: { message: 'no answer' } });
    expect(broken.written).toMatchObject({ status: 'failed', error: 'no answer' });
  });
});
