import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../lambda/core/report/explanation.ts';
import { type Scenario, scenario } from './scenario.ts';

/** One Okta group, `Analytics EMEA`, that maps to `Analytics`, with Ada in it and an account of hers. */
async function withAda(config: object = {}) {
  const stand = await scenario();
  const ada = stand.okta.state.addUser({ email: 'ada@acme.com' });
  const account = stand.secoda.state.addUser({ email: 'ada@acme.com' });
  const group = stand.okta.state.addGroup({ name: 'Analytics EMEA', members: [ada] });
  const groups = { map: { 'Analytics EMEA': 'Analytics' } };
  const configure = (more: object) =>
    stand.configure({
      groups: { ...groups, ...('groups' in more ? (more.groups as object) : {}) },
      ...('users' in more ? { users: more.users } : {}),
      ...('guard' in more ? { guard: more.guard } : {}),
    });
  await configure(config);
  return { stand, ada, account, group, configure };
}

async function asked(stand: Scenario, ...args: string[]): Promise<Explanation> {
  const { code, stdout, stderr } = await stand.sync('explain', ...args, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Explanation;
}

/** What decides about the only group. */
async function decided(stand: Scenario, ...args: string[]) {
  const { groups } = await asked(stand, ...args);
  expect(groups).toHaveLength(1);
  const [only] = groups;
  return [only?.decidedBy, only?.member, only?.wanted, only?.fix];
}

describe('explain', () => {
  it('follows a person from Okta to a group that the next run makes, and that has them then', async () => {
    const { stand } = await withAda();
    expect(await decided(stand, 'ada@acme.com')).toEqual(['nothing', false, true, null]);
    await stand.report('apply');
    const { person, groups } = await asked(stand, 'ada@acme.com');
    expect(person).toMatchObject({
      email: 'ada@acme.com',
      okta: [{ status: 'ACTIVE' }],
      account: { email: 'ada@acme.com' },
    });
    expect(groups).toMatchObject([
      { group: { name: 'Analytics' }, member: true, wanted: true, decidedBy: 'nothing' },
    ]);
    expect(groups[0]?.steps.map(({ step, ok }) => [step, ok])).toEqual(
      ['okta', 'membership', 'scope', 'mapping', 'account', 'nothing'].map((step) => [step, true]),
    );
  });

  it.each<[string, (world: Awaited<ReturnType<typeof withAda>>) => unknown, unknown[]]>([
    [
      'a status',
      ({ stand, ada }) => stand.okta.state.setStatus(ada, 'SUSPENDED'),
      ['status', true, false, expect.stringContaining('activate them in Okta')],
    ],
    [
      'a status that is protected',
      async ({ stand, ada, configure }) => {
        stand.okta.state.setStatus(ada, 'SUSPENDED');
        await configure({ users: { protect: ['ada@acme.com'] } });
      },
      ['protect', true, false, expect.stringContaining('activate them in Okta')],
    ],
    [
      'include and exclude',
      ({ configure }) => configure({ groups: { exclude: ['Analytics *'] } }),
      ['scope', true, false, expect.stringContaining('groups.include')],
    ],
    [
      'no account',
      ({ stand, account }) => stand.secoda.state.users.delete(account.id),
      ['account', false, false, expect.stringContaining('invite them in Secoda')],
    ],
    [
      'two accounts',
      ({ stand }) => stand.secoda.state.addUser({ email: 'ADA@acme.com' }),
      ['account', false, false, expect.stringContaining('spare accounts')],
    ],
  ])('names what decides: %s', async (_, change, expected) => {
    const world = await withAda();
    await world.stand.report('apply');
    await change(world);
    expect(await decided(world.stand, 'ada@acme.com')).toEqual(expected);
  });

  it('says who is unmatched since when, and which account may be theirs', async () => {
    const { stand, account } = await withAda();
    stand.secoda.state.users.delete(account.id);
    stand.secoda.state.addUser({ email: 'ada@acme.io' });
    const { runId } = await stand.report('apply');
    const { stdout } = await stand.sync('explain', 'ada@acme.com');
    expect(stdout).toMatch(
      /✗ account +nobody in Secoda has ada@acme\.com; unmatched since 2026-01-01, 1 run$/m,
    );
    await writeFile(join(stand.runs, runId, 'report.json'), '{');
    const without = await stand.sync('explain', 'ada@acme.com');
    expect(without.stdout).toMatch(/✗ account +nobody in Secoda has ada@acme\.com$/m);
    expect(stdout).toContain(
      "→ invite them in Secoda, or add users.aliases: { 'ada@acme.com': 'ada@acme.io' }: an account of that name exists",
    );
  });

  it('tells who is not in Okta, not in a group that is asked about, and that a group is frozen or was left alone', async () => {
    const { stand, configure } = await withAda({ groups: { frozen: ['Analytics'] } });
    stand.okta.state.addGroup({ name: 'Sales' });
    const account = stand.secoda.state.addUser({ email: 'bob@acme.com' });
    expect((await stand.sync('explain', 'BOB@acme.com')).stdout).toContain(
      `nobody in Okta has this e-mail or login; Secoda has the account ${account.id}`,
    );
    expect(await decided(stand, 'bob@acme.com', '--group', 'Sales')).toEqual([
      'okta',
      false,
      false,
      expect.stringContaining('written in Okta'),
    ]);
    expect(await decided(stand, 'ada@acme.com', '--group', 'Sales')).toEqual([
      'membership',
      false,
      false,
      'add them to "Sales" in Okta',
    ]);
    expect(await decided(stand, 'ada@acme.com', '--group', 'Analytics')).toEqual([
      'frozen',
      false,
      true,
      expect.stringContaining('groups.frozen'),
    ]);
    await configure({});
    stand.secoda.state.addGroup({ name: 'Analytics' });
    stand.secoda.state.addGroup({ name: 'Analytics ' });
    await stand.report('apply');
    expect(await decided(stand, 'ada@acme.com')).toEqual([
      'skipped',
      false,
      true,
      expect.stringContaining('rename or delete'),
    ]);
  });

  it('says that neither side knows an address, with the nearest that one does, and takes either side of an alias', async () => {
    const { stand } = await withAda({ users: { aliases: { '*@acme.com': '*@acme.io' } } });
    stand.secoda.state.addUser({ email: 'ada@acme.io' });
    for (const args of [['adda@acme.io'], ['adda@acme.io', '--group', 'Analytics']])
      expect(await stand.sync('explain', ...args)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining(
          'neither Okta nor Secoda knows "adda@acme.io"; did you mean "ada@acme.io"?',
        ) as unknown,
      });
    expect((await stand.sync('explain', 'nobody@acme.io')).stderr).not.toContain('did you mean');
    expect(await decided(stand, 'ada@acme.io')).toEqual(['nothing', false, true, null]);
  });

  it('names the group that a mistyped name may mean: of Okta, of the person, or one that groups.map makes', async () => {
    const { stand } = await withAda();
    stand.okta.state.addGroup({ name: 'Sales' });
    for (const [args, meant] of [
      [['--group', 'Salse'], 'Sales'],
      [['--group', 'analitics'], 'Analytics'],
      [['ada@acme.com', '--group', 'Anlytics EMEA'], 'Analytics EMEA'],
    ] as const) {
      const { code, stderr } = await stand.sync('explain', ...args);
      expect(code).toBe(2);
      expect(stderr).toContain(`no Okta group has this id or name`);
      expect(stderr).toContain(`did you mean "${meant}"?`);
    }
    expect((await stand.sync('explain', '--group', 'Nothing')).stderr).not.toContain('did you mean');
  });

  it('says that the guard kept the last run from it, whose rule that was, and how it is approved', async () => {
    const { stand, configure } = await withAda();
    const gone = stand.okta.state.addGroup({ name: 'Gone' });
    await stand.report('apply');
    const bob = stand.okta.state.addUser({ email: 'bob@acme.com' });
    stand.secoda.state.addUser({ email: 'bob@acme.com' });
    stand.okta.state.join(bob, stand.okta.state.group('Analytics EMEA'));
    stand.okta.state.removeGroup(gone);
    for (const overLimit of ['refuse', 'hold']) {
      await configure({
        guard: {
          groupDeletions: { max: 0, percent: 0 },
          additionsPerGroup: { max: 0, percent: 0 },
          overLimit,
        },
      });
      expect((await stand.report('apply')).status).toBe(overLimit === 'refuse' ? 'refused' : 'held');
      const { groups } = await asked(stand, 'bob@acme.com');
      expect(groups).toMatchObject([{ decidedBy: 'guard', member: false, wanted: true }]);
      expect(groups[0]?.steps.at(-1)?.text).toContain('the guard kept the last run from it (');
      expect(groups[0]?.fix).toBe('npm run sync -- show last, and approve it if it is meant');
    }
  });

  it('takes the name that a rename rule gives one of the person’s groups', async () => {
    const { stand } = await withAda();
    await stand.configure({ groups: { rename: [{ match: '^Analytics (.+)$', to: 'BI $1' }] } });
    expect(await decided(stand, 'ada@acme.com', '--group', 'BI EMEA')).toEqual([
      'nothing',
      false,
      true,
      null,
    ]);
    expect(await decided(stand, '--group', 'BI EMEA')).toEqual(['nothing', false, true, null]);
    expect((await stand.sync('explain', '--group', 'BI EMAE')).stderr).toContain('did you mean "BI EMEA"?');
  });

  it('tells what becomes of a managed group whose Okta group is gone, by its name or an id of either side', async () => {
    const { stand, group } = await withAda({ groups: { whenGone: 'keep' } });
    await stand.report('apply');
    stand.okta.state.removeGroup(group);
    const [mirror] = stand.secoda.state.groups.values();
    for (const named of ['Analytics', group.id, mirror?.id ?? '']) {
      const { groups } = await asked(stand, 'ada@acme.com', '--group', named);
      expect(groups).toMatchObject([
        {
          group: { name: 'Analytics', oktaIds: [group.id] },
          member: true,
          wanted: false,
          decidedBy: 'scope',
        },
      ]);
      expect(groups[0]?.steps.at(-1)?.text).toContain(
        "the next full run keeps it, since groups.whenGone is 'keep'",
      );
    }
    stand.secoda.state.addGroup({ name: 'By hand' });
    expect((await stand.sync('explain', '--group', 'By hand')).stderr).toContain(
      'Secoda has a group of it that this sync does not manage',
    );
  });

  it('tells what becomes of the Secoda group of an Okta group that the configuration leaves out', async () => {
    const { stand, configure } = await withAda();
    await stand.report('apply');
    await configure({ groups: { exclude: ['Analytics *'] } });
    expect((await stand.sync('explain', '--group', 'Analytics')).stdout).toMatch(
      /✗ scope .*groups\.exclude.*\n.*✓ result .*"Analytics".*the next full run deletes it/,
    );
  });

  it('tells how a group stands', async () => {
    const { stand, configure } = await withAda();
    await stand.report('apply');
    const [group] = stand.secoda.state.groups.values();
    group?.users.clear();
    await configure({ groups: { map: { 'Analytics EMEA': 'Analytics' } } });
    expect(await decided(stand, '--group', 'Analytics EMEA')).toEqual(['nothing', false, true, null]);
    expect((await stand.sync('explain', '--group', 'Analytics')).stdout).toContain('mirrored by "Analytics"');
  });

  it('asks for a few things however large the org is', async () => {
    const { stand } = await withAda();
    await stand.report('apply');
    const count = async () => {
      const before = stand.okta.requests.length + stand.secoda.requests.length;
      await asked(stand, 'ada@acme.com');
      return stand.okta.requests.length + stand.secoda.requests.length - before;
    };
    const small = await count();
    expect(small).toBeLessThanOrEqual(1 + 8 + 2);
    for (let n = 0; n < 500; n++) stand.okta.state.addGroup({ name: `Group ${n}` });
    expect(await count()).toBe(small);
  });
});
